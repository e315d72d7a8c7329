"""Pieces of the command that need no cloud: names, endings, patience, lines, what a CI system is told."""

import re
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import click
import pytest
from botocore.exceptions import EndpointConnectionError

from tests.builders import NOON, a_plan
from tests.failing import refused
from tidegate.domain.events.form import Milestone
from tidegate.domain.events.milestone import Judged
from tidegate.domain.execution import LONGEST_NAME
from tidegate.domain.ledger_items import ReleaseItems
from tidegate_cli import naming, retrying, time_at_aws
from tidegate_cli.ci import JobSummary, ci_for, labels_of_run, summary
from tidegate_cli.ending import Ending, ending_of
from tidegate_cli.follow import compressed
from tidegate_cli.naming import Build, digest, is_of, key_of_now, key_of_run, release_name
from tidegate_cli.option_types import Seconds
from tidegate_cli.outcome import Outcome
from tidegate_cli.release_state import ExecutionState, Sight
from tidegate_cli.retrying import SightLost, patiently
from tidegate_cli.views.lines import Lines, elapsed

ONE = Build("checkout", "live", "code", "config")
TWO = Build("basket", "live", "code", "config")


def test_the_same_code_in_any_order_has_the_same_digest_and_other_code_another() -> None:
    assert digest([ONE, TWO]) == digest([TWO, ONE])
    others = [ONE._replace(**{field: "other"}) for field in ONE._fields]
    assert len({digest([each]) for each in [ONE, *others]}) == 1 + len(others)


def test_a_name_says_what_is_released_and_by_which_run() -> None:
    assert release_name([ONE], "1234-1") == f"checkout-live-{digest([ONE])}-1234-1"
    assert release_name([ONE, TWO], "k").startswith("basket-live-and-1-")
    assert is_of(release_name([ONE], "k"), [ONE])
    assert not is_of(release_name([ONE], "k"), [TWO])


def test_every_name_is_one_whose_execution_cloudwatch_logs_takes() -> None:
    keys = ["1.2.3", "1-2-3", "1.2-3", key_of_now()]
    names = [release_name([ONE, TWO], key) for key in keys]
    assert len({*names}) == len(keys)
    assert all(re.fullmatch(r"[0-9A-Za-z_-]{1,80}", name) for name in names)


def test_a_long_name_is_cut_where_it_is_only_read() -> None:
    name = release_name([ONE._replace(function="f" * 64, alias="a" * 64)], "k" * 40)
    assert len(name) == LONGEST_NAME
    assert name.endswith("-" + "k" * 40)


def test_the_key_of_a_run_is_that_of_its_ci_job() -> None:
    assert key_of_run({"GITHUB_RUN_ID": "7", "GITHUB_RUN_ATTEMPT": "2"}) == "7-2"
    assert key_of_run({"CI_PIPELINE_ID": "5", "CI_JOB_ID": "6"}) == "5-6"
    assert key_of_run({"GITHUB_RUN_ID": "7"}) is None


def test_the_key_of_a_run_outside_of_ci_is_its_millisecond_in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = datetime(2026, 11, 30, 14, 5, 6, 7_000, UTC)
    monkeypatch.setattr(time_at_aws, "now", moment.timestamp)
    assert key_of_now() == "20261130T140506-007"
    naming.check_key(key_of_now())


def record(**fields: Any) -> dict[str, Any]:
    return {"sk": "record", "started": NOON, "status": "running", "labels": {}, "plan": a_plan().document(), **fields}


def ended(execution: ExecutionState | None, *items: dict[str, Any]) -> tuple[str, str | None] | None:
    """Give the outcome's word, and the version that serves."""
    ending = ending_of(Sight("r", execution, ReleaseItems(items)))
    return (ending.outcome.word, ending.targets[0].version if ending.targets else None) if ending else None


def test_the_reason_is_known_before_the_execution_has_ended() -> None:
    items = [record(ended="rolled-back", blame={"error": "VersionFailed"})]
    ending = ending_of(Sight("r", ExecutionState("RUNNING"), ReleaseItems(items)))
    assert ending
    assert ending.error == "VersionFailed"


STUCK = {"sk": "event#1#not-restored#checkout:live", "kind": "not-restored#checkout:live", "at": NOON, "summary": "No."}
RUNNING, GONE = ExecutionState("RUNNING"), ExecutionState("ABORTED")


@pytest.mark.parametrize(
    ("execution", "items", "expected"),
    [
        (RUNNING, [record()], None),
        (RUNNING, [], None),
        (None, [], None),
        (RUNNING, [record(ended="released")], ("released", "43")),
        (ExecutionState("SUCCEEDED"), [record(status="promoted")], ("released", "43")),
        (ExecutionState("FAILED", "VersionFailed"), [record(ended="rolled-back")], ("rolled-back", "42")),
        (None, [record(ended="rolled-back")], ("rolled-back", "42")),
        (GONE, [record()], None),
        (GONE, [record(ended="recovered")], ("rolled-back", "42")),
        (GONE, [record(ended="superseded")], ("superseded", None)),
        (GONE, [record(), STUCK], ("needs-human", None)),
        (RUNNING, [record(), STUCK], None),
        (GONE, [record(ended="recovered"), STUCK], ("rolled-back", "42")),
        (GONE, [], ("failed", None)),
        (ExecutionState("FAILED", "LockHeld"), [], ("refused", None)),
        (ExecutionState("FAILED", "AwsRefused"), [], ("failed", None)),
        (ExecutionState("FAILED", "States.Timeout"), [], ("failed", None)),
        (ExecutionState("FAILED", "AliasMoved"), [record(ended="refused")], ("refused", "42")),
        (RUNNING, [record(ended="refused")], None),
        (ExecutionState("SUCCEEDED", output={"summary": "Dry run."}), [], ("done", None)),
    ],
)
def test_how_a_release_ended_is_read_from_its_record_first(
    execution: ExecutionState | None, items: list[dict[str, Any]], expected: tuple[str, str | None] | None
) -> None:
    assert ended(execution, *items) == expected


