"""Which versions met where users are routed: callers with the library count it, and the report says who did."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.builders import NOON, a_plan, a_target
from tests.unit.routing_calls import Cloud, item, router
from tidegate.domain.analysis.exposure import Edge, Exposure, count_meetings, edge_name, edges, observed
from tidegate.domain.analysis.user_lines import MetLine, met_line, user_line
from tidegate.domain.ledger_items import BY_USER, RECORD, event_key, numbered_key, shift_key
from tidegate.domain.plan import ReleasePlan
from tidegate.domain.routing import STABLE, Routing
from tidegate.domain.schedule import HOUR, MINUTE
from tidegate.report.document import document
from tidegate.report.load import load
from tidegate.report.markdown import markdown
from tidegate.report.model import Report
from tidegate.report.page import page
from tidegate.report.words import NOTHING

RELEASE = "rel-1"
CLOCK = 1_000_000 * MINUTE
FIELDS = {"release": RELEASE, "function": "orders", "caller": "shop-api", "version": "42", "met": {"42": 3, "43": 1}}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [float(CLOCK)]
    monkeypatch.setattr(time, "time", lambda: now[0])
    return now


@pytest.fixture(autouse=True)
def in_lambda(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "shop-api")
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_VERSION", "42")


class Calls:
    """Calls of a caller with the library, each answered by the version that is `answering`."""

    def __init__(self, status: int = 200, **document: Any) -> None:
        self.answering = "43"
        cloud = Cloud(lambda: {"X-Amz-Executed-Version": self.answering}, status=status)
        self._router = router({"orders": item(**document)})
        self._client = self._router.instrument(cloud.client(), "orders")

    def make(self, *answering: str, **call: Any) -> None:
        for self.answering in answering:
            with self._router.serving("ana"):
                self._client.invoke(**{"FunctionName": "orders", **call})


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    found = [json.loads(line)["tidegate"] for line in capsys.readouterr().out.splitlines()]
    return [each for each in found if "met" in each]


def test_a_caller_writes_once_a_minute_which_versions_answered(
    clock: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    calls = Calls()
    calls.make("43", "43", "42", "43")
    assert lines(capsys) == [{**FIELDS, "met": {"43": 1}}], "a rare call is not kept for long"
    clock[0] += MINUTE
    calls.make("42", "42")
    assert lines(capsys) == [{**FIELDS, "met": {"43": 2, "42": 2}}]


@pytest.mark.parametrize("missing", ["AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_VERSION"])
def test_a_caller_outside_lambda_has_no_version_to_write(
    missing: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(missing)
    Calls().make("43")
    assert lines(capsys) == []


@pytest.mark.parametrize(
    "given",
    [{"release": ""}, {"status": 202}, {"closed": True}, {"closed": True, "updated": "never"}],
    ids=["no release", "asynchronous", "long ago", "malformed"],
)
def test_calls_of_no_release_and_those_without_an_answer_are_not_counted(
    given: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    Calls(**given).make("43")
    assert lines(capsys) == []


def test_a_wave_that_is_promoted_still_counts_while_others_go_on(
    clock: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    calls = Calls(closed=True, updated=CLOCK, percent=0)
    calls.make("43")
    clock[0] += 11 * HOUR
    calls.make("43")
    assert [each["met"] for each in lines(capsys)] == [{"43": 1}, {"43": 1}]
    clock[0] += 2 * HOUR
    calls.make("43")
    assert lines(capsys) == []


def read(**changed: Any) -> MetLine | None:
    return met_line(json.dumps({"tidegate": {**FIELDS, **changed}}), NOON, RELEASE)


def test_the_line_is_read_and_is_none_of_a_user() -> None:
    """A Tidegate that does not know these lines takes them for malformed ones of users."""
    assert read() == MetLine(NOON, "shop-api", "42", "orders", {"42": 3, "43": 1})
    assert user_line(json.dumps({"tidegate": FIELDS}), NOON, RELEASE) is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("release", "rel-0"),
        ("caller", 7),
        ("version", None),
        ("function", ["orders"]),
        ("met", [1]),
        ("met", {"42": "3"}),
    ],
)
def test_what_is_malformed_is_no_line(field: str, value: Any) -> None:
    assert read(**{field: value}) is None


def test_counts_that_are_none_are_left_out() -> None:
    found = read(met={"42": 3, "43": -1, "44": True, "45": 0.5})
    assert found
    assert found.met == {"42": 3}


def test_a_count_that_no_process_reaches_is_left_out() -> None:
    """DynamoDB takes no number of more than 38 digits: one forged line would cost the users of the same tick."""
    found = read(met={"42": 3, "43": 10**40})
    assert found
    assert found.met == {"42": 3}


def plan(**routing: Any) -> ReleasePlan:
    producer = a_target("producer", channel=STABLE, calls=("consumer:live",))
    return a_plan(producer, a_target("consumer", channel=STABLE), routing=Routing("a-salt", **routing))


def an_edge() -> Edge:
    (edge,) = edges(plan().targets)
    return edge


def line(version: str, at: int = NOON, caller: str = "producer", **met: int) -> MetLine:
    return MetLine(at, caller, version, "consumer", {name.removeprefix("v"): calls for name, calls in met.items()})


def test_calls_are_counted_by_the_versions_of_both_ends() -> None:
    given = [line("42", v42=90, v43=4), line("43", v42=1, v43=5), line("42", NOON + MINUTE, v43=6)]
    others = [line("$LATEST", v42=7), line("41", v42=7), line("42", v41=7), line("42", caller="another", v42=7)]
    found = count_meetings([*given, *others], [an_edge()])
    assert found == {edge_name(an_edge()): [[NOON, 90, 4, 1, 5], [NOON + MINUTE, 0, 6, 0, 0]]}
    met = observed(an_edge(), found[edge_name(an_edge())])
    assert (met.basis, met.calls, met.old_new, met.new_old) == ("counted", 106, 10 / 106, 1 / 106)


def test_lines_that_are_read_again_count_once() -> None:
    """A tick reads the last two minutes again: the first of them in part, the others whole or with late lines."""
    whole = [[NOON, 90, 4, 1, 5], [NOON + MINUTE, 10, 0, 0, 0]]
    again = [[NOON, 50, 4, 0, 5], [NOON + MINUTE, 10, 2, 0, 0]]
    expected = Exposure("producer:live", "consumer:live", 112, 6 / 112, 1 / 112, "counted")
    assert observed(an_edge(), [*whole, *again]) == observed(an_edge(), [*again, *whole]) == expected


@pytest.mark.parametrize(
    ("mixed", "calls", "low", "high"), [(0, 100, 0.0, 0.0370), (5, 100, 0.0215, 0.1118), (100, 100, 0.9630, 1.0)]
)
def test_the_interval_is_wilson_s(mixed: int, calls: int, low: float, high: float) -> None:
    found = observed(an_edge(), [[NOON, calls - mixed, mixed, 0, 0]])
    assert found.interval == pytest.approx((low, high), abs=1e-4)


def report(*rows: Any) -> Report:
    planned = plan()
    record = {"sk": RECORD, "started": NOON, "plan": planned.document(), "labels": {}, "ended": "released"}
    kept = {"sk": numbered_key(BY_USER, NOON, 0), "at": NOON, "rows": {edge_name(an_edge()): rows}}

    def items() -> Iterator[dict[str, Any]]:
        yield {**record, "ended_at": NOON + 3 * MINUTE, "execution": "", "status": "promoted"}
        yield {"sk": shift_key(0), "at": NOON, "until": NOON + 2, "weight": 20, "summary": ""}
        yield {"sk": event_key(NOON + 2 * MINUTE, "judged"), "kind": "judged", "at": NOON + 2 * MINUTE}
        yield from [kept] if rows else []

    return load("orders-7", items(), now=NOON + HOUR)


def test_the_report_shows_what_callers_counted() -> None:
    found = report([NOON, 90, 4, 0, 6])
    (shown,) = document(found)["exposures"]
    assert (shown["basis"], shown["calls"], shown["share"]) == ("counted", 100, 0.04)
    assert shown["interval"] == pytest.approx([0.0157, 0.0984], abs=1e-4)
    row = "| producer:live → consumer:live | 4 % (1.57 % to 9.84 %) | 4 % | 0 % | 100 | counted by the caller |"
    assert row in markdown(found)
    assert "4 % (1.57 % to 9.84 %)" in page(found)


def test_without_lines_the_report_says_that_it_is_not_known() -> None:
    """The product of both shares would be far from it: a user meets both new versions, or none."""
    found = report()
    (shown,) = document(found)["exposures"]
    assert (shown["basis"], shown["share"], shown["old_new"], shown["new_old"]) == ("unknown", None, None, None)
    nothing = " | ".join([NOTHING] * 4)
    assert f"| producer:live → consumer:live | {nothing} | not known: no lines of the caller |" in markdown(found)
    assert "not known: no lines of the caller" in page(found)
