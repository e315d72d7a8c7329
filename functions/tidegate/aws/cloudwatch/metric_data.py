"""GetMetricData: many series in as few calls as its limits allow."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tidegate.aws.clients import cloudwatch_client
from tidegate.aws.cloudwatch.series import Series
from tidegate.domain.schedule import MINUTE

QUERIES = 500
"""Most queries of one call (CloudWatch quotas)."""

Points = dict[int, float]
"""Values by the start of their period; no traffic has no point."""


@dataclass
class MetricData:
    """What CloudWatch answered; `statuses` are those of series it did not answer whole."""

    points: dict[Series, Points] = field(default_factory=dict)
    statuses: dict[Series, str] = field(default_factory=dict)

    def of(self, series: Series) -> Points:
        return self.points.get(series, {})

    def problem(self, wanted: Iterable[Series]) -> str | None:
        """Say what went wrong with these series, if anything did."""
        found = sorted({self.statuses[series] for series in wanted if series in self.statuses})
        return _WORDS.get(found[0], f"it answered {found[0]}") if found else None


_WORDS = {
    "PartialData": "it answered in part",
    "InternalError": "it failed inside",
    "Forbidden": "it refused to be read",
}


def read(series: Iterable[Series], start: int, end: int, period: int = MINUTE) -> MetricData:
    """Read periods that begin in the window from `start` up to `end` (exclusive), oldest first.

    Each series is asked for once, however often it is named.
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