def asked(monkeypatch: pytest.MonkeyPatch, failures: Sequence[Exception]) -> tuple[Callable[[], str], list[float]]:
    """Give a question that fails so often, and the pauses that are made; time passes by pauses alone."""
    left, pauses = list(failures), list[float]()
    monkeypatch.setattr(time, "monotonic", lambda: sum(pauses))

    def ask() -> str:
        if left:
            raise left.pop(0)
        return "answered"

    def rest(seconds: float, trouble: str) -> None:
        assert str(failures[0]) in trouble
        pauses.append(seconds)

    return lambda: patiently(ask, rest), pauses


@pytest.mark.parametrize(
    "failure",
    [refused("ThrottlingException"), refused("ExpiredTokenException"), EndpointConnectionError(endpoint_url="x")],
)
def test_what_may_pass_is_asked_again_for_two_minutes(failure: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    ask, pauses = asked(monkeypatch, [failure] * 5)
    assert ask() == "answered"
    assert pauses == [1, 2, 4, 8, 15]
    ask, pauses = asked(monkeypatch, [failure] * 100)
    with pytest.raises(SightLost):
        ask()
    assert retrying.GIVES_UP - retrying.LONGEST_PAUSE <= sum(pauses) <= retrying.GIVES_UP


def test_what_is_refused_for_good_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    ask, pauses = asked(monkeypatch, [refused("AccessDeniedException")])
    with pytest.raises(SightLost, match="AccessDenied"):
        ask()
    assert pauses == []


def tick(at: int, weight: float = 10, verdict: str = "pass") -> Judged:
    return Judged(at=at, release="r", summary="It was.", weight=weight, verdict=verdict, next="bake")


def test_what_was_before_one_looked_is_told_without_what_repeats() -> None:
    started = Milestone(type="started", at=0, release="r", summary="")
    long = [started, tick(1), tick(2), tick(3, verdict="inconclusive"), tick(4, weight=50), tick(5, weight=50)]
    assert [each.at for each in compressed(long)] == [0, 2, 3, 5]
    assert compressed([]) == []


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("55m", 3300), ("2h", 7200), ("1h30m", 5400), ("0.1s", 0.1)]
)
def test_a_duration_is_read_as_people_write_it(text: str, seconds: float) -> None:
    assert Seconds().convert(text, None, None) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "5", "m", "soon", "-5m"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter, match="30m"):
        Seconds().convert(text, None, None)


def test_the_time_since_the_start_counts_minutes_without_end() -> None:
    assert [elapsed(seconds) for seconds in (-1, 0, 61, 6000)] == ["00:00", "00:00", "01:01", "100:00"]


def report(sentence: str, outcome: Outcome = Outcome.ROLLED_BACK) -> JobSummary:
    return JobSummary(
        "r", Ending(outcome, sentence), [Milestone(type="rolled-back", at=0, release="r", summary=sentence)], ""
    )


def test_what_others_wrote_cannot_end_a_block_or_a_line_of_what_github_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    foreign = "100 % bad\n::error::no\n```<script>"
    ci_for(github=True, gitlab=False, dotenv=None).end(report(foreign))
    assert capsys.readouterr().err == "::error title=r%3A rolled back::100 %25 bad%0A: :error::no%0A```<script>\n"
    written = summary(report(foreign))
    assert written.count("\n````\n") == 2
    assert "&lt;script&gt;" in written


def test_a_line_stays_one_whatever_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    foreign = "bad\n::error::no"
    lines = Lines()
    lines.show([Milestone(type="refused", at=0, release="r", summary=foreign)])
    lines.note("unknown", foreign)
    assert capsys.readouterr().err.splitlines() == [
        "00:00 refused      bad; ::error::no",
        "00:00 unknown      bad; ::error::no",
    ]


@pytest.mark.parametrize(
    ("outcome", "kind"), [(Outcome.RELEASED, "notice"), (Outcome.HELD, "warning"), (Outcome.NEEDS_HUMAN, "error")]
)
def test_github_is_told_how_bad_it_is(outcome: Outcome, kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    ci_for(github=True, gitlab=None, dotenv=None).end(report("So it is.", outcome))
    assert capsys.readouterr().err.startswith(f"::{kind} title=")


def test_the_labels_of_a_run_say_who_and_where(monkeypatch: pytest.MonkeyPatch) -> None:
    run = {
        "ACTIONS": "true",
        "SERVER_URL": "https://host",
        "REPOSITORY": "a/b",
        "RUN_ID": "7",
        "SHA": "4f2c",
        "ACTOR": "me",
    }
    for name, value in run.items():
        monkeypatch.setenv(f"GITHUB_{name}", value)
    assert labels_of_run() == {"commit": "4f2c", "actor": "me", "url": "https://host/a/b/actions/runs/7"}
    monkeypatch.delenv("GITHUB_ACTIONS")
    assert labels_of_run() == {}
