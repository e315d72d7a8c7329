"""Reading counts from CloudWatch: few calls, every answer looked at twice."""

import pytest

from tests.builders import NOON, a_target
from tests.fakes.cloudwatch import cloudwatch
from tidegate.aws.cloudwatch import analysis_input
from tidegate.aws.cloudwatch import baselines as cloudwatch_baselines
from tidegate.aws.cloudwatch.baselines import Unreadable
from tidegate.domain.analysis.baseline import UNKNOWN, Baseline
from tidegate.domain.analysis.readings import Reading
from tidegate.domain.judge import Calls, Minute
from tidegate.domain.metric import PlannedMetric
from tidegate.domain.plan import TargetPlan

ERRORS = PlannedMetric("errors")
LATENCY = PlannedMetric("latency", over_ms=800.0)
THROTTLES = PlannedMetric("throttles")
DECLINED = PlannedMetric(
    "declined",
    namespace="Shop",
    bad="Declined",
    total="Orders",
    dimensions=(("alias", "{alias}"), ("version", "{version}")),
)
OF_VERSION = {
    version: {"FunctionName": "checkout", "Resource": "checkout:live", "ExecutedVersion": version}
    for version in ("42", "43")
}
OF_ALIAS = {"FunctionName": "checkout", "Resource": "checkout:live"}
HOUR_BEFORE = NOON - 3600


def read(*asked: PlannedMetric, target: TargetPlan | None = None) -> Reading:
    target = target or a_target()
    return analysis_input.read([target], asked, {target.name: UNKNOWN}, NOON, NOON + 600)[target.name]


def test_ten_targets_with_five_metrics_take_one_call_a_tick() -> None:
    five = (
        ERRORS,
        PlannedMetric("latency"),
        THROTTLES,
        DECLINED,
        PlannedMetric("lost", namespace="A", bad="b", total="t"),
    )
    targets = [a_target(f"function-{number}") for number in range(10)]
    baselines = {target.name: Baseline(thresholds={"p95": 300.0, "p99": 800.0}) for target in targets}
    with cloudwatch() as ours:
        analysis_input.read(targets, five, baselines, NOON, NOON + 3600)
    (call,) = ours.calls
    assert len(call["MetricDataQueries"]) <= 500
    assert call["ScanBy"] == "TimestampAscending"
    assert (call["StartTime"].timestamp() % 60, call["EndTime"].timestamp() % 60) == (0, 0)


def test_more_queries_than_a_call_may_have_are_divided() -> None:
    targets = [a_target(f"function-{number}") for number in range(100)]
    with cloudwatch() as ours:
        analysis_input.read(targets, (ERRORS, LATENCY), {t.name: UNKNOWN for t in targets}, NOON, NOON + 60)
    assert [len(call["MetricDataQueries"]) for call in ours.calls] == [500, 300]


def test_nothing_is_asked_before_a_minute_can_be_read() -> None:
    with cloudwatch() as ours:
        found = analysis_input.read([a_target()], (ERRORS,), {"checkout:live": UNKNOWN}, NOON, NOON)
    assert (ours.calls, found["checkout:live"].of("errors")) == ([], {})


def test_errors_are_counted_by_version_and_never_exceed_the_calls() -> None:
    with cloudwatch() as ours:
        ours.put("Invocations", {NOON: 90, NOON + 60: 80}, **OF_VERSION["42"])
        ours.put("Errors", {NOON: 2, NOON + 60: 0}, **OF_VERSION["42"])
        ours.put("Errors", {NOON: 3}, **OF_VERSION["43"])
        found = read(ERRORS)
    assert found.of("errors") == {NOON: Minute(3, 3, 90, 2), NOON + 60: Minute(0, 0, 80, 0)}


def test_pages_are_put_together() -> None:
    with cloudwatch() as ours:
        ours.page = 1
        ours.put("Invocations", {NOON: 9}, **OF_VERSION["43"])
        ours.put("Errors", {NOON: 1}, **OF_VERSION["43"])
        assert read(ERRORS).of("errors") == {NOON: Minute(9, 1, 0, 0)}


