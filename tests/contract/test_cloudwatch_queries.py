"""Queries for metrics: statistics, periods, pages, and metrics of one's own."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.cloudwatch.models import CloudWatchBackend

from localcloud import LocalCloud
from localcloud.cloudwatch import Metrics, queries
from tests.contract.metrics import ask, lambda_metric, minutes_ago, query, series

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


def test_500_queries_of_an_hour_are_answered_at_once_and_in_full() -> None:
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
    answer = queries.get_metric_data(metrics, {"MetricDataQueries": asked, **window})
    assert [len(result["Values"]) for result in answer["MetricDataResults"]] == [60] * 500
    assert "NextToken" not in answer


def test_moto_itself_still_has_no_percentiles_and_ignores_the_namespace() -> None:
    """When this fails, moto has closed a gap: see whether its metrics can take the place of ours."""
    moto, at = CloudWatchBackend("us-east-1", "123456789012"), datetime(2026, 1, 1)  # noqa: DTZ001 - moto's are naive
    metric = own("Own", Version="7")
    moto.put_metric_data("Else", [{**metric, "Timestamp": at, "Value": 1.0}])
    for stat, expected in (("Sum", [1.0]), ("p50", [None]), ("TC(0:)", [None])):
        (result,) = moto.get_metric_data([query(metric, stat)], at, at + timedelta(minutes=1))
        assert result["values"] == expected
