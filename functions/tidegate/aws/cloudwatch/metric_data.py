"""GetMetricData: the series of each version, and reading them within the quotas."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tidegate.aws.clients import cloudwatch_client
from tidegate.domain.analysis.measure import Measure
from tidegate.domain.metric import ERRORS, LATENCY, THROTTLES
from tidegate.domain.plan import TargetPlan
from tidegate.domain.schedule import MINUTE

LAMBDA = "AWS/Lambda"


@dataclass(frozen=True)
class Series:
    """One statistic of one metric; dimensions as (name, value)."""

    namespace: str
    metric: str
    stat: str
    dimensions: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class CountSeries:
    """The series of bad calls and of all calls; `added` if `total` excludes the bad ones."""

    bad: Series
    total: Series
    added: bool = False

    def count(self, bad: float, total: float) -> tuple[int, int]:
        """Return all calls of a minute, and the bad ones. One series may have points before the other.

        A custom metric may have any value: values below zero count as zero.
        """
        bad, total = max(0.0, bad), max(0.0, total)
        return round(total + bad if self.added else max(total, bad)), round(bad)


def series_of(measure: Measure, target: TargetPlan, version: str | None) -> CountSeries:
    """Name the series of a version behind an alias; without a version, those of the alias as a whole.

    FunctionName + Resource + ExecutedVersion is what Lambda keeps for calls through an alias (AWS Lambda guide,
    "Types of metrics").
    """
    if measure.metric.custom:
        return _custom(measure, target, version or "")
    dimensions = lambda_dimensions(target, version)

    def series(metric: str, stat: str = "Sum") -> Series:
        return Series(LAMBDA, metric, stat, dimensions)

    if measure.metric.name == LATENCY:
        return CountSeries(series("Duration", slow(measure.over_ms or 0.0)), series("Duration", "SampleCount"))
    if measure.metric.name == THROTTLES:
        return CountSeries(series("Throttles"), series("Invocations"), added=True)
    assert measure.metric.name == ERRORS
    return CountSeries(series("Errors"), series("Invocations"))


def slow(over_ms: float) -> str:
    """Name the statistic that counts values above a bound (CloudWatch guide, "Statistics definitions")."""
    return f"TC({f'{over_ms:.3f}'.rstrip('0').rstrip('.')}:)"


def lambda_dimensions(target: TargetPlan, version: str | None) -> tuple[tuple[str, str], ...]:
    whole = (("FunctionName", target.function), ("Resource", target.name))
    return (*whole, ("ExecutedVersion", version)) if version else whole


def _custom(measure: Measure, target: TargetPlan, version: str) -> CountSeries:
    places = {"{version}": version, "{function}": target.function, "{alias}": target.alias}
    filled: list[tuple[str, str]] = []
    for name, written in measure.metric.dimensions:
        value = written
        for place, meant in places.items():
            value = value.replace(place, meant)
        filled.append((name, value))
    bad, total = (
        Series(measure.metric.namespace, name, "Sum", tuple(filled))
        for name in (measure.metric.bad, measure.metric.total)
    )
    return CountSeries(bad, total)


QUERIES = 500
"""Most queries of one call (CloudWatch quotas)."""

Points = dict[int, float]
"""Values by the start of their period; no traffic has no point."""


@dataclass
class MetricData:
    """CloudWatch's answer; `statuses` are those of incomplete series."""

    points: dict[Series, Points] = field(default_factory=dict)
    statuses: dict[Series, str] = field(default_factory=dict)

    def of(self, series: Series) -> Points:
        return self.points.get(series, {})

    def problem(self, wanted: Iterable[Series]) -> str | None:
        """Describe the problem with these series, if there is one."""
        found = sorted({self.statuses[series] for series in wanted if series in self.statuses})
        return _WORDS.get(found[0], f"it answered {found[0]}") if found else None


_WORDS = {
    "PartialData": "the answer was incomplete",
    "InternalError": "internal error",
    "Forbidden": "access was denied",
}


def read(series: Iterable[Series], start: int, end: int, period: int = MINUTE) -> MetricData:
    """Read periods that begin in the window from `start` up to `end` (exclusive), oldest first.

    Each series is read once, even if it is named several times.
    """
    data = MetricData()
    wanted = list(dict.fromkeys(series))
    if end <= start:
        return data
    for first in range(0, len(wanted), QUERIES):
        _collect(wanted[first : first + QUERIES], start, end, period, data)
    return data


def _collect(wanted: Sequence[Series], start: int, end: int, period: int, data: MetricData) -> None:
    """Page through one call; a status stays `PartialData` while further pages follow."""
    names = {f"q{number}": series for number, series in enumerate(wanted)}
    pages = (
        cloudwatch_client()
        .get_paginator("get_metric_data")
        .paginate(
            MetricDataQueries=[_query(name, series, period) for name, series in names.items()],
            StartTime=datetime.fromtimestamp(start, UTC),
            EndTime=datetime.fromtimestamp(end, UTC),
            ScanBy="TimestampAscending",
        )
    )
    status: dict[str, str] = {}
    for page in pages:
        for result in page["MetricDataResults"]:
            status[result["Id"]] = result.get("StatusCode", "InternalError")
            points = zip(result["Timestamps"], result["Values"], strict=True)
            values = {int(at.timestamp()): value for at, value in points}
            data.points.setdefault(names[result["Id"]], {}).update(values)
    for name, series in names.items():
        if status.get(name, "PartialData") != "Complete":
            data.statuses[series] = status.get(name, "PartialData")


def _query(name: str, series: Series, period: int) -> Any:
    return {
        "Id": name,
        "MetricStat": {
            "Metric": {
                "Namespace": series.namespace,
                "MetricName": series.metric,
                "Dimensions": [{"Name": name, "Value": value} for name, value in series.dimensions],
            },
            "Period": period,
            "Stat": series.stat,
        },
    }
