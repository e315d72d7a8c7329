"""Errors of a version, from the lines of its log."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.builders import NOON, a_plan, a_target
from tests.reading import functions
from tidegate.aws import clients
from tidegate.aws.cloudwatch import explaining, logs
from tidegate.aws.ledger import table
from tidegate.aws.ledger.records import Release
from tidegate.domain.comparing.evidence import Shift
from tidegate.domain.comparing.explanation import LogLine, SeenError, distinct_errors

ONE, TWO = "0d1b2a3c-0000-4000-8000-000000000001", "0d1b2a3c-0000-4000-8000-000000000002"


def errors(*texts: str, stream: str = "a") -> tuple[SeenError, ...]:
    return distinct_errors([LogLine(stream, text) for text in texts])


def report(request: str, status: str) -> str:
    return f"REPORT RequestId: {request}\tDuration: 2.00 ms\tBilled Duration: 3 ms\tMemory Size: 128 MB\t{status}\n"


def test_python_names_the_error_and_its_report_the_request() -> None:
    found = errors("[ERROR] KeyError: 'a secret'\rTraceback …", report(ONE, "Status: error\tError Type: KeyError"))
    assert found == (SeenError("KeyError", 1, ONE),)


def test_where_no_report_tells_the_request_the_error_is_counted_all_the_same() -> None:
    assert errors("[ERROR] KeyError: 'a'", "[ERROR] KeyError: 'b'") == (SeenError("KeyError", 2, None),)


def test_streams_are_not_mixed_up() -> None:
    lines = [
        LogLine("a", "[ERROR] KeyError: 'a'"),
        LogLine("b", "[ERROR] ValueError: b"),
        LogLine("b", report(TWO, "Status: error\tError Type: Runtime.Unknown")),
        LogLine("a", report(ONE, "Status: error\tError Type: Runtime.Unknown")),
    ]
    assert set(distinct_errors(lines)) == {SeenError("KeyError", 1, ONE), SeenError("ValueError", 1, TWO)}


def test_node_tells_all_in_a_line() -> None:
    line = f'2026-11-24T10:00:00.000Z\t{ONE}\tERROR\tInvoke Error \t{{"errorType":"TypeError","errorMessage":"no"}}'
    assert errors(line) == (SeenError("TypeError", 1, ONE),)


def test_a_time_out_is_counted_once_though_two_lines_tell_it() -> None:
    found = errors(f"2026-11-24T10:00:00.000Z {ONE} Task timed out after 3.00 seconds", report(ONE, "Status: timeout"))
    assert found == (SeenError("Task timed out", 1, ONE),)


def test_json_logs_are_read_too() -> None:
    own = {"level": "ERROR", "errorType": "KeyError", "errorMessage": "a secret", "requestId": ONE}
    platform = {"type": "platform.report", "record": {"requestId": ONE, "status": "error"}}
    late = {"type": "platform.report", "record": {"requestId": TWO, "status": "timeout"}}
    fine = {"type": "platform.report", "record": {"requestId": "3", "status": "success"}}
    found = errors(*(json.dumps(each) for each in (own, platform, late, fine)))
    assert found == (SeenError("KeyError", 1, ONE), SeenError("Task timed out", 1, TWO))


@pytest.mark.parametrize(
    "text",
    ["{not json", "[]", '{"errorType": 7}', '{"errorType": "has spaces in it"}', "[ERROR] a message", report(ONE, "")],
)
def test_what_is_no_error_of_a_known_form_is_left_out(text: str) -> None:
    assert errors(text) == ()


def test_the_most_frequent_three_are_told() -> None:
    texts = [f"[ERROR] {kind}Error: x" for kind in ("A", "B", "B", "C", "C", "C", "D", "D", "D", "D")]
    assert [(each.type, each.count) for each in errors(*texts)] == [("DError", 4), ("CError", 3), ("BError", 2)]


class Logs:
    """Answers one page a stream prefix; `asked` are the calls."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def get_paginator(self, _name: str) -> "Logs":
        return self

    def paginate(self, **asked: Any) -> Iterator[Any]:
        self.asked.append(asked)
        text = "[ERROR] KeyError: 'a secret'"
        yield {"events": [{"logStreamName": f"{asked['logStreamNamePrefix']}a", "message": text}]}


def test_only_streams_of_the_version_are_read_from_the_day_before_on(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = Logs()
    monkeypatch.setattr(logs, "logs_client", lambda: ours)
    logs.error_lines("/aws/lambda/checkout", "43", NOON, NOON + 60)
    assert [each["logStreamNamePrefix"] for each in ours.asked] == ["2027/01/14/[43]", "2027/01/15/[43]"]
    assert (ours.asked[0]["startTime"], ours.asked[0]["endTime"]) == (NOON * 1000, (NOON + 60) * 1000)


def test_a_verdict_does_not_wait_long_for_its_explanation(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = Logs()
    monkeypatch.setattr(logs, "logs_client", lambda: ours)
    monkeypatch.setattr(logs, "SECONDS", -1.0)
    assert len(logs.error_lines("/aws/lambda/checkout", "43", NOON, NOON + 60)) == 1


def test_logs_that_do_not_answer_leave_compare_the_time_to_answer_itself() -> None:
    """Otherwise it would be cut off, and its verdict be told nowhere."""
    waits: Any = clients.SEARCHING
    one_call = waits.retries["total_max_attempts"] * (waits.connect_timeout + waits.read_timeout) + 1
    longest = explaining.EXPLAINED * (logs.SECONDS + one_call)
    assert longest <= 0.75 * functions()["CompareFunction"]["Timeout"]


def test_an_explanation_tells_types_and_links_and_no_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "logs_client", Logs)
    monkeypatch.setattr(table, "get", lambda *_: {"log_group": "shop"})
    release = Release("r", "execution", "running", NOON, {}, a_plan(), (Shift(NOON, 10, NOON + 1),))
    found = explaining.explain(release, [a_target()], NOON + 60)
    assert [(each["type"], each["count"], each["request_id"]) for each in found] == [("KeyError", 2, None)]
    assert "log-group/shop/" in found[0]["link"]
    said = explaining.told(found)
    assert said.startswith(" The log has KeyError 2 times in checkout:live (https://")
    assert "secret" not in said
    assert explaining.told([]) == ""
