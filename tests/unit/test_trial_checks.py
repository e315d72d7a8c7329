"""The demo's claims are about what was recorded: each can come out wrong."""

import json
import signal
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from localcloud.lambda_ import Invocation
from localcloud.stepfunctions import StateEvent
from localcloud.traffic import Call
from localcloud.trial import command
from localcloud.trial.display import Display
from localcloud.trial.narration import Narration
from localcloud.trial.run import Run
from localcloud.trial.scenarios import Scenario
from localcloud.trial.scenarios.brown_out import BrownOut
from localcloud.trial.scenarios.code_and_configuration import CodeAndConfiguration
from localcloud.trial.scenarios.failing import Failing
from localcloud.trial.scenarios.healthy import Healthy
from localcloud.trial.scenarios.import_error import ImportFails
from localcloud.trial.stage import AliasNow

OLD, NEW, MIXED = (
    {"code": "first", "configuration": "old"},
    {"code": "needs_currency", "configuration": "new"},
    {"code": "needs_currency", "configuration": "old"},
)


def call(version: str | None, outcome: Any = "ok", at: float = 100.0, answer: Any = None) -> Call:
    return Call(at, outcome, version, None if outcome == "ok" else "ValueError", answer)


def done(state: str, **detail: Any) -> StateEvent:
    return StateEvent("try", "exited", state, 50.0, detail)


def entered(state: str) -> StateEvent:
    return StateEvent("try", "entered", state, 60.0, {})


def failed(state: str) -> StateEvent:
    return StateEvent("try", "failed", state, 55.0, {"error": "Some", "cause": ""})


CALLERS = (
    "Release. unqualified-callers: checkout:live: 3 of 512 calls in the last day were of the unqualified function: "
    "permission for events.amazonaws.com (arn:aws:events:us-east-1:123456789012:rule/nightly-report). They"
)
SHIFTED = [done("Plan", summary=CALLERS), done("Publish", version="2"), done("Shift traffic", weight=10)]
RELEASED = Run(
    name="try",
    request={},
    started=0.0,
    ended=200.0,
    status="SUCCEEDED",
    error=None,
    cause=None,
    events=[*SHIFTED, done("Shift traffic", weight=50), done("Compare versions", verdict="pass"), entered("Released")],
    stable="1",
    before=[call("1", answer=OLD)],
    calls=[call("1", answer=OLD), call("2", answer=NEW)],
    invocations=[],
    alias=AliasNow("2", {}),
    locks=[],
    notes={"brown_out": {"starts": 90.0}, "latest": []},
)
BROWNED_OUT = replace(RELEASED, calls=[*RELEASED.calls, call("1", "failed"), call("2", "failed")])
STOPPED = replace(
    RELEASED,
    status="FAILED",
    error="InitFailed",
    events=[done("Publish", version="2"), failed("Probe"), entered("Rolled back")],
    calls=[call("1")],
    alias=AliasNow("1", {}),
)
UNDONE = replace(
    STOPPED,
    error="VersionFailed",
    events=[*SHIFTED, *[done("Compare versions", verdict="inconclusive")] * 2, entered("Rolled back")],
    calls=[call("1"), call("2", "failed")],
)
REACHED = Invocation(
    "checkout", "live", "live", "2", 1, 2, 3.0, None, "id", "Runtime.ImportModuleError", False, "", None
)


def wrong(scenario: Scenario, run: Run) -> list[str]:
    return [check.found for check in scenario.checks(run) if not check.ok]


@pytest.mark.parametrize(
    ("scenario", "run"),
    [
        (Healthy(), RELEASED),
        (ImportFails(), STOPPED),
        (Failing(), UNDONE),
        (BrownOut(), BROWNED_OUT),
        (CodeAndConfiguration(), RELEASED),
    ],
)
def test_a_release_that_went_as_it_must_has_nothing_wrong(scenario: Scenario, run: Run) -> None:
    assert wrong(scenario, run) == []


