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
from tidegate.domain.analysis.guards import Guard, MetricId
from tidegate.domain.schedule import HOUR, MINUTE

RECENT = 6 * HOUR
"""Seconds of an alarm's history that are read, with every change: a tick comes at least every hour.
Without some changes, a flapping alarm would look quiet."""

TYPES: Any = ("MetricAlarm", "CompositeAlarm", "LogAlarm")
"""Types of alarms; without them DescribeAlarms and DescribeAlarmHistory show metric alarms only (botocore's model)."""

_SUMMARY = re.compile(r"Alarm updated from (\w+) to (\w+)")
"""HistorySummary of a change of state (AWS CLI reference, describe-alarm-history)."""


def missing(names: Sequence[str]) -> list[str]:
    """Return the names that are not an alarm of any type."""
    there = {alarm["AlarmName"] for _, alarm in _describe(names)}
    return [name for name in names if name not in there]


def red_since(names: Sequence[str], first_shift: int, now: int) -> list[Change]:
    """Return each alarm's first relevant change since the first shift; earlier ticks have handled earlier changes.

    Calls DescribeAlarms once for all, and reads the history only of alarms whose state changed since then. The history
    has every change, including changes that have ended.
    """
    since = max(first_shift, now - RECENT)
    moved = [alarm["AlarmName"] for _, alarm in _describe(names) if _changed_at(alarm) >= since]
    return turned_red([change for name in moved for change in _history(name, since - QUIET)], since)


def guards(names: Sequence[str]) -> list[Guard]:
    """Return what each alarm can detect now, in the order of `names`; missing alarms are omitted."""
    found = {alarm["AlarmName"]: _guard(kind, alarm) for kind, alarm in _describe(names)}
    return [found[name] for name in names if name in found]


def _describe(names: Sequence[str]) -> list[tuple[str, Any]]:
    """Return each alarm with its kind: metric, composite or log."""
    if not names:
        return []
    answer: Any = cloudwatch_client().describe_alarms(AlarmNames=list(names), AlarmTypes=list(TYPES), MaxRecords=100)
    kinds = {"metric": "MetricAlarms", "composite": "CompositeAlarms", "log": "LogAlarms"}
    return [(kind, alarm) for kind, member in kinds.items() for alarm in answer.get(member, [])]


def _guard(kind: str, alarm: Any) -> Guard:
    """Read the fields of MetricAlarm, CompositeAlarm and LogAlarm in botocore's model."""
    query = alarm.get("ScheduledQueryConfiguration", {}).get("ScheduleConfiguration", {})
    return Guard(
        name=alarm["AlarmName"],
        kind=kind,
        state=alarm.get("StateValue", "in no known state"),
        muted=_muted(alarm),
        warming_until=_warming_until(alarm),
        troubled=alarm.get("EvaluationState", ""),
        schedule=query.get("ScheduleExpression", ""),
        metrics=tuple(metric_id(each) for each in _metrics(alarm)),
    )


def _metrics(alarm: Any) -> Iterator[Any]:
    """Return the metrics of this account that an alarm watches; one of math has several."""
    if alarm.get("MetricName"):
        yield alarm
    for query in alarm.get("Metrics", []):
        if query.get("MetricStat") and not query.get("AccountId"):
            yield query["MetricStat"]["Metric"]


def metric_id(metric: Any) -> MetricId:
    dimensions = sorted((each["Name"], each["Value"]) for each in metric.get("Dimensions", []))
    return metric["Namespace"], metric["MetricName"], tuple(dimensions)


def _warming_until(alarm: Any) -> int:
    """Return the latest end of its warm-up, which begins when an alarm is created or changed.

    "Alarm warm-up periods".
    """
    minutes = alarm.get("WarmUpConfiguration", {}).get("WarmUpPeriodDurationInMinutes", 0)
    changed: datetime | None = alarm.get("AlarmConfigurationUpdatedTimestamp")
    return int(changed.timestamp()) + minutes * MINUTE if changed and minutes else 0


def _muted(alarm: Any) -> str:
    """Describe why its actions do not run.

    Its state still changes (API reference, PutAlarmMuteRule).
    """
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
    """Return when its state changed; StateUpdatedTimestamp also moves when only the reason does."""
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
    """Return the states before and after a change: from its data, which may be cut off, or else from its summary."""
    try:
        data = json.loads(item.get("HistoryData") or "{}")
        states = data["oldState"]["stateValue"], data["newState"]["stateValue"]
    except (ValueError, KeyError, TypeError):
        found = _SUMMARY.search(item.get("HistorySummary", ""))
        states = (found[1], found[2]) if found else ("", "")
    return states
