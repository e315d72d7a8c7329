"""GetMetricData: many metrics in one call."""

import json
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch.exceptions import CloudWatchException, ValidationError

from localcloud.cloudwatch.metrics import Metrics
from localcloud.cloudwatch.minute import Minute
from localcloud.cloudwatch.statistics import statistic
from localcloud.cloudwatch.store import SECONDS, Key

MOST_QUERIES = 500
MOST_POINTS = 100_800
EXPRESSIONS = "The local cloud knows no metric math and no SEARCH: name each metric in a MetricStat."

Points = list[tuple[float, float]]
Result = dict[str, Any]


class InvalidNextToken(CloudWatchException):
    code = "InvalidNextToken"
    message = "The next token specified is invalid."


@dataclass(frozen=True)
class Query:
    id: str
    key: Key
    period: int
    stat: str
    unit: str | None
    label: str
    returned: bool


def get_metric_data(metrics: Metrics, parameters: Mapping[str, Any]) -> Result:
    """Answer as CloudWatch does: newest first unless asked otherwise, in pages, with a status for each result."""
    window = instant(parameters["StartTime"]), instant(parameters["EndTime"])
    if window[0] >= window[1]:
        raise ValidationError("The parameter StartTime must be less than the parameter EndTime.")
    newest_first = parameters.get("ScanBy") != "TimestampAscending"
    metrics.store.publish(metrics.now())
    found = [
        (query, _points(metrics, query, window, newest_first=newest_first))
        for query in _queries(parameters.get("MetricDataQueries") or [])
        if query.returned
    ]
    failure = metrics.next_failure()
    if failure:
        kept = {"PartialData": lambda points: points[: len(points) // 2]}
        return {"MetricDataResults": [_result(q, kept.get(failure, _none)(p), failure) for q, p in found]}
    return _page(found, _offset(parameters.get("NextToken")), int(parameters.get("MaxDatapoints") or MOST_POINTS))


def instant(moment: datetime) -> float:
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def key_of(metric: Mapping[str, Any]) -> Key:
    """Name a metric as a request does."""
    dimensions = frozenset((one["Name"], one["Value"]) for one in metric.get("Dimensions") or [])
    return Key(metric["Namespace"], metric["MetricName"], dimensions)


def check_period(period: int) -> int:
    if period <= 0 or period % SECONDS:
        raise ValidationError(f"The value {period} for parameter Period is not a multiple of {SECONDS}.")
    return period


def _queries(given: list[Mapping[str, Any]]) -> list[Query]:
    if len(given) > MOST_QUERIES:
        raise ValidationError(f"The collection MetricDataQueries must not have a size greater than {MOST_QUERIES}.")
    queries = [_query(one) for one in given]
    if len({query.id for query in queries}) < len(queries):
        raise ValidationError("The values for parameter id in MetricDataQueries are not unique.")
    return queries


def _query(given: Mapping[str, Any]) -> Query:
    if given.get("Expression"):
        raise ValidationError(EXPRESSIONS)
    asked = given.get("MetricStat")
    if not asked:
        raise ValidationError("The parameter MetricDataQueries.member.1.MetricStat is required.")
    try:
        statistic(asked["Stat"])
    except ValueError as error:
        raise ValidationError(str(error)) from error
    return Query(
        id=given["Id"],
        key=key_of(asked["Metric"]),
        period=check_period(int(asked["Period"])),
        stat=asked["Stat"],
        unit=asked.get("Unit"),
        label=given.get("Label") or asked["Metric"]["MetricName"],
        returned=given.get("ReturnData") is not False,
    )


def _points(metrics: Metrics, query: Query, window: tuple[float, float], *, newest_first: bool) -> Points:
    if query.unit and query.unit != metrics.store.unit(query.key):
        return []
    taken = metrics.store.read(query.key, window, query.period, statistic(query.stat))
    points = [(float(begin), value) for begin, value in taken if value is not None]
    return points[::-1] if newest_first else points


def _page(found: list[tuple[Query, Points]], offset: int, size: int) -> Result:
    """Cut `size` points out of all results' points in a row; a result cut short says PartialData."""
    results, passed, end = [], 0, offset + size
    for query, points in found:
        begin, finish = max(0, offset - passed), min(len(points), end - passed)
        is_empty_here = not points and offset == 0
        if is_empty_here or begin < finish:
            status = "Complete" if finish == len(points) else "PartialData"
            results.append(_result(query, points[begin:finish], status))
        passed += len(points)
    token = {"NextToken": b64encode(json.dumps({"offset": end}).encode()).decode()} if passed > end else {}
    return {"MetricDataResults": results, **token}


def _offset(token: str | None) -> int:
    if not token:
        return 0
    try:
        return int(json.loads(b64decode(token, validate=True))["offset"])
    except (NotBase64, ValueError, KeyError, TypeError) as error:
        raise InvalidNextToken from error


def _result(query: Query, points: Points, status: str) -> Result:
    return {
        "Id": query.id,
        "Label": query.label,
        "Timestamps": [begin for begin, _ in points],
        "Values": [value for _, value in points],
        "StatusCode": status,
    }


def _none(_points: Points) -> Points:
    return []


def statistics_of(minute: Minute, names: list[str]) -> dict[str, float | None]:
    return {name: statistic(name)(minute) for name in names}