@pytest.mark.parametrize(
    ("scenario", "run", "found"),
    [
        (Healthy(), replace(RELEASED, alias=AliasNow("1", {"2": 0.5})), "not whole: version 1 with 50 % on 2"),
        (Healthy(), replace(RELEASED, alias=AliasNow("1", {})), "100 % on version 1"),
        (Healthy(), replace(RELEASED, locks=["checkout:live by try"]), "checkout:live by try"),
        (Healthy(), replace(RELEASED, calls=[]), "of 0 requests"),
        (Healthy(), replace(RELEASED, calls=[call("1"), call("2", "failed")]), "of 2 requests 1 failed"),
        (Healthy(), replace(RELEASED, calls=[call("1"), call(None, "lost")]), "1 stayed unanswered"),
        (ImportFails(), replace(STOPPED, invocations=[REACHED]), "of 1 requests to the alias 1 reached version 2"),
        (ImportFails(), replace(STOPPED, events=[entered("Rolled back")]), "stopped at no state"),
        (ImportFails(), replace(STOPPED, error="ProbeFailed"), "it ended in Rolled back (ProbeFailed)"),
        (
            Failing(),
            replace(UNDONE, events=[*UNDONE.events[:-1]] * 2),
            "10 % → 10 % and was judged at 4 ticks",
        ),
        (Failing(), replace(UNDONE, calls=[call("1"), call("2")]), "it failed 0 of the 1"),
        (Failing(), replace(UNDONE, calls=[call("1", "failed"), call("2", "failed")]), "1 others failed"),
        (BrownOut(), RELEASED, "failed 0 of 1 (0 %) on version 1"),
        (BrownOut(), replace(BROWNED_OUT, error="VersionFailed"), "the canary was blamed"),
        (
            CodeAndConfiguration(),
            replace(RELEASED, calls=[*RELEASED.calls, call("2", answer=MIXED)]),
            "of 3 answers 1 mixed",
        ),
        (CodeAndConfiguration(), replace(RELEASED, calls=[call("1", answer=OLD)]), "0 were new with new"),
        (CodeAndConfiguration(), replace(RELEASED, events=RELEASED.events[1:]), "found no calls without an alias"),
    ],
)
def test_what_went_otherwise_is_said(scenario: Scenario, run: Run, found: str) -> None:
    assert any(found in each for each in wrong(scenario, run)), wrong(scenario, run)


def test_latest_that_was_mixed_is_told_with_its_duration() -> None:
    seen = [
        {"from": 0.0, "code": "old", "configuration": "old"},
        {"from": 10.0, "code": "new", "configuration": "old"},
        {"from": 14.0, "code": "new", "configuration": "new"},
    ]
    told = CodeAndConfiguration().contrast(replace(RELEASED, notes={"latest": seen}))
    assert told
    assert told.startswith("$LATEST held new code with old configuration for 4 s")


def test_latest_that_was_never_seen_mixed_is_not_said_to_have_been() -> None:
    told = CodeAndConfiguration().contrast(RELEASED)
    assert told == "$LATEST was not seen mixed meanwhile"


def test_one_tick_is_told_in_the_singular() -> None:
    run = replace(UNDONE, events=[*SHIFTED, done("Compare versions", verdict="fail"), entered("Rolled back")])
    assert "it came as far as 10 % and was judged at 1 tick" in [check.found for check in Failing().checks(run)]


def test_a_link_to_a_log_that_no_console_shows_is_not_told(capsys: pytest.CaptureFixture[str]) -> None:
    cause = '{"errorMessage": "Version 2 does not start. Log: https://console.example/#log-group/x Sorry."}'
    Narration(Display()).tell(StateEvent("try", "failed", "Probe", 65.0, {"error": "InitFailed", "cause": cause}))
    assert capsys.readouterr().out == "01:05 failed       Probe: InitFailed: Version 2 does not start. Sorry.\n"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--clock", "nan"], "nan is no number of times"),
        (["--clock", "inf"], "inf is not in the range"),
        (["--output", f"{__file__}/try.json"], "try.json cannot be written: "),
    ],
)
def test_options_that_cannot_be_are_refused_before_anything_is_played(
    monkeypatch: pytest.MonkeyPatch, options: list[str], said: str
) -> None:
    monkeypatch.setattr(command, "_play_all", lambda *_: pytest.fail("it was played"))
    ended = CliRunner().invoke(command.try_, options)
    assert ended.exit_code == 2
    assert said in ended.output


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Result]]:
    """Give how to call the command, whose cloud is none, with a stand-in for playing a scenario."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    monkeypatch.setattr("localcloud.trial.stage.opened", nullcontext)

    def call(play: Callable[..., Run], *options: str) -> Result:
        monkeypatch.setattr(command, "play", play)
        return CliRunner().invoke(command.try_, options)

    yield call
    for number, handler in before.items():
        signal.signal(number, handler)


def test_a_release_that_ends_otherwise_is_told_and_fails_the_demo(
    played: Callable[..., Result], tmp_path: Path
) -> None:
    output = tmp_path / "new" / "try.json"
    ended = played(lambda *_: STOPPED, "--only", "1", "--output", str(output))
    assert (ended.exit_code, json.loads(output.read_text())["ok"]) == (1, False)
    differing = [line for line in ended.output.splitlines() if " differs " in line]
    assert any("it ended in Rolled back (InitFailed); expected: it ends in Released" in line for line in differing)
    assert ended.output.splitlines()[-1].startswith("0 of 1 releases ended as they must")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_demo_exits_with_the_number_of_its_signal(
    played: Callable[..., Result], tmp_path: Path, number: signal.Signals
) -> None:
    def interrupted(*_: Any) -> Run:
        signal.raise_signal(number)
        pytest.fail("it went on")

    ended = played(interrupted, "--output", str(tmp_path / "try.json"))
    assert (ended.exit_code, ended.stderr) == (128 + number, "interrupted\n")
