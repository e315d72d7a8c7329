"""A CloudWatch in memory, behind the calls that reading metrics and alarms makes."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from tidegate.aws.cloudwatch import alarms, metric_data
from tidegate.aws.cloudwatch.metric_data import Series

Values = dict[int, float]


class CloudWatch:
    """`series` holds points by start, `statuses` what it answers of one instead of Complete, `calls` the queries.

    `alarms` are pairs of DescribeAlarms's list and what stands in it, `muted` the alarms that active rules mute.
    """

    def __init__(self) -> None:
        self.series: dict[Series, Values] = {}
        self.statuses: dict[Series, str] = {}
        self.calls: list[Any] = []
        self.refusal: Exception | None = None
        self.page = 1000
        """How many results fit in one page."""
        self.alarms: list[tuple[str, dict[str, Any]]] = []
        self.muted: tuple[str, ...] = ()
        self.alarms_refusal: Exception | None = None
        self.rules_refusal: Exception | None = None

    def put(
        self, metric: str, values: Values, *, stat: str = "Sum", namespace: str = "AWS/Lambda", **named: str
    ) -> None:
        self.series.setdefault(Series(namespace, metric, stat, tuple(named.items())), {}).update(values)

    def describe_alarms(self, AlarmNames: list[str], AlarmTypes: list[str], **_: Any) -> Any:
        if self.alarms_refusal:
            raise self.alarms_refusal
        found: dict[str, list[Any]] = {}
        for kind, alarm in self.alarms:
            if alarm["AlarmName"] in AlarmNames and kind.removesuffix("s") in AlarmTypes:
                found.setdefault(kind, []).append(alarm)
        return found

    def list_alarm_mute_rules(self, AlarmName: str, Statuses: list[str]) -> Any:
        if self.rules_refusal:
            raise self.rules_refusal
        assert Statuses == ["ACTIVE"]
        return {"AlarmMuteRuleSummaries": [{"Status": "ACTIVE"}] if AlarmName in self.muted else []}

    def get_paginator(self, name: str) -> "CloudWatch":
        assert name == "get_metric_data"
        return self

    def paginate(self, **asked: Any) -> Iterator[Any]:
        self.calls.append(asked)
        if self.refusal:
            raise self.refusal
        results = [self._result(query, asked) for query in asked["MetricDataQueries"]]
        for first in range(0, len(results), self.page):
            yield {"MetricDataResults": results[first : first + self.page]}

    def _result(self, query: Any, asked: Any) -> Any:
        wanted, stat = query["MetricStat"]["Metric"], query["MetricStat"]["Stat"]
        dimensions = tuple((each["Name"], each["Value"]) for each in wanted["Dimensions"])
        key = Series(wanted["Namespace"], wanted["MetricName"], stat, dimensions)
        start, end = asked["StartTime"].timestamp(), asked["EndTime"].timestamp()
        points = {at: value for at, value in self.series.get(key, {}).items() if start <= at < end}
        return {
            "Id": query["Id"],
            "StatusCode": self.statuses.get(key, "Complete"),
            "Timestamps": [datetime.fromtimestamp(at, UTC) for at in sorted(points)],
            "Values": [points[at] for at in sorted(points)],
        }


@contextmanager
def cloudwatch() -> Iterator[CloudWatch]:
    """Have what reads metrics and alarms call a new one."""
    ours: Any = CloudWatch()
    with pytest.MonkeyPatch.context() as patch:
        for module in (metric_data, alarms):
            patch.setattr(module, "cloudwatch_client", lambda: ours)
        yield ours
