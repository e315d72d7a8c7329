"""Reading both versions' counts from CloudWatch, minute by minute."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tidegate.aws.clients import cloudwatch_client
from tidegate.domain.evidence import Counts
from tidegate.domain.plan import TargetPlan
from tidegate.domain.schedule import MINUTE

QUERIES = 500
"""Most queries of one GetMetricData call (CloudWatch quotas)."""

Series = dict[int, int]
"""Sum of a metric by minute, keyed by the minute's start; no traffic has no point."""


@dataclass(frozen=True)
class Reading:
    """Counts of one target; `problem` says why CloudWatch did not answer whole."""

    counts: tuple[Counts, ...]
    problem: str | None = None


def read(targets: Sequence[TargetPlan], start: int, end: int) -> dict[str, Reading]:
    """Read the minutes from `start` up to `end` (exclusive), both on whole minutes, by target name.

    Series are named, never discovered: FunctionName + Resource + ExecutedVersion, which Lambda keeps for
    calls through an alias (AWS Lambda guide, "Types of metrics").
    """
    if end <= start:
        return {target.name: Reading(()) for target in targets}
    queries = [query for index, target in enumerate(targets) for query in _queries(index, target)]
    series: dict[str, Series] = defaultdict(dict)
    partial: set[str] = set()
    for first in range(0, len(queries), QUERIES):
        _collect(queries[first : first + QUERIES], start, end, series, partial)
    return {target.name: _reading(index, series, partial) for index, target in enumerate(targets)}


KINDS = [(role, metric) for role in ("stable", "canary") for metric in ("Invocations", "Errors")]


def _id(index: int, role: str, metric: str) -> str:
    return f"{role}_{metric.lower()}_{index}"


def _queries(index: int, target: TargetPlan) -> Iterator[Any]:
    versions = dict(zip(("stable", "canary"), target.versions(), strict=True))
    for role, metric in KINDS:
        dimensions = {
            "FunctionName": target.function,
            "Resource": target.name,
            "ExecutedVersion": versions[role],
        }
        yield {
            "Id": _id(index, role, metric),
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/Lambda",
                    "MetricName": metric,
                    "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
                },
                "Period": MINUTE,
                "Stat": "Sum",
            },
        }


def _collect(queries: list[Any], start: int, end: int, series: dict[str, Series], partial: set[str]) -> None:
    """Page through one GetMetricData call; a status stays `PartialData` while further pages follow."""
    pages = (
        cloudwatch_client()
        .get_paginator("get_metric_data")
        .paginate(
            MetricDataQueries=queries,
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
            series[result["Id"]].update({int(at.timestamp()): round(value) for at, value in points})
    partial.update(query["Id"] for query in queries if status.get(query["Id"]) != "Complete")


def _reading(index: int, series: dict[str, Series], partial: set[str]) -> Reading:
    ids = [_id(index, role, metric) for role, metric in KINDS]
    stable, stable_errors, canary, canary_errors = (series.get(each, {}) for each in ids)
    minutes = sorted({*stable, *stable_errors, *canary, *canary_errors})
    counts = tuple(
        Counts(
            start=minute,
            # Invocations and Errors of a minute may appear one before the other.
            canary_total=max(canary.get(minute, 0), canary_errors.get(minute, 0)),
            canary_bad=canary_errors.get(minute, 0),
            stable_total=max(stable.get(minute, 0), stable_errors.get(minute, 0)),
            stable_bad=stable_errors.get(minute, 0),
        )
        for minute in minutes
    )
    return Reading(counts, "it answered in part" if partial.intersection(ids) else None)
