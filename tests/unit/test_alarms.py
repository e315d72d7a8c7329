"""Which changes of an alarm turn a release back."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import NOON, a_plan, a_shift
from tests.failing import refused
from tests.fakes.cloudwatch import cloudwatch
from tests.fakes.ledger import ledger
from tidegate.aws.cloudwatch import alarms, version_counts
from tidegate.aws.ledger import analysis_state
from tidegate.aws.ledger.records import Release
from tidegate.domain.analysis.alarms import Change, told, turned_red
from tidegate.domain.schedule import DAY

MINUTE = 60


class AlarmThatFlaps:
    """It goes red for a minute in every four, from long before the first shift on; answers newest first."""

    def __init__(self, now: int) -> None:
        self.now = now

    def describe_alarms(self, **_: Any) -> dict[str, Any]:
        moved = datetime.fromtimestamp(self.now - MINUTE, UTC)
        return {"MetricAlarms": [{"AlarmName": "stopped", "StateTransitionedTimestamp": moved}]}

    def get_paginator(self, _name: str) -> "AlarmThatFlaps":
        return self

    def paginate(self, StartDate: datetime, PaginationConfig: dict[str, int], **_: Any) -> Iterator[Any]:
        first = int(StartDate.timestamp())
        items = [_item(at) for at in range(self.now - self.now % MINUTE, first, -MINUTE) if at % 240 in {0, MINUTE}]
        yield {"AlarmHistoryItems": items[: PaginationConfig.get("MaxItems")]}


def _item(at: int) -> dict[str, Any]:
    states = ("OK", "ALARM") if at % 240 == 0 else ("ALARM", "OK")
    data = dict(zip(("oldState", "newState"), ({"stateValue": state} for state in states), strict=True))
    return {"Timestamp": datetime.fromtimestamp(at, UTC), "HistoryData": json.dumps(data)}


@pytest.mark.parametrize("later", [5 * MINUTE, DAY + MINUTE, 3 * DAY + MINUTE])
def test_an_alarm_that_flaps_does_not_turn_a_release_back_however_long_it_is_held(
    later: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alarms, "cloudwatch_client", lambda: AlarmThatFlaps(NOON + later))
    assert alarms.red_since(["stopped"], NOON, NOON + later) == []


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


def test_one_that_had_no_data_before_counts_too() -> None:
    """That of a quiet function, or on a metric that is written for failures alone."""
    raised = change(2, "INSUFFICIENT_DATA", "ALARM")
    assert red(raised) == [raised]
    assert red(change(1, "OK", "INSUFFICIENT_DATA"), raised) == [raised]
    assert told([raised]) == "alarm stopped went from INSUFFICIENT_DATA to ALARM at 2027-01-15T12:02:00Z"


def test_one_that_loses_its_data_while_it_is_red_flaps() -> None:
    assert red(change(-3, "ALARM", "INSUFFICIENT_DATA"), change(2, "INSUFFICIENT_DATA", "ALARM")) == []


def test_one_that_flaps_does_not_block_the_fix_of_what_makes_it_flap() -> None:
    assert red(change(-3, "ALARM", "OK"), change(2, "OK", "ALARM")) == []
    assert (
        red(change(1, "ALARM", "OK"), change(2, "OK", "ALARM"), change(8, "ALARM", "OK"), change(9, "OK", "ALARM"))
        == []
    )


def test_one_that_was_red_before_and_quiet_for_a_while_counts_again() -> None:
    raised = change(18, "OK", "ALARM")
    assert red(change(1, "ALARM", "OK"), raised) == [raised]


STATES = ("OK", "ALARM", "INSUFFICIENT_DATA")


@given(st.lists(st.tuples(st.integers(1, 12), st.sampled_from(STATES)), max_size=30), st.sampled_from(STATES))
@settings(max_examples=200, deadline=None)
def test_of_any_history_the_first_change_to_alarm_after_a_quiet_time_counts(
    moves: list[tuple[int, str]], state: str
) -> None:
    """Against the states minute by minute, from long before the first shift on."""
    minutes, changes, at = {}, [], -60
    for pause, after in moves:
        minutes.update(dict.fromkeys(range(at, at + pause), state))
        at += pause
        changes += [change(at, state, after)] if after != state else []
        state = after
    expected = [
        each
        for each in changes
        if each.after == "ALARM"
        and each.at >= NOON
        and "ALARM" not in {minutes.get((each.at - NOON) // MINUTE - ago) for ago in range(1, 16)}
    ]
    assert red(*changes) == expected[:1]


def test_alarms_are_told_apart() -> None:
    raised = change(2, "OK", "ALARM", alarm="other")
    assert red(change(1, "ALARM", "OK"), raised, change(2, "OK", "ALARM")) == [raised]


def as_told(**item: Any) -> list[Change]:
    """Give what counts of an alarm whose history has this one change, two minutes after the first shift."""
    at = datetime.fromtimestamp(NOON + 2 * MINUTE, UTC)

    class CloudWatch:
        def describe_alarms(self, AlarmTypes: list[str], **_: Any) -> dict[str, Any]:
            """As the model of the API has it: types that are not asked for are not shown."""
            return (
                {"LogAlarms": [{"AlarmName": "stopped", "StateTransitionedTimestamp": at}]}
                if "LogAlarm" in AlarmTypes
                else {}
            )

        def get_paginator(self, _name: str) -> "CloudWatch":
            return self

        def paginate(self, AlarmTypes: list[str], **_: Any) -> list[Any]:
            return [{"AlarmHistoryItems": [{"Timestamp": at, **item}] if "LogAlarm" in AlarmTypes else []}]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(alarms, "cloudwatch_client", CloudWatch)
        assert alarms.missing(["stopped"]) == []
        return alarms.red_since(["stopped"], NOON, NOON + 3 * MINUTE)


WHOLE = json.dumps({"oldState": {"stateValue": "OK"}, "newState": {"stateValue": "ALARM"}})


@pytest.mark.parametrize("data", [WHOLE, WHOLE[:40], '{"oldState": {"stateValue": "OK"}}', "[]", "null", None])
def test_a_log_alarm_counts_and_its_summary_where_its_data_cannot_be_read(data: str | None) -> None:
    """The data of a composite alarm with many children may be longer than the 4095 characters that history keeps."""
    told_so = {"HistoryData": data} if data is not None else {}
    (raised,) = as_told(**told_so, HistorySummary="Alarm updated from OK to ALARM")
    assert (raised.before, raised.after) == ("OK", "ALARM")


def test_a_change_of_which_nothing_can_be_read_is_left_out() -> None:
    assert as_told(HistoryData="{", HistorySummary="Alarm changed") == []


def test_one_that_turned_red_counts_also_where_the_metrics_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    release = Release("release-1", "execution", "running", NOON, {}, a_plan(alarms=("stopped",)), (a_shift(NOON, 10),))
    raised = change(2, "OK", "ALARM")
    monkeypatch.setattr(alarms, "red_since", lambda *_: [raised])
    with cloudwatch() as ours, ledger():
        ours.refusal = refused("InternalServiceFault", 500)
        found = version_counts.gather(release, analysis_state.kept(release), NOON + 180)
    assert (found.unreadable, found.red) == (True, (raised,))
