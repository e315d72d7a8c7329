"""A release that fits into the history of one execution is paced so that it does; another one is refused."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import ANYTHING, NOON
from tests.reading import ROOT, definition
from tidegate.domain.errors import InvalidRequest
from tidegate.domain.request import capacity
from tidegate.domain.request.capacity import (
    CHANGED,
    HOOKED,
    LOOK,
    LOOKED,
    PREPARED,
    PROVISIONED,
    SHIFTED,
    Pace,
    pace_of,
)
from tidegate.domain.request.models import Request
from tidegate.domain.request.parse import parse_request
from tidegate.domain.rollout.pauses import Pause, next_look
from tidegate.domain.schedule import DAY, HOUR, MINUTE, next_look_back, next_tick, visible_until
from tidegate.steps.preparation import until_next_look

EVENTS = {"Task": 5, "Choice": 2, "Wait": 2}
"""Entered and exited; a Task is scheduled, started, and succeeds besides."""
ITERATION = 2

PHASES = (10 * MINUTE, 10 * MINUTE, 26 * MINUTE)
"""How long code, configuration and version may take to settle."""


def events_of(*names: str) -> int:
    states = definition()["States"]
    known = {**states, **states["Prepare versions"]["ItemProcessor"]["States"]}
    return sum(EVENTS[known[name]["Type"]] for name in names)


def a_request(targets: int = 1, *, changes: int = 0, **fields: Any) -> Request:
    names = ("code", "configuration")[:changes]
    values = {"code": {"s3_bucket": "builds", "s3_key": "k.zip"}, "configuration": {"memory_size": 512}}
    changed = {name: values[name] for name in names}
    listed = [{"function": f"function-{number}", **changed} for number in range(targets)]
    return parse_request({"targets": listed, **fields}, limits=ANYTHING)


def test_what_is_counted_is_what_the_definition_has() -> None:
    assert events_of("Bake", "Compare versions", "What next?") == LOOK
    assert events_of("Bake at full traffic", "Look back", "Worse than before?") == LOOK
    assert events_of("Before traffic", "What first?", "Wait for a decision") == LOOK
    assert events_of("Wait until settled", "Settle", "Settled?") == LOOK
    assert events_of("Update", "Settle", "Settled?") == CHANGED
    assert events_of("Update", "Settle", "Settled?", "Publish", "Settle", "Settled?", "Probe") + ITERATION == PREPARED
    assert events_of("Wait for the minute", "Shift traffic") == SHIFTED
    assert events_of("Look at logs") == LOOKED
    assert events_of("Run hooks", "What next?") == HOOKED
    retries = definition()["States"]["Prepare versions"]["ItemProcessor"]["States"]["Probe"]["Retry"]
    (patient,) = (each for each in retries if each["ErrorEquals"] == ["StillProvisioning"])
    assert 3 * patient["MaxAttempts"] == PROVISIONED


def test_the_page_of_the_limits_has_these_numbers() -> None:
    page = " ".join((ROOT / "docs/limits.md").read_text().split())
    preparing = f"{PREPARED} or {PREPARED + CHANGED} for preparing a target, up to {PROVISIONED} more for a probe"
    assert preparing in page
    assert (LOOK, SHIFTED, HOOKED) == (9, 7, 7)
    assert "nine for each tick" in page
    assert "seven for each shift and for each hook at a step" in page


def test_targets_whose_versions_are_provisioned_leave_less_for_the_ticks() -> None:
    targets = [{"function": f"function-{n}", "probe": {"kind": "provision"}} for n in range(50)]
    provisioned = parse_request({"targets": targets}, limits=ANYTHING)
    assert capacity.preparing(provisioned) - capacity.preparing(a_request(50)) == 50 * PROVISIONED


def ticks(minutes: int, quick: int) -> int:
    """Count those of a release of so many minutes."""
    now, count = NOON, 0
    while now < NOON + 60 * minutes:
        now, count = next_tick(now, NOON, quick=60 * quick), count + 1
    return count


def looks_back(minutes: int) -> int:
    """Count those until so many minutes at 100 % can be read."""
    now, count = NOON + 150, 1
    while visible_until(now) < NOON + 60 * minutes:
        now, count = next_look_back(now, NOON), count + 1
    return count


def looks(pace: Pace, took: Sequence[int] = PHASES) -> int:
    """Count how often a target is looked at whose code, configuration and version take so long (seconds)."""
    looked = 0
    for to_come, limit, needed in zip((2, 1, 0), PHASES, took, strict=True):
        waited = 0
        while waited < needed:
            waited += until_next_look(waited, left=pace.looks - looked - to_come, limit=limit)
            looked += 1
    return looked


def paused(pieces: int) -> int:
    """Count the looks in two weeks of pauses in so many pieces."""
    count = 0
    pauses: list[Pause] = []
    length = 14 * DAY // pieces
    for piece in range(pieces):
        now = began = NOON + piece * (length + HOUR)
        while now < began + length:
            now = next_look(now, NOON, [*pauses, Pause(began, began + length)])
            count += 1
        pauses.append(Pause(began, began + length))
    return count


@pytest.mark.parametrize("targets", [1, 2, 5, 10, 17, 30, 64, 100])
@pytest.mark.parametrize("changes", [0, 1, 2])
@pytest.mark.parametrize(("hold", "bake"), [("1h", "15m"), ("8h", "15m"), ("24h", "15m"), ("72h", "5h")])
def test_whatever_is_taken_on_fits_though_all_takes_as_long_as_it_may(
    targets: int, changes: int, hold: str, bake: str
) -> None:
    analysis = {"max_hold": hold, "max_bake": bake, "after": {"bake": "2h"}}
    try:
        request = a_request(targets, changes=changes, analysis=analysis)
    except InvalidRequest:
        assert (targets >= 30, hold) == (True, "72h"), "few targets, or a day, always fit"
        return
    pace = pace_of(request)
    assert pace is not None
    own = capacity.own_minutes(request)
    preparing = targets * (PREPARED + CHANGED * max(0, changes - 1) + LOOK * looks(pace))
    steps = len(request.strategy.steps)
    looking = ticks(own, pace.minutes) + 2 * steps + paused(1) + looks_back(120)
    looking_at_logs = LOOKED * (steps + capacity.LOOKED_FIRST) + LOOK * steps
    reckoned = preparing + LOOK * looking + looking_at_logs + SHIFTED * steps
    assert reckoned + capacity.ONCE + capacity.SPARE <= capacity.EVENTS


def test_a_hundred_targets_with_code_and_configuration_are_released_by_default() -> None:
    pace = pace_of(a_request(100, changes=2))
    assert pace is not None
    assert (pace.minutes, pace.looks >= 6) == (120, True)


def test_a_few_targets_are_compared_every_minute_for_a_day_and_looked_at_as_often_as_they_like() -> None:
    pace = pace_of(a_request(5, changes=2))
    assert pace is not None
    assert (pace.minutes, pace.looks > 64) == (1440, True)


def test_what_does_not_fit_is_refused_with_the_numbers_and_what_to_do() -> None:
    with pytest.raises(InvalidRequest) as refused:
        a_request(100, changes=2, analysis={"max_hold": "72h", "max_bake": "4h"})
    (problem,) = refused.value.problems
    assert "may take up to 88h with bakes, max_bake and max_hold" in problem
    assert "of them to prepare 100 targets): reduce the total to " in problem
    hours = problem.partition("reduce the total to ")[2].partition(", or")[0]
    shorter = {"max_hold": hours, "max_bake": "1m"}
    assert pace_of(a_request(100, changes=2, strategy={"steps": [{"weight": 50, "bake": "1m"}]}, analysis=shorter))


@given(st.tuples(*(st.integers(0, limit) for limit in PHASES)), st.integers(capacity.FEWEST, 200))
def test_a_target_never_takes_more_looks_than_it_has_and_the_last_one(took: tuple[int, ...], allowed: int) -> None:
    assert looks(Pace(1440, allowed), took) <= allowed + capacity.BEYOND


@pytest.mark.parametrize("pieces", [1, 2, 7, 28])
def test_two_weeks_of_pauses_take_no_more_than_is_kept_for_them(pieces: int) -> None:
    """The end of each piece is a look of its own."""
    assert paused(pieces) <= capacity.PAUSED + pieces


def test_a_target_that_has_looks_enough_is_looked_at_patiently() -> None:
    waits = [until_next_look(waited, left=500, limit=600) for waited in (0, 7, 60, 300, 590)]
    assert waits == [2, 2, 15, 30, 10]


def test_with_fewer_looks_it_waits_as_long_again_and_without_any_until_its_time_is_over() -> None:
    assert [until_next_look(waited, left=9, limit=600) for waited in (0, 2, 8, 64, 400)] == [2, 2, 8, 64, 200]
    assert until_next_look(64, left=0, limit=600) == 536
    assert until_next_look(600, left=-1, limit=600) == 2
