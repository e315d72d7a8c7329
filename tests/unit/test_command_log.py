"""The log of releases of hours, in a moment: how many lines, how long without one, and what they say."""

import random
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil
from typing import Any

import pytest

from tests.builders import NOON, a_plan, a_target
from tidegate.domain.events.milestone import Judged
from tidegate.domain.events.timeline import Story, story
from tidegate.domain.ledger_items import ReleaseItems
from tidegate.domain.schedule import format_time
from tidegate.domain.strategy import Step
from tidegate_cli import follow, release_state
from tidegate_cli.ending import Ending
from tidegate_cli.follow import Follower, Wish
from tidegate_cli.output import Output
from tidegate_cli.release_state import ExecutionState, Sight
from tidegate_cli.views import json_lines
from tidegate_cli.views.log import BEAT, BEAT_UNJUDGED, EACH, Log

MINUTE = 60
HOUR = 60 * MINUTE
Item = dict[str, Any]


class Passing:
    """Time that passes by sleeping, and by looking."""

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


@dataclass
class Written(Log):
    """A log, and when each of its lines was written."""

    passing: Passing
    all: list[tuple[float, str]] = field(default_factory=list)
    verbose: bool = False

    def __post_init__(self) -> None:
        super().__init__(verbose=self.verbose)

    def line(self, text: str, style: dict[str, Any]) -> None:
        self.all.append((self.passing.now, text))

    @property
    def longest_silence(self) -> float:
        moments = [0.0, *(moment for moment, _ in self.all), self.passing.now]
        return max(after - before for before, after in pairwise(moments))

    def said(self, kind: str) -> list[str]:
        return [text for _, text in self.all if text.split()[1] == kind]


def record(targets: int = 1) -> Item:
    plan = a_plan(*[a_target(f"shop-{n}") for n in range(targets)], steps=(Step(5, 30), Step(50, 30)))
    return {"sk": "record", "started": NOON, "status": "running", "labels": {}, "plan": plan.document()}


def event(kind: str, at: float, **fields: Any) -> Item:
    return {
        "sk": f"event#{format_time(int(at))}#{kind}",
        "kind": kind,
        "at": NOON + int(at),
        "summary": "So.",
        **fields,
    }


def tick(at: float, weight: float = 5, verdict: str = "pass", coming: str = "bake", targets: int = 1) -> Item:
    judged = [
        {"target": f"shop-{n}", "verdict": verdict, "canary": [0, 9], "stable": [0, 9], "explanation": "Why."}
        for n in range(targets)
    ]
    summary = f"tick {int(at)}: {verdict}"
    return event("judged", at, weight=weight, verdict=verdict, next=coming, verdicts=judged, summary=summary)


