"""The metric calls of CloudWatch, in the place of moto's; alarms and dashboards stay moto's."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch.exceptions import InvalidParameterCombination, InvalidParameterValue, ValidationError
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult, EmptyResult

from localcloud.cloudwatch import queries
from localcloud.cloudwatch.metrics import Metrics
from localcloud.cloudwatch.statistics import SIMPLE
from localcloud.cloudwatch.store import Key, Point

MOST_STATISTICS = 1_440
LISTED = 500
JSON = "application/x-amz-json-1.0"


def install(metrics: Metrics) -> None:
    """Make moto's CloudWatch answer from `metrics`."""

    def _of(response: Any) -> Metrics:
        return metrics.at(response.current_account, response.region)

    def get_metric_data(self: Any) -> Any:
        return _fast(self, queries.get_metric_data(_of(self), self._get_params()))

    def get_metric_statistics(self: Any) -> ActionResult:
        return ActionResult(_statistics(_of(self), self._get_params()))

    def list_metrics(self: Any) -> ActionResult:
        return ActionResult(_list(_of(self), self._get_params()))

    def put_metric_data(self: Any) -> ActionResult:
        _put(_of(self), self._get_params())
        return EmptyResult()

    for method in (get_metric_data, get_metric_statistics, list_metrics, put_metric_data):
        setattr(CloudWatchResponse, method.__name__, method)


def _fast(response: Any, result: dict[str, Any]) -> Any:
    """Write JSON without moto's serialiser, which takes a second for 500 queries of an hour."""
    if "json" in (response.normalized_request.content_type or ""):
        return json.dumps(result), {"status": 200, "Content-Type": JSON}
    for one in result["MetricDataResults"]:
        one["Timestamps"] = [datetime.fromtimestamp(begin, UTC) for begin in one["Timestamps"]]
    return ActionResult(result)


def _statistics(metrics: Metrics, parameters: Mapping[str, Any]) -> dict[str, Any]:
    names = [*(parameters.get("Statistics") or []), *(parameters.get("ExtendedStatistics") or [])]
    if not names:
        raise InvalidParameterCombination("Must specify either Statistics or ExtendedStatistics")
    window = queries.instant(parameters["StartTime"]), queries.instant(parameters["EndTime"])
    if window[0] >= window[1]:
        raise InvalidParameterValue("The parameter StartTime must be less than the parameter EndTime.")
    period = queries.check_period(int(parameters["Period"]))
    if (window[1] - window[0]) / period > MOST_STATISTICS:
        raise InvalidParameterCombination(
            f"You have requested more datapoints than the limit of {MOST_STATISTICS}; use a longer Period."
        )
    key, unit = queries.key_of(parameters), parameters.get("Unit")
    metrics.store.publish(metrics.now())
    own_unit = metrics.store.unit(key)
    if unit and unit != own_unit:
        return {"Label": key.name, "Datapoints": []}
    taken = metrics.store.read(key, window, period, lambda minute: _values(minute, names))
    points = [
        {"Timestamp": datetime.fromtimestamp(begin, UTC), "Unit": own_unit} | _datapoint(values)
        for begin, values in taken
    ]
    return {"Label": key.name, "Datapoints": points}


def _values(minute: Any, names: list[str]) -> dict[str, float | None]:
    try:
        return queries.statistics_of(minute, names)
    except ValueError as error:
        raise InvalidParameterValue(str(error)) from error


def _datapoint(values: Mapping[str, float | None]) -> dict[str, Any]:
    known = {name: value for name, value in values.items() if value is not None}
    plain = {name: value for name, value in known.items() if name in SIMPLE}
    extended = {name: value for name, value in known.items() if name not in SIMPLE}
    return plain | ({"ExtendedStatistics": extended} if extended else {})


def _list(metrics: Metrics, parameters: Mapping[str, Any]) -> dict[str, Any]:
    metrics.store.publish(metrics.now())
    wanted = [key for key in metrics.store.known() if _is_wanted(key, parameters)]
    offset = int(parameters.get("NextToken") or 0)
    listed = [
        {
            "Namespace": key.namespace,
            "MetricName": key.name,
            "Dimensions": [{"Name": name, "Value": value} for name, value in sorted(key.dimensions)],
        }
        for key in wanted[offset : offset + LISTED]
    ]
    more = offset + LISTED < len(wanted)
    return {"Metrics": listed, "NextToken": str(offset + LISTED) if more else None}


def _is_wanted(key: Key, parameters: Mapping[str, Any]) -> bool:
    dimensions = dict(key.dimensions)
    return (
        parameters.get("Namespace") in {None, key.namespace}
        and parameters.get("MetricName") in {None, key.name}
        and all(
            one["Name"] in dimensions and one.get("Value") in {None, dimensions[one["Name"]]}
            for one in parameters.get("Dimensions") or []
        )
    )


def _put(metrics: Metrics, parameters: Mapping[str, Any]) -> None:
    namespace = parameters["Namespace"]
    if namespace.startswith("AWS/"):
        raise InvalidParameterValue("The value AWS/ for parameter Namespace is invalid.")
    for datum in parameters.get("MetricData") or []:
        _put_datum(metrics, namespace, datum)


def _put_datum(metrics: Metrics, namespace: str, datum: Mapping[str, Any]) -> None:
    key = queries.key_of({**datum, "Namespace": namespace})
    at = queries.instant(datum["Timestamp"]) if datum.get("Timestamp") else metrics.now()
    unit = datum.get("Unit") or "None"
    if whole := datum.get("StatisticValues"):
        metrics.store.put_set(
            Point(key, at, 0.0, unit, float(whole["SampleCount"])),
            float(whole["Sum"]),
            float(whole["Minimum"]),
            float(whole["Maximum"]),
        )
        return
    values = datum["Values"] if datum.get("Values") else [datum.get("Value", 0.0)]
    counts = datum.get("Counts") or [1.0] * len(values)
    if len(counts) != len(values):
        raise ValidationError("The parameters Values and Counts must have the same size.")
    metrics.store.put(
        Point(key, at, float(value), unit, float(times)) for value, times in zip(values, counts, strict=True)
    )
