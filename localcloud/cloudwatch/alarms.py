"""DescribeAlarmHistory, which moto lacks: how the state of its alarms changed."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

MOST_ITEMS = 100


def install() -> None:
    """Give moto's CloudWatch the call."""

    def describe_alarm_history(self: Any) -> ActionResult:
        return ActionResult(_history(self.cloudwatch_backend, self._get_params()))

    setattr(CloudWatchResponse, describe_alarm_history.__name__, describe_alarm_history)


def _history(backend: Any, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Answer newest first unless asked otherwise; changes of state are all that is on record."""
    wanted = parameters.get("AlarmName")
    alarms = [alarm for name, alarm in backend.alarms.items() if wanted in {None, name}]
    changes = [] if parameters.get("HistoryItemType") not in {None, "StateUpdate"} else [*_changes(alarms, parameters)]
    changes.sort(key=lambda item: item["Timestamp"], reverse=parameters.get("ScanBy") != "TimestampAscending")
    offset = int(parameters.get("NextToken") or 0)
    end = offset + int(parameters.get("MaxRecords") or MOST_ITEMS)
    more = {"NextToken": str(end)} if end < len(changes) else {}
    return {"AlarmHistoryItems": changes[offset:end], **more}


def _changes(alarms: list[Any], parameters: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for alarm in alarms:
        states = [(value, at) for _, _, _, value, at in alarm.history]
        for (old, _), (new, at) in pairwise([*states, (alarm.state_value, alarm.state_updated_timestamp)]):
            if old != new and _within(at, parameters):
                yield {
                    "AlarmName": alarm.name,
                    "AlarmType": "CompositeAlarm" if alarm.rule else "MetricAlarm",
                    "Timestamp": at,
                    "HistoryItemType": "StateUpdate",
                    "HistorySummary": f"Alarm updated from {old} to {new}",
                    "HistoryData": json.dumps({"oldState": {"stateValue": old}, "newState": {"stateValue": new}}),
                }


def _within(at: datetime, parameters: Mapping[str, Any]) -> bool:
    moment = at if at.tzinfo else at.replace(tzinfo=UTC)
    bounds = (parameters.get("StartDate"), parameters.get("EndDate"))
    start, end = (bound and (bound if bound.tzinfo else bound.replace(tzinfo=UTC)) for bound in bounds)
    return not (start and moment < start) and not (end and moment > end)
