"""Reading CloudWatch alarms and how their state changed."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from tidegate.aws.clients import cloudwatch_client
from tidegate.domain.comparing.alarms import QUIET, Change, turned_red

RECENT = 6 * 3600
"""Seconds of an alarm's history that are read, every change: a tick comes every hour at least. With some left out, one
that flaps would look as if it had been quiet before."""


def missing(names: Sequence[str]) -> list[str]:
    """Give those that do not exist, neither as a metric's alarm nor as a composite one."""
    there = {alarm["AlarmName"] for alarm in _describe(names)}
    return [name for name in names if name not in there]


def red_since(names: Sequence[str], first_shift: int, now: int) -> list[Change]:
    """Give each alarm's first change that counts since the first shift; what earlier ticks found is over by now.

    One DescribeAlarms for all of them; the history only of those whose state changed since then. It has every change,
    also one that is over by now.
    """
    since = max(first_shift, now - RECENT)
    moved = [alarm["AlarmName"] for alarm in _describe(names) if _changed_at(alarm) >= since]
    return turned_red([change for name in moved for change in _history(name, since - QUIET)], since)


def _describe(names: Sequence[str]) -> list[Any]:
    if not names:
        return []
    answer = cloudwatch_client().describe_alarms(
        AlarmNames=list(names), AlarmTypes=["MetricAlarm", "CompositeAlarm"], MaxRecords=100
    )
    return [*answer.get("MetricAlarms", []), *answer.get("CompositeAlarms", [])]


def _changed_at(alarm: Any) -> float:
    """Say when its state changed; StateUpdatedTimestamp also moves when only the reason does."""
    moment: datetime | None = alarm.get("StateTransitionedTimestamp") or alarm.get("StateUpdatedTimestamp")
    return moment.timestamp() if moment else 0.0


def _history(name: str, since: int) -> list[Change]:
    pages = (
        cloudwatch_client()
        .get_paginator("describe_alarm_history")
        .paginate(
            AlarmName=name,
            AlarmTypes=["MetricAlarm", "CompositeAlarm"],
            HistoryItemType="StateUpdate",
            StartDate=datetime.fromtimestamp(since, UTC),
            PaginationConfig={"PageSize": 100},
        )
    )
    return [change for page in pages for item in page["AlarmHistoryItems"] for change in _change(name, item)]


def _change(name: str, item: Any) -> list[Change]:
    data = json.loads(item.get("HistoryData") or "{}")
    states = [data.get(which, {}).get("stateValue", "") for which in ("oldState", "newState")]
    if not all(states):
        return []
    return [Change(name, int(item["Timestamp"].timestamp()), *states)]
