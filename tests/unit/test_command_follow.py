"""Following a release of an hour, in a moment: how much is told, how often, and when it ends."""

import re
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import NoCredentialsError

from tests.builders import NOON, a_plan
from tests.failing import raising
from tidegate.domain.schedule import format_time
from tidegate.domain.strategy import Step
from tidegate_cli import follow, running
from tidegate_cli.ci import Ci
from tidegate_cli.ending import Ending
from tidegate_cli.follow import Follower, Wish
from tidegate_cli.frame import Shared
from tidegate_cli.outcome import Outcome
from tidegate_cli.sight import Execution, Sight
from tidegate_cli.stack import Stack
from tidegate_cli.views.lines import Lines

MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:tidegate-release"
HOUR = 3600
MINUTE = 60


class Passing:
    """Time that passes by sleeping alone."""

    def __init__(self) -> None:
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def passing(monkeypatch: pytest.MonkeyPatch) -> Passing:
    clock = Passing()
    monkeypatch.setattr(time, "sleep", clock.sleep)
    monkeypatch.setattr(time, "monotonic", clock.monotonic)
    monkeypatch.setattr(follow, "verified", lambda ending, _sight: ending)
    return clock


class Timed(Lines):
    """Lines, and when each was written."""

    def __init__(self, clock: Passing) -> None:
        super().__init__()
        self._passing = clock
        self.written: list[tuple[float, str]] = []

    def line(self, text: str, style: dict[str, Any]) -> None:
        self.written.append((self._passing.now, text))


def event(kind: str, at: int, **fields: Any) -> dict[str, Any]:
    return {"sk": f"event#{format_time(at)}#{kind}", "kind": kind, "at": at, "summary": "It is so.", **fields}


def hour_long(record: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give the items of a release that is compared for an hour, in ten steps; each is there from `at` on."""
    yield record
    for step in range(10):
        shifted = {"until": 0, "weight": 5 * step + 5, "summary": "Shifted."}
        yield {"sk": f"shift#{step:03d}", "at": NOON + 30 + 6 * MINUTE * step, **shifted}
    for minute in range(3, 60):
        # A tick takes longer or shorter.
        at = NOON + minute * MINUTE + minute % 5
        yield event("judged", at, weight=5, verdict="pass", next="bake", verdicts=[])
    yield event("finished", NOON + HOUR)


class Watched:
    """An eye that sees what has happened by now; the release is over after so many seconds, or never."""

    release = "r"

    def __init__(self, clock: Passing, over: float | None, items: list[dict[str, Any]]) -> None:
        self._clock = clock
        self._over = over
        self._items = items

    def look(self) -> Sight:
        now = NOON + self._clock.now
        items = [item for item in self._items if item.get("at", NOON) <= now]
        ended = self._over is not None and self._clock.now >= self._over
        if ended:
            items = [{**item, "ended": "released"} if item["sk"] == "record" else item for item in items]
        return Sight("r", Execution("SUCCEEDED" if ended else "RUNNING"), tuple(items))


def record() -> dict[str, Any]:
    plan = a_plan(steps=(Step(5, 30), Step(50, 30))).document()
    return {"sk": "record", "started": NOON, "status": "running", "labels": {}, "plan": plan}


def followed(clock: Passing, eye: Watched, wish: Wish | None = None) -> tuple[Ending, list[tuple[float, str]]]:
    view = Timed(clock)
    follower = Follower(eye, view, wish or Wish(), resume="tidegate watch r", link="there")  # type: ignore[arg-type]
    return follower.follow(), view.written


def test_an_hour_takes_at_most_120_lines_and_is_never_silent_for_much_more_than_a_minute(passing: Passing) -> None:
    ending, lines = followed(passing, Watched(passing, HOUR, list(hour_long(record()))))
    assert ending.outcome is Outcome.RELEASED
    assert len(lines) <= 120
    moments = [moment for moment, _ in lines]
    assert max(after - before for before, after in pairwise(moments)) <= follow.SILENCE + 2
    assert all(re.match(r"\d\d+:\d\d [a-z-]+ +\S", text) for _, text in lines)


def test_a_release_in_which_nothing_happens_gives_a_sign_of_life_and_is_looked_at_as_long_as_wished(
    passing: Passing,
) -> None:
    ending, lines = followed(passing, Watched(passing, None, [record()]), Wish(timeout=HOUR))
    assert (ending.outcome, passing.now) == (Outcome.UNKNOWN, HOUR)
    waiting = [text for _, text in lines if " waiting " in text]
    assert HOUR / follow.SILENCE - 3 < len(waiting) <= HOUR / follow.SILENCE
    assert waiting[-1].startswith("59:")


@pytest.mark.parametrize(
    ("look", "abort", "outcome", "said"),
    [
        (raising(KeyError("ours")), None, Outcome.UNKNOWN, "The command itself failed (KeyError: 'ours')"),
        (raising(KeyboardInterrupt()), None, Outcome.INTERRUPTED, "Interrupted"),
        (raising(KeyboardInterrupt()), raising(NoCredentialsError()), Outcome.INTERRUPTED, "It could not be aborted: "),
        (raising(KeyboardInterrupt()), raising(KeyError("ours")), Outcome.UNKNOWN, "The command itself failed"),
    ],
)
def test_whatever_happens_to_the_command_is_not_the_end_of_the_release(
    look: Callable[[], Sight],
    abort: Callable[[], None] | None,
    outcome: Outcome,
    said: str,
    passing: Passing,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(running, "Eye", lambda *_: SimpleNamespace(release="r", look=look))
    monkeypatch.setattr(running, "_abort", lambda *_: abort and abort())
    shared = Shared("tidegate", None, None, json=False, quiet=False, verbose=False)
    shared.__dict__["stack"] = Stack("tidegate", {"StateMachineArn": MACHINE}, {})
    report = running.follow(shared, "r", Wish(abort_on_interrupt=abort is not None), Ci())
    assert report.ending.outcome is outcome
    assert report.ending.sentence.startswith(said)
    assert report.ending.sentence.endswith("The release goes on by itself; look again with: tidegate watch r")
    assert ("Traceback" in capsys.readouterr().err) == (outcome is Outcome.UNKNOWN)
    assert passing.now == 0


def test_nothing_that_happened_is_told_twice(passing: Passing) -> None:
    _, lines = followed(passing, Watched(passing, HOUR, list(hour_long(record()))))
    told = [text for _, text in lines if " waiting " not in text]
    assert len(told) == len(set(told))