def prepared(targets: int = 1) -> Iterator[Item]:
    for n in range(targets):
        name = f"shop-{n}:live"
        yield {"sk": f"target#{name}", "target": name, "canary": "2", "at": NOON + 4 + n // 9}
        yield event(f"settled#{name}", 8 + n // 9, version="2")
        yield event(f"probed#{name}", 12 + n // 9, version="2")


def compared(
    minutes: int, seed: int = 1, steps: int = 10, verdicts: Sequence[str] = ("pass",), targets: int = 1
) -> Iterator[Item]:
    """Give the items of a release that is compared for so long; its ticks are 56 to 66 seconds apart."""
    chance, stay, at, step = random.Random(seed), minutes * MINUTE / steps, 30.0, 0
    yield {"sk": "shift#000", "at": NOON + 30, "until": 0, "weight": 1, "summary": "Shifted."}
    while (at := at + chance.uniform(56, 66)) < minutes * MINUTE - 70:
        goes_on = at >= (step + 1) * stay
        yield tick(at, step + 1, chance.choice(verdicts), "shift" if goes_on else "bake", targets)
        if goes_on:
            step += 1
            shifted = {"until": 0, "weight": step + 1, "summary": f"Shifted: {step}."}
            yield {"sk": f"shift#{step:03d}", "at": NOON + int(at) + 4, **shifted}
    yield event("finished", minutes * MINUTE)


@dataclass
class Watched:
    """An eye that sees what has happened by now, and takes a while; with the last item it is over, or never."""

    clock: Passing
    items: list[Item]
    over: bool = True
    takes: float = 0.2
    release: str = "r"
    story: Story = field(default_factory=lambda: Story("r"))

    def look(self) -> Sight:
        self.clock.now += self.takes
        items = [item for item in self.items if item.get("at", NOON) <= NOON + self.clock.now]
        ended = self.over and len(items) == len(self.items)
        if ended:
            items = [{**item, "ended": "released"} if item["sk"] == "record" else item for item in items]
        execution = ExecutionState("SUCCEEDED" if ended else "RUNNING")
        return Sight("r", execution, ReleaseItems(items), self.story, tuple(self.story.add(items)))


def logged(eye: Watched, wish: Wish | None = None, *, verbose: bool = False) -> tuple[Ending, Written]:
    log = Written(eye.clock, verbose=verbose)
    follower = Follower(eye, log, wish or Wish(), resume="tidegate watch r", link="there")  # type: ignore[arg-type]
    return follower.follow(), log


@pytest.mark.parametrize(
    ("release", "poll"),
    [
        ({}, 2),
        ({"seed": 3, "steps": 20}, 5),
        ({"seed": 4, "verdicts": ("pass", "inconclusive", "no_data")}, 5),
        ({"seed": 5, "steps": 1, "verdicts": ("inconclusive",)}, 17),
        ({"seed": 6, "targets": 100}, 20),
        ({"seed": 3, "steps": 20}, 58),
        ({"seed": 7, "verdicts": ("pass", "inconclusive")}, 300),
    ],
)
def test_an_hour_takes_at_most_120_lines_and_is_silent_for_less_than_a_minute(
    release: dict[str, Any], poll: float, passing: Passing
) -> None:
    targets = release.get("targets", 1)
    items = [record(targets), *prepared(targets), *compared(60, **release)]
    ending, log = logged(Watched(passing, items), Wish(poll=poll))
    assert ending.outcome.word == "released"
    assert len(log.all) <= 120
    assert log.longest_silence < MINUTE
    assert all(re.match(r"\d\d+:\d\d [a-z-]+ +\S", text) for _, text in log.all)
    told = [text for _, text in log.all if " waiting " not in text]
    assert len(told) == len(set(told))
    at = [text.split()[0] for text in told]
    assert at == sorted(at)


def test_hours_take_as_many_lines_an_hour(passing: Passing) -> None:
    _, log = logged(Watched(passing, [record(), *prepared(), *compared(3 * 60, steps=3)]), Wish(poll=15))
    assert len(log.all) <= 3 * 70
    assert log.longest_silence < MINUTE


def test_what_is_new_is_told_at_once_and_a_beat_tells_the_newest_of_what_is_not(passing: Passing) -> None:
    ticks = [tick(90), tick(150), tick(210), tick(240, verdict="inconclusive"), tick(270, verdict="inconclusive")]
    late = [event("decided", 280, decision="hold", by="me"), tick(300, verdict="fail", coming="roll_back")]
    items = [record(), *ticks, *late, event("rolled-back", 303)]
    _, log = logged(Watched(passing, items, takes=0), Wish(poll=1))
    told = {text.split(maxsplit=2)[2]: moment for moment, text in log.all}
    assert told["tick 90: pass"] == 90
    assert 150 < told["tick 150: pass"] <= 150 + BEAT
    assert "tick 210: pass" not in told
    assert told["tick 240: inconclusive"] == 240
    assert told["tick 270: inconclusive"] == 280
    assert told["tick 300: fail"] == 300


def test_a_beat_without_anything_new_says_where_the_release_is(passing: Passing) -> None:
    items = [record(), {"sk": "shift#000", "at": NOON + 30, "until": 0, "weight": 5, "summary": "Shifted."}]
    ending, log = logged(Watched(passing, items, over=False), Wish(timeout=HOUR))
    assert ending.outcome.word == "unknown"
    assert HOUR / BEAT - 3 < len(log.said("waiting")) <= HOUR / BEAT
    assert log.said("waiting")[-1].endswith("5 % on the new version; no change since 00:30")
    assert log.longest_silence < MINUTE


def test_what_waits_for_a_person_before_any_traffic_is_told_every_five_minutes(passing: Passing) -> None:
    items = [record(), *prepared(), event("held", 60, weight=0, why="It asks.")]
    _, log = logged(Watched(passing, items, over=False), Wish(timeout=8 * HOUR, poll=15))
    assert len(log.all) < 8 * 13 + 10
    assert log.longest_silence <= BEAT_UNJUDGED + 5
    assert log.said("waiting")[-1].endswith("held, with 0 % on the new version; no change since 01:00")


def test_a_hold_under_traffic_is_judged_and_told_as_any_minute(passing: Passing) -> None:
    ticks = [tick(90 + 61 * n, verdict="inconclusive") for n in range(120)]
    items = [record(), *ticks, event("held", 400, weight=5)]
    _, log = logged(Watched(passing, items, over=False), Wish(timeout=2 * HOUR, poll=15))
    assert len(log.all) <= 2 * 70
    assert log.longest_silence < MINUTE


def test_slow_preparations_are_not_silent(passing: Passing) -> None:
    _, log = logged(Watched(passing, [record(), *prepared()][:2], over=False), Wish(timeout=15 * MINUTE))
    assert log.longest_silence < MINUTE
    assert log.said("waiting")[-1].endswith("0 % on the new version; no change since 00:04")


def test_what_is_done_to_many_targets_is_counted_and_to_a_few_told_of_each(passing: Passing) -> None:
    for targets in (EACH, 100):
        passing.now = 0
        _, log = logged(Watched(passing, [record(targets), *prepared(targets), *compared(5, targets=targets)]))
        kinds = [len(log.said(kind)) for kind in ("published", "settled", "probed")]
        assert kinds == ([EACH] * 3 if targets == EACH else [1] * 3)
    assert log.said("published")[0].startswith("00:15 published    100 targets: shop-0:live: published version 2; ")
    assert log.said("published")[0].endswith("; and 97 more")


def test_the_reasons_for_many_targets_are_those_of_the_worst(passing: Passing) -> None:
    ticks = tick(90, targets=100)
    ticks["verdicts"][70] = {**ticks["verdicts"][70], "verdict": "fail"}
    _, log = logged(Watched(passing, [record(100), ticks, event("finished", 120)]), verbose=True)
    reasons = [text.split(maxsplit=1)[1] for _, text in log.all if " Why." in text]
    assert len(reasons) == 10
    assert reasons[0] == "shop-70: Why."
    assert any(text.endswith("and 90 more targets; the report lists them all") for _, text in log.all)


def test_a_release_that_cannot_be_seen_says_why_and_so_does_the_last_line(passing: Passing) -> None:
    log = Written(passing)
    passing.now = 60
    follower = Follower(Watched(passing, []), log, Wish(), resume="tidegate watch r", link="there")  # type: ignore[arg-type]
    follower._rest(70, "AWS does not answer: Throttling")
    assert log.said("waiting") == ["00:00 waiting      AWS does not answer: Throttling"] * ceil(70 / BEAT)


def test_json_has_every_tick_at_once(passing: Passing, capsys: pytest.CaptureFixture[str]) -> None:
    items = [record(), *prepared(), *compared(60)]
    view = json_lines.JsonLines(Output(json=True))
    Follower(Watched(passing, items), view, Wish(), resume="tidegate watch r", link="there").follow()  # type: ignore[arg-type]
    ticks = [item for item in items if item.get("kind") == "judged"]
    assert capsys.readouterr().out.count('"type": "judged"') == len(ticks) > 50


def test_each_minute_of_a_release_is_told_once_however_often_it_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hold may last for days, and the story of a day is a thousand minutes."""
    read, built = Judged.model_validate, list[Any]()

    def counted_once(item: Any) -> Any:
        built.append(item)
        return read(item)

    whole = [record(), *prepared(), *compared(60)]
    looks = iter(range(1, len(whole) + 1))
    monkeypatch.setattr(release_state, "describe", lambda _: ExecutionState("RUNNING"))
    monkeypatch.setattr(release_state, "items_of", lambda *_: ReleaseItems(whole[: next(looks)]))
    monkeypatch.setattr(Judged, "model_validate", counted_once)
    eye = release_state.Eye("r", "arn")
    sights = [eye.look() for _ in whole]
    new = [each.key for sight in sights for each in sight.new]
    assert len(built) == sum(item.get("kind") == "judged" for item in whole) > 20
    assert len(set(new)) == len(new)
    assert sorted(new, key=str) == sorted((each.key for each in sights[-1].milestones), key=str)
    assert sights[-1].milestones == story("r", whole)
