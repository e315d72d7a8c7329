"""Reading CloudWatch alarms and how their state changed."""

import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from tidegate.aws.clients import cloudwatch_client
from tidegate.aws.failures import FAILED_CALL
from tidegate.aws.logger import logger
from tidegate.domain.analysis.alarms import QUIET, Change, turned_red
from tidegate.domain.analysis.guards import Guard
from tidegate.domain.schedule import HOUR, MINUTE

RECENT = 6 * HOUR
"""Seconds of an alarm's history that are read, every change: a tick comes every hour at least. With some left out, one
that flaps would look as if it had been quiet before."""

TYPES: Any = ("MetricAlarm", "CompositeAlarm", "LogAlarm")
"""Types of alarms; without them DescribeAlarms and DescribeAlarmHistory show metric alarms only (botocore's model)."""

_SUMMARY = re.compile(r"Alarm updated from (\w+) to (\w+)")
"""HistorySummary of a change of state (AWS CLI reference, describe-alarm-history)."""


def missing(names: Sequence[str]) -> list[str]:
    """Give those that do not exist as an alarm of any type."""
    there = {alarm["AlarmName"] for _, alarm in _describe(names)}
    return [name for name in names if name not in there]


def red_since(names: Sequence[str], first_shift: int, now: int) -> list[Change]:
    """Give each alarm's first change that counts since the first shift; what earlier ticks found is over by now.

    One DescribeAlarms for all of them; the history only of those whose state changed since then. It has every change,
    also one that is over by now.
    """
    since = max(first_shift, now - RECENT)
    moved = [alarm["AlarmName"] for _, alarm in _describe(names) if _changed_at(alarm) >= since]
    return turned_red([change for name in moved for change in _history(name, since - QUIET)], since)


def guards(names: Sequence[str]) -> list[Guard]:
    """Give what each alarm can see now, in the order of `names`; those that do not exist are left out."""
    found = {alarm["AlarmName"]: _guard(kind, alarm) for kind, alarm in _describe(names)}
    return [found[name] for name in names if name in found]


def _describe(names: Sequence[str]) -> list[tuple[str, Any]]:
    """Give each alarm with its kind: metric, composite or log."""
    if not names:
        return []
    answer: Any = cloudwatch_client().describe_alarms(AlarmNames=list(names), AlarmTypes=list(TYPES), MaxRecords=100)
    kinds = {"metric": "MetricAlarms", "composite": "CompositeAlarms", "log": "LogAlarms"}
    return [(kind, alarm) for kind, member in kinds.items() for alarm in answer.get(member, [])]


def _guard(kind: str, alarm: Any) -> Guard:
    """Read what botocore's model has of MetricAlarm, CompositeAlarm and LogAlarm."""
    query = alarm.get("ScheduledQueryConfiguration", {}).get("ScheduleConfiguration", {})
    return Guard(
        name=alarm["AlarmName"],
        kind=kind,
        state=alarm.get("StateValue", "in no known state"),
        muted=_muted(alarm),
        warming_until=_warming_until(alarm),
        troubled=alarm.get("EvaluationState", ""),
        schedule=query.get("ScheduleExpression", ""),
    )


def _warming_until(alarm: Any) -> int:
    """Give the latest end of its warm-up, which begins when an alarm is made or changed ("Alarm warm-up periods")."""
    minutes = alarm.get("WarmUpConfiguration", {}).get("WarmUpPeriodDurationInMinutes", 0)
    changed: datetime | None = alarm.get("AlarmConfigurationUpdatedTimestamp")
    return int(changed.timestamp()) + minutes * MINUTE if changed and minutes else 0


def _muted(alarm: Any) -> str:
    """Say what keeps its actions from running: its state changes all the same (API reference, PutAlarmMuteRule)."""
    if alarm.get("ActionsEnabled") is False:
        return "its actions are disabled"
    if alarm.get("ActionsSuppressedBy"):
        return f"its actions are suppressed by {alarm.get('ActionsSuppressor', 'another alarm')}"
    try:
        answer = cloudwatch_client().list_alarm_mute_rules(AlarmName=alarm["AlarmName"], Statuses=["ACTIVE"])
    except FAILED_CALL as error:
        logger.warning("the mute rules of alarm %s could not be read: %s", alarm["AlarmName"], error)
        return ""
    return "a mute rule mutes its actions" if answer["AlarmMuteRuleSummaries"] else ""


def _changed_at(alarm: Any) -> float:
    """Say when its state changed; StateUpdatedTimestamp also moves when only the reason does."""
    moment: datetime | None = alarm.get("StateTransitionedTimestamp") or alarm.get("StateUpdatedTimestamp")
    return moment.timestamp() if moment else 0.0


def _history(name: str, since: int) -> Iterator[Change]:
    pages = (
        cloudwatch_client()
        .get_paginator("describe_alarm_history")
        .paginate(
            AlarmName=name,
            AlarmTypes=list(TYPES),
            HistoryItemType="StateUpdate",
            StartDate=datetime.fromtimestamp(since, UTC),
            PaginationConfig={"PageSize": 100},
        )
    )
    for page in pages:
        for item in page["AlarmHistoryItems"]:
            before, after = _states(item)
            if before and after:
                yield Change(name, int(item["Timestamp"].timestamp()), before, after)


def _states(item: Any) -> tuple[str, str]:
    """Give the states before and after a change: from its data, which may be cut off, or else from its summary."""
    try:
        data = json.loads(item.get("HistoryData") or "{}")
        states = data["oldState"]["stateValue"], data["newState"]["stateValue"]
    except (ValueError, KeyError, TypeError):
        found = _SUMMARY.search(item.get("HistorySummary", ""))
        states = (found[1], found[2]) if found else ("", "")
    return states
