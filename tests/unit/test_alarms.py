"""Which changes of an alarm turn a release back."""

from tests.builders import NOON
from tidegate.domain.comparing.alarms import Change, told, turned_red

MINUTE = 60


def change(minutes: float, before: str, after: str, alarm: str = "stopped") -> Change:
    return Change(alarm, NOON + int(minutes * MINUTE), before, after)


def red(*changes: Change) -> list[Change]:
    return turned_red(changes, NOON)


def test_an_alarm_that_turns_red_after_the_first_shift_counts() -> None:
    raised = change(2, "OK", "ALARM")
    assert red(raised) == [raised]
    assert told([raised]) == "alarm stopped went from OK to ALARM at 2027-01-15T12:02:00Z"


def test_one_that_was_red_before_does_not() -> None:
    assert red(change(-1, "OK", "ALARM")) == []
    assert red() == []


def test_one_that_is_green_again_by_now_counts_all_the_same() -> None:
    raised = change(2, "OK", "ALARM")
    assert red(raised, change(3, "ALARM", "OK")) == [raised]


def test_one_that_had_no_data_before_does_not_say_that_anything_changed() -> None:
    assert red(change(2, "INSUFFICIENT_DATA", "ALARM")) == []


def test_one_that_flaps_does_not_block_the_fix_of_what_makes_it_flap() -> None:
    assert red(change(-3, "ALARM", "OK"), change(2, "OK", "ALARM")) == []
    assert (
        red(change(1, "ALARM", "OK"), change(2, "OK", "ALARM"), change(8, "ALARM", "OK"), change(9, "OK", "ALARM"))
        == []
    )


def test_one_that_was_red_before_and_quiet_for_a_while_counts_again() -> None:
    raised = change(18, "OK", "ALARM")
    assert red(change(1, "ALARM", "OK"), raised) == [raised]


def test_alarms_are_told_apart() -> None:
    raised = change(2, "OK", "ALARM", alarm="other")
    assert red(change(1, "ALARM", "OK"), raised, change(2, "OK", "ALARM")) == [raised]
