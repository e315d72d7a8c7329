"""Whole minutes, ticks, and which minutes can be read."""

import pytest

from tests.builders import NOON
from tidegate.domain.schedule import (
    DAY,
    format_time,
    minute_of,
    next_tick,
    parse_time,
    readable_duration,
    visible_minutes,
    visible_until,
)


@pytest.mark.parametrize(
    "text",
    [
        "2027-01-15T12:00:00Z",
        "2027-01-15T12:00:00.000Z",
        "2027-01-15T12:00:00.123456Z",
        "2027-01-15T14:00:00+02:00",
    ],
)
def test_timestamps_of_step_functions_and_eventbridge_are_read(text: str) -> None:
    assert parse_time(text) == NOON


def test_a_time_is_written_as_a_wait_state_takes_it() -> None:
    assert format_time(NOON + 30) == "2027-01-15T12:00:30Z"


def test_a_minute_begins_on_the_minute() -> None:
    assert [minute_of(NOON + second) - NOON for second in (0, 59, 60)] == [0, 0, 60]


@pytest.mark.parametrize(("second", "visible"), [(0, 0), (89, 0), (149, 0), (150, 1), (209, 1), (210, 2)])
def test_a_minute_becomes_visible_ninety_seconds_after_it_ended(second: int, visible: int) -> None:
    assert visible_minutes(NOON + second, NOON) == visible


def test_only_whole_minutes_are_read() -> None:
    assert visible_until(NOON + 150) == NOON + 60
    assert visible_until(NOON + 209) == NOON + 60


def test_minutes_before_the_shift_do_not_count_for_the_bake() -> None:
    assert visible_minutes(NOON, NOON) == 0
    assert visible_minutes(NOON, NOON + 3600) == 0


def test_the_first_tick_sees_a_minute_and_each_following_one_more() -> None:
    shift = NOON
    ticks = [next_tick(shift, shift)]
    for _ in range(4):
        ticks.append(next_tick(ticks[-1], shift))
    assert [tick - shift for tick in ticks] == [150, 210, 270, 330, 390]
    assert [visible_minutes(tick, shift) for tick in ticks] == [1, 2, 3, 4, 5]


def test_after_a_day_of_holding_a_tick_comes_every_five_minutes() -> None:
    before, after = NOON + DAY - 30, NOON + DAY + 30
    assert next_tick(before, NOON) - before == 60
    assert next_tick(after, NOON) - after == 300


def test_a_step_that_ran_late_does_not_delay_the_tick_after_the_next() -> None:
    assert next_tick(NOON + 151, NOON) == next_tick(NOON + 179, NOON) == NOON + 210


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (245, "4 min 05 s"),
        (3600, "1 h"),
        (3720, "1 h 02 min"),
        (3605, "1 h"),
        (86_400 + 3 * 3600, "1 d 03 h"),
        (-5, "0 s"),
    ],
)
def test_people_read_a_duration_with_its_two_largest_units(seconds: float, text: str) -> None:
    assert readable_duration(seconds) == text