def test_slow_calls_are_those_over_the_bound() -> None:
    with cloudwatch() as ours:
        ours.put("Duration", {NOON: 100}, stat="SampleCount", **OF_VERSION["43"])
        ours.put("Duration", {NOON: 7}, stat="TC(800:)", **OF_VERSION["43"])
        found = read(ERRORS, LATENCY)
    assert found.of("latency") == {NOON: Minute(100, 7, 0, 0)}
    assert found.counted == {"latency"}


def test_durations_without_a_count_of_slow_ones_are_not_counted_and_a_count_of_none_is() -> None:
    with cloudwatch() as ours:
        ours.put("Duration", {NOON: 100}, stat="SampleCount", **OF_VERSION["43"])
        found = read(ERRORS, LATENCY)
        assert (found.counted, found.of("latency")) == (frozenset(), {NOON: Minute(100, 0, 0, 0)})
        ours.put("Duration", {NOON: 0}, stat="TC(800:)", **OF_VERSION["42"])
        assert read(ERRORS, LATENCY).counted == {"latency"}


def test_throttled_calls_are_added_to_those_that_ran() -> None:
    with cloudwatch() as ours:
        ours.put("Invocations", {NOON: 90}, **OF_VERSION["43"])
        ours.put("Throttles", {NOON: 10}, **OF_VERSION["43"])
        assert read(THROTTLES).of("throttles") == {NOON: Minute(100, 10, 0, 0)}


def test_a_metric_of_ones_own_is_found_by_the_version_in_its_dimensions() -> None:
    with cloudwatch() as ours:
        ours.put("Orders", {NOON: 50}, namespace="Shop", alias="live", version="43")
        ours.put("Declined", {NOON: 20}, namespace="Shop", alias="live", version="43")
        ours.put("Orders", {NOON: 400}, namespace="Shop", alias="live", version="42")
        assert read(DECLINED).of("declined") == {NOON: Minute(50, 20, 400, 0)}


def test_a_metric_of_ones_own_that_falls_below_zero_counts_nothing() -> None:
    with cloudwatch() as ours:
        ours.put("Orders", {NOON: 50, NOON + 60: -3}, namespace="Shop", alias="live", version="43")
        ours.put("Declined", {NOON: -20, NOON + 60: -1}, namespace="Shop", alias="live", version="43")
        assert read(DECLINED).of("declined") == {NOON: Minute(50, 0, 0, 0), NOON + 60: Minute(0, 0, 0, 0)}


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("PartialData", "the answer was incomplete"),
        ("InternalError", "internal error"),
        ("Forbidden", "access was denied"),
    ],
)
def test_what_decides_and_does_not_come_whole_is_a_problem(status: str, words: str) -> None:
    with cloudwatch() as ours:
        ours.put("Invocations", {NOON: 9}, **OF_VERSION["43"])
        ours.statuses[next(iter(ours.series))] = status
        assert read(ERRORS).problem == words


def test_what_is_only_reported_may_be_missing() -> None:
    reported = PlannedMetric("latency", gates=False, over_ms=800.0)
    with cloudwatch() as ours:
        ours.put("Duration", {NOON: 9}, stat="SampleCount", **OF_VERSION["43"])
        ours.statuses[next(iter(ours.series))] = "InternalError"
        found = read(ERRORS, reported)
    assert (found.problem, found.of("latency")) == (None, {})


def baseline(*asked: PlannedMetric) -> Baseline:
    return cloudwatch_baselines.read([a_target()], asked, NOON + 30)["checkout:live"]


def test_the_hour_before_is_that_of_the_alias_where_the_version_has_no_points_of_its_own() -> None:
    with cloudwatch() as ours:
        ours.put("Invocations", {HOUR_BEFORE: 100, HOUR_BEFORE + 60: 200}, **OF_ALIAS)
        ours.put("Errors", {HOUR_BEFORE: 1, HOUR_BEFORE + 60: 2}, **OF_ALIAS)
        found = baseline(ERRORS)
    assert found.before == {HOUR_BEFORE: Calls(100, 1), HOUR_BEFORE + 60: Calls(200, 2)}
    assert (found.retried, found.dispersions) == (False, {"errors": 1.0})


