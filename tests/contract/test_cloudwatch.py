"""CloudWatch: Lambda's metrics by minute and version, late as on AWS, and metrics of one's own."""

import time
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud import LocalCloud
from localcloud.cloudwatch import Metrics, queries
from localcloud.lambda_ import Invocation

HEALTHY = Path("tests/functions/healthy")
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


def eventually(cloud: LocalCloud, metric: dict[str, Any], real_seconds: float = 5.0) -> Series:
    deadline = time.monotonic() + real_seconds
    while not (seen := series(cloud, metric)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return seen


def invocation(function: str, started: float, seconds: float = 1.0, **rest: Any) -> Invocation:
    fields: dict[str, Any] = {
        "function_name": function,
        "alias": "live",
        "qualifier": "live",
        "executed_version": "7",
        "started": started,
        "ended": started + seconds,
        "duration_ms": 12.0,
        "init_ms": None,
        "request_id": f"{function}-{started}",
        "error_type": None,
        "throttled": False,
        "role_arn": "arn:aws:iam::123456789012:role/r",
        "caller": None,
    }
    return Invocation(**fields | rest)


def test_an_invocation_through_an_alias_appears_under_function_resource_and_executed_version(
    cloud: LocalCloud,
) -> None:
    cloud.create_function("metrics-alias", HEALTHY, alias="live")
    cloud.client("lambda").invoke(FunctionName="metrics-alias", Qualifier="live")
    assert sum(eventually(cloud, lambda_metric("metrics-alias", "Invocations", "live", "1")).values()) == 1
    assert sum(series(cloud, lambda_metric("metrics-alias", "Invocations", "live")).values()) == 1
    assert sum(series(cloud, lambda_metric("metrics-alias", "Invocations")).values()) == 1
    assert sum(series(cloud, lambda_metric("metrics-alias", "Errors", "live", "1")).values()) == 0
    (duration,) = series(cloud, lambda_metric("metrics-alias", "Duration", "live", "1"), "Average").values()
    assert 0 < duration < 3000


def test_a_probe_of_a_version_is_counted_for_the_function_and_not_for_the_alias(cloud: LocalCloud) -> None:
    cloud.create_function("metrics-probe", HEALTHY, alias="live")
    cloud.client("lambda").invoke(FunctionName="metrics-probe", Qualifier="1")
    assert sum(eventually(cloud, lambda_metric("metrics-probe", "Invocations", "1")).values()) == 1
    assert sum(series(cloud, lambda_metric("metrics-probe", "Invocations")).values()) == 1
    assert series(cloud, lambda_metric("metrics-probe", "Invocations", "live")) == {}
    assert series(cloud, lambda_metric("metrics-probe", "Invocations", "1", "1")) == {}


def test_points_become_visible_only_some_time_after_the_invocation_ended(cloud: LocalCloud) -> None:
    now = cloud.clock.time()
    metric = lambda_metric("metrics-late", "Invocations", "live", "7")
    cloud.metrics.observe(invocation("metrics-late", started=now - 10, seconds=10))
    assert series(cloud, metric) == {}
    seen = eventually(cloud, metric)
    waited = cloud.clock.time() - now
    assert sum(seen.values()) == 1
    assert cloud.metrics.publish_lag - cloud.metrics.publish_jitter <= waited


def test_a_point_carries_the_minute_in_which_the_invocation_began(cloud: LocalCloud) -> None:
    began = minutes_ago(cloud, 20)
    cloud.metrics.observe(invocation("metrics-start", started=began + 59, seconds=600))
    assert list(series(cloud, lambda_metric("metrics-start", "Invocations", "live"))) == [began]


def test_errors_are_zero_where_there_were_invocations_and_absent_elsewhere(cloud: LocalCloud) -> None:
    first = minutes_ago(cloud, 30)
    cloud.metrics.observe(invocation("metrics-errors", first))
    cloud.metrics.observe(invocation("metrics-errors", first + 120, error_type="ValueError"))
    cloud.metrics.observe(invocation("metrics-errors", first + 121))
    errors = series(cloud, lambda_metric("metrics-errors", "Errors", "live", "7"))
    assert errors == {first: 0.0, first + 120: 1.0}


def test_a_throttled_call_is_neither_an_invocation_nor_an_error(cloud: LocalCloud) -> None:
    at = minutes_ago(cloud, 30)
    cloud.metrics.observe(invocation("metrics-throttled", at, throttled=True, error_type="TooManyRequests"))
    assert series(cloud, lambda_metric("metrics-throttled", "Throttles", "live", "7")) == {at: 1.0}
    for absent in ("Invocations", "Errors", "Duration"):
        assert series(cloud, lambda_metric("metrics-throttled", absent, "live", "7")) == {}


def test_concurrent_executions_count_those_that_overlap(cloud: LocalCloud) -> None:
    at = minutes_ago(cloud, 30)
    cloud.metrics.observe(invocation("metrics-together", at, seconds=10))
    cloud.metrics.observe(invocation("metrics-together", at + 5, seconds=10))
    cloud.metrics.observe(invocation("metrics-together", at + 30, seconds=10))
    metric = lambda_metric("metrics-together", "ConcurrentExecutions", "live", "7")
    assert series(cloud, metric, "Maximum") == {at: 2.0}


DURATIONS = [10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0, 1000.0]
STATISTICS = [
    ("SampleCount", 10),
    ("Sum", 1450),
    ("Average", 145),
    ("Minimum", 10),
    ("Maximum", 1000),
    ("p50", 50),
    ("p90", 90),
    ("p99.9", 1000),
    ("TC(50:)", 5),
    ("TC(:50)", 5),
    ("TC(20:40)", 2),
    ("TC(2000:)", 0),
    ("PR(:300)", 90),
    ("PR(60:)", 40),
    ("TS(:30)", 60),
    ("TM(10%:90%)", 55),
    ("TM(:90)", 50),
    ("tm90", 50),
    ("tc90", 9),
    ("WM(:90%)", 54),
    ("IQM", 55),
]


@pytest.mark.parametrize(("stat", "expected"), STATISTICS)
def test_every_statistic_is_taken_from_the_raw_values_of_the_minute(
    cloud: LocalCloud, stat: str, expected: float
) -> None:
    function, at = f"metrics-stat-{stat}", minutes_ago(cloud, 40)
    cloud.metrics.put_invocations(function, "live", "7", at, invocations=10, durations=DURATIONS)
    assert series(cloud, lambda_metric(function, "Duration", "live", "7"), stat) == {at: pytest.approx(expected)}


@pytest.mark.parametrize("stat", ["p101", "Median", "TC(10%:50)", "PR(10%:90%)", "TC(:)", "p"])
def test_a_statistic_that_cloudwatch_lacks_is_refused(cloud: LocalCloud, stat: str) -> None:
    with pytest.raises(ClientError, match="ValidationError"):
        series(cloud, lambda_metric("metrics-any", "Duration"), stat)


def test_a_longer_period_adds_its_minutes_up(cloud: LocalCloud) -> None:
    first = (int(cloud.clock.time()) // 300 - 8) * 300
    for minute in (0, 4, 5):
        cloud.metrics.put_invocations("metrics-period", "live", "7", first + 60 * minute, invocations=10, errors=1)
    metric = lambda_metric("metrics-period", "Errors", "live", "7")
    assert series(cloud, metric, "Sum", period=300) == {first: 2.0, first + 300: 1.0}
    assert series(cloud, metric, "SampleCount", period=300) == {first: 20.0, first + 300: 10.0}


def test_results_come_newest_first_unless_asked_otherwise(cloud: LocalCloud) -> None:
    first = minutes_ago(cloud, 30)
    for minute in range(3):
        cloud.metrics.put_invocations("metrics-order", "live", "7", first + 60 * minute, invocations=minute + 1)
    asked = [query(lambda_metric("metrics-order", "Invocations", "live", "7"))]
    (newest,) = ask(cloud, asked, first, first + 180)["MetricDataResults"]
    (oldest,) = ask(cloud, asked, first, first + 180, ScanBy="TimestampAscending")["MetricDataResults"]
    assert newest["Values"] == [3.0, 2.0, 1.0]
    assert oldest["Values"] == [1.0, 2.0, 3.0]


def test_the_start_is_included_and_the_end_is_not(cloud: LocalCloud) -> None:
    first = minutes_ago(cloud, 30)
    for minute in range(3):
        cloud.metrics.put_invocations("metrics-window", "live", "7", first + 60 * minute, invocations=minute + 1)
    asked = [query(lambda_metric("metrics-window", "Invocations", "live", "7"))]
    (result,) = ask(cloud, asked, first + 60, first + 120)["MetricDataResults"]
    assert result["Values"] == [2.0]


def test_results_come_in_pages_that_together_are_everything(cloud: LocalCloud) -> None:
    first = minutes_ago(cloud, 30)
    for minute in range(5):
        cloud.metrics.put_invocations(
            "metrics-pages", "live", "7", first + 60 * minute, invocations=minute + 1, errors=1
        )
    asked = [
        query(lambda_metric("metrics-pages", "Invocations", "live", "7"), identity="all"),
        query(lambda_metric("metrics-pages", "Errors", "live", "7"), identity="bad"),
    ]
    whole = {one["Id"]: one["Values"] for one in ask(cloud, asked, first, first + 300)["MetricDataResults"]}
    pages, collected, token = 0, {"all": [], "bad": []}, {}  # type: tuple[int, dict[str, list[float]], dict[str, str]]
    statuses = []
    while True:
        page = ask(cloud, asked, first, first + 300, MaxDatapoints=4, **token)
        pages += 1
        for one in page["MetricDataResults"]:
            collected[one["Id"]] += one["Values"]
            statuses.append((one["Id"], one["StatusCode"]))
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert collected == whole
    assert pages == 3
    assert statuses == [("all", "PartialData"), ("all", "Complete"), ("bad", "PartialData"), ("bad", "Complete")]


def test_a_token_that_cloudwatch_never_gave_is_refused(cloud: LocalCloud) -> None:
    with pytest.raises(ClientError, match="InvalidNextToken"):
        ask(cloud, [query(lambda_metric("x", "Errors"))], 0, 60, NextToken="nonsense")


def bad_requests() -> list[tuple[str, list[dict[str, Any]], tuple[int, int]]]:
    errors = lambda_metric("x", "Errors")
    return [
        ("more than 500", [query(errors, identity=f"q{number}") for number in range(501)], (0, 60)),
        ("one id twice", [query(errors), query(errors)], (0, 60)),
        ("period of 45 s", [query(errors, period=45)], (0, 60)),
        ("end before start", [query(errors)], (60, 60)),
        ("metric math", [{"Id": "e", "Expression": "m1 / m2"}], (0, 60)),
        ("search", [{"Id": "e", "Expression": "SEARCH('{AWS/Lambda}', 'Sum', 60)"}], (0, 60)),
    ]


@pytest.mark.parametrize(("_what", "asked", "window"), bad_requests())
def test_a_query_that_cannot_be_answered_is_refused(
    cloud: LocalCloud, _what: str, asked: list[dict[str, Any]], window: tuple[int, int]
) -> None:
    with pytest.raises(ClientError, match="ValidationError"):
        ask(cloud, asked, *window)


def test_a_metric_without_data_is_complete_and_empty(cloud: LocalCloud) -> None:
    assert series(cloud, lambda_metric("metrics-none", "Errors")) == {}


@pytest.mark.parametrize(("status", "kept"), [("PartialData", 2), ("InternalError", 0)])
def test_queries_can_be_made_to_fail_so_many_times(cloud: LocalCloud, status: str, kept: int) -> None:
    function, first = f"metrics-{status}", minutes_ago(cloud, 30)
    for minute in range(4):
        cloud.metrics.put_invocations(function, "live", "7", first + 60 * minute, invocations=1)
    asked = [query(lambda_metric(function, "Invocations", "live", "7"))]
    cloud.metrics.fail_queries(times=1, status=status)
    (failed,) = ask(cloud, asked, first, first + 240)["MetricDataResults"]
    (fine,) = ask(cloud, asked, first, first + 240)["MetricDataResults"]
    assert (failed["StatusCode"], len(failed["Values"])) == (status, kept)
    assert (fine["StatusCode"], len(fine["Values"])) == ("Complete", 4)


def own(namespace: str, **dimensions: str) -> dict[str, Any]:
    named = [{"Name": name, "Value": value} for name, value in dimensions.items()]
    return {"Namespace": namespace, "MetricName": "Orders", "Dimensions": named}


def test_metrics_of_ones_own_are_kept_by_namespace_dimensions_and_minute(cloud: LocalCloud) -> None:
    at = minutes_ago(cloud, 15)
    shop = {"MetricName": "Orders", "Dimensions": [{"Name": "Version", "Value": "7"}]}
    moment = datetime.fromtimestamp(at + 5, UTC)
    put = cloud.client("cloudwatch").put_metric_data
    put(Namespace="Own", MetricData=[{**shop, "Timestamp": moment, "Value": 3}])
    put(Namespace="Own", MetricData=[{**shop, "Timestamp": moment, "Values": [1, 5], "Counts": [2, 4]}])
    put(Namespace="Else", MetricData=[{**shop, "Timestamp": moment, "Value": 100}])
    assert series(cloud, own("Own", Version="7")) == {at: 25.0}
    assert series(cloud, own("Own", Version="7"), "SampleCount") == {at: 7.0}
    assert series(cloud, own("Own", Version="7"), "p50") == {at: 5.0}
    assert series(cloud, own("Own")) == {}


def test_a_statistic_set_counts_but_has_no_percentiles(cloud: LocalCloud) -> None:
    at = minutes_ago(cloud, 15)
    whole = {"SampleCount": 4, "Sum": 20, "Minimum": 1, "Maximum": 9}
    datum = {"MetricName": "Orders", "Timestamp": datetime.fromtimestamp(at, UTC), "StatisticValues": whole}
    cloud.client("cloudwatch").put_metric_data(Namespace="OwnSets", MetricData=[datum])
    assert series(cloud, own("OwnSets"), "Average") == {at: 5.0}
    assert series(cloud, own("OwnSets"), "Maximum") == {at: 9.0}
    assert series(cloud, own("OwnSets"), "p50") == {}


def test_nobody_may_put_metrics_into_a_namespace_of_aws(cloud: LocalCloud) -> None:
    with pytest.raises(ClientError, match="InvalidParameterValue"):
        cloud.client("cloudwatch").put_metric_data(
            Namespace="AWS/Lambda", MetricData=[{"MetricName": "Errors", "Value": 1}]
        )


def test_get_metric_statistics_answers_from_the_same_minutes(cloud: LocalCloud) -> None:
    at = minutes_ago(cloud, 30)
    cloud.metrics.put_invocations("metrics-old-call", "live", "7", at, invocations=10, durations=DURATIONS)
    answer = cloud.client("cloudwatch").get_metric_statistics(
        **lambda_metric("metrics-old-call", "Duration", "live", "7"),
        StartTime=datetime.fromtimestamp(at, UTC),
        EndTime=datetime.fromtimestamp(at + 60, UTC),
        Period=60,
        Statistics=["Sum"],
        ExtendedStatistics=["p90"],
    )
    (point,) = answer["Datapoints"]
    assert (point["Sum"], point["ExtendedStatistics"], point["Unit"]) == (1450.0, {"p90": 90.0}, "Milliseconds")
    assert point["Timestamp"].timestamp() == at


def test_list_metrics_names_what_has_been_seen(cloud: LocalCloud) -> None:
    cloud.metrics.put_invocations("metrics-listed", "live", "7", minutes_ago(cloud, 5), invocations=1)
    listed = cloud.client("cloudwatch").list_metrics(
        Namespace="AWS/Lambda",
        MetricName="Errors",
        Dimensions=[{"Name": "FunctionName", "Value": "metrics-listed"}, {"Name": "ExecutedVersion"}],
    )["Metrics"]
    assert [len(metric["Dimensions"]) for metric in listed] == [3]


def test_500_queries_of_an_hour_are_computed_in_50_ms() -> None:
    metrics = Metrics()
    for function in range(250):
        for minute in range(60):
            metrics.put_invocations(f"f{function}", "live", "7", 60.0 * minute, invocations=20, errors=1)
    asked = [
        query(
            lambda_metric(f"f{number // 2}", ("Invocations", "Errors")[number % 2], "live", "7"), identity=f"q{number}"
        )
        for number in range(500)
    ]
    window = {"StartTime": datetime.fromtimestamp(0, UTC), "EndTime": datetime.fromtimestamp(3600, UTC)}
    spent = []
    for _ in range(5):
        began = time.process_time()
        answer = queries.get_metric_data(metrics, {"MetricDataQueries": asked, **window})
        spent.append(time.process_time() - began)
    assert sum(len(result["Values"]) for result in answer["MetricDataResults"]) == 30_000
    assert min(spent) < 0.05
