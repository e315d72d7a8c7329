"""Additions to moto's alarms: their first state, and their history.

A new alarm is in INSUFFICIENT_DATA, and an update leaves the state as it is (CloudWatch API reference, PutMetricAlarm).
There are no mute rules, which mute actions that no alarm here has.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from moto.cloudwatch.models import CloudWatchBackend
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

MOST_ITEMS = 100


NO_DATA = "INSUFFICIENT_DATA"
KEPT = ("state_value", "state_reason", "state_reason_data", "state_updated_timestamp", "history")

_put_metric_alarm: Any = CloudWatchBackend.put_metric_alarm


def install() -> None:
    """Return moto's CloudWatch the calls and the states."""

    def describe_alarm_history(self: Any) -> ActionResult:
        return ActionResult(_history(self.cloudwatch_backend, self._get_params()))

    def list_alarm_mute_rules(_: Any) -> ActionResult:
        return ActionResult({"AlarmMuteRuleSummaries": []})

    for method in (describe_alarm_history, list_alarm_mute_rules):
        setattr(CloudWatchResponse, method.__name__, method)
    setattr(CloudWatchBackend, _put_metric_alarm.__name__, put_metric_alarm)


def put_metric_alarm(self: Any, **given: Any) -> Any:
    before = self.alarms.get(given["name"])
    alarm = _put_metric_alarm(self, **given)
    if before:
        vars(alarm).update({name: getattr(before, name) for name in KEPT})
    else:
        alarm.state_value = NO_DATA
    return alarm


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
