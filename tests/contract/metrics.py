"""Reading metrics as a client does."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from localcloud import LocalCloud

Series = dict[int, float]


def minutes_ago(cloud: LocalCloud, minutes: int) -> int:
    return (int(cloud.clock.time()) // 60 - minutes) * 60


def lambda_metric(
    function: str, metric: str, resource: str | None = None, version: str | None = None
) -> dict[str, Any]:
    named = {"FunctionName": function, "Resource": resource and f"{function}:{resource}", "ExecutedVersion": version}
    dimensions = [{"Name": name, "Value": value} for name, value in named.items() if value]
    return {"Namespace": "AWS/Lambda", "MetricName": metric, "Dimensions": dimensions}


def query(metric: dict[str, Any], stat: str = "Sum", identity: str = "q", period: int = 60) -> dict[str, Any]:
    return {"Id": identity, "MetricStat": {"Metric": metric, "Period": period, "Stat": stat}}


def ask(cloud: LocalCloud, queries: Iterable[dict[str, Any]], start: float, end: float, **rest: Any) -> dict[str, Any]:
    answer: dict[str, Any] = cloud.client("cloudwatch").get_metric_data(
        MetricDataQueries=list(queries),
        StartTime=datetime.fromtimestamp(start, UTC),
        EndTime=datetime.fromtimestamp(end, UTC),
        **rest,
    )
    return answer


def series(cloud: LocalCloud, metric: dict[str, Any], stat: str = "Sum", period: int = 60) -> Series:
    """Give the points of the last emulated two hours, by epoch second."""
    end = cloud.clock.time() + 60
    (result,) = ask(cloud, [query(metric, stat, period=period)], end - 7200, end)["MetricDataResults"]
    assert result["StatusCode"] == "Complete"
    return {int(at.timestamp()): value for at, value in zip(result["Timestamps"], result["Values"], strict=True)}