def test_what_the_version_before_stable_did_in_that_hour_is_not_held_against_stable() -> None:
    """A fix that was released within the hour: what failed before it is no measure for what comes after it."""
    before_the_fix = range(HOUR_BEFORE, HOUR_BEFORE + 600, 60)
    with cloudwatch() as ours:
        ours.put("Invocations", dict.fromkeys(before_the_fix, 100), **OF_ALIAS)
        ours.put("Errors", {minute: 60 * (minute % 120 == 0) for minute in before_the_fix}, **OF_ALIAS)
        ours.put("Invocations", {HOUR_BEFORE + 600: 200, HOUR_BEFORE + 660: 200}, **OF_ALIAS)
        ours.put("Invocations", {HOUR_BEFORE + 600: 150}, **OF_VERSION["42"])
        found = baseline(ERRORS)
    assert found.before == {HOUR_BEFORE + 600: Calls(150), HOUR_BEFORE + 660: Calls(200)}
    assert found.dispersions["errors"] > 5, "bursts are remembered, whichever version they fell on"


def test_errors_in_bursts_in_the_hour_before_are_remembered() -> None:
    with cloudwatch() as ours:
        minutes = range(HOUR_BEFORE, NOON, 60)
        ours.put("Invocations", dict.fromkeys(minutes, 100), **OF_VERSION["42"])
        ours.put("Errors", {minute: 20 * (minute % 120 == 0) for minute in minutes}, **OF_VERSION["42"])
        assert baseline(ERRORS).dispersions["errors"] > 5


@pytest.mark.parametrize("metric", ["AsyncEventsReceived", "IteratorAge"])
def test_an_alias_whose_events_are_tried_again_is_known_by_its_metrics(metric: str) -> None:
    with cloudwatch() as ours:
        ours.put(metric, {HOUR_BEFORE: 3}, stat="SampleCount", **OF_ALIAS)
        found = baseline(ERRORS)
    assert (found.retried, found.dispersions) == (True, {"errors": 2.0})


def test_slow_is_what_few_calls_of_stable_were_the_day_before() -> None:
    with cloudwatch() as ours:
        for stat, early, late in (("SampleCount", 10, 5000), ("p95", 900.0, 310.5), ("p99", 990.0, 820.0)):
            ours.put("Duration", {NOON - 86_400: early, NOON - 43_200: late}, stat=stat, **OF_ALIAS)
        ours.put("Duration", {NOON - 600: 4}, stat="SampleCount", **OF_ALIAS)
        ours.put("Duration", {NOON - 600: 4}, stat="TC(0:)", **OF_ALIAS)
        found = baseline(ERRORS, PlannedMetric("latency"))
    assert found.thresholds == {"p95": 310.5, "p99": 820.0}
    assert set(found.dispersions) == {"errors", "latency-p95", "latency-p99"}
    assert found.counts_slow is True


def test_whether_slow_calls_are_counted_shows_in_the_hour_before() -> None:
    with cloudwatch() as ours:
        assert baseline(ERRORS, LATENCY).counts_slow is None
        ours.put("Duration", {NOON - 600: 4}, stat="SampleCount", **OF_ALIAS)
        assert baseline(ERRORS, LATENCY).counts_slow is False


def test_a_baseline_that_does_not_come_whole_is_none() -> None:
    with cloudwatch() as ours:
        ours.put("Errors", {HOUR_BEFORE: 1}, **OF_VERSION["42"])
        ours.statuses[next(iter(ours.series))] = "PartialData"
        with pytest.raises(Unreadable, match="the answer was incomplete"):
            baseline(ERRORS)


def test_a_baseline_comes_back_from_the_ledger_as_it_was() -> None:
    found = Baseline({"p95": 310.5}, {"errors": 1.5}, {HOUR_BEFORE: Calls(100, 1)}, retried=True, counts_slow=False)
    assert Baseline.of(found.document()) == found
