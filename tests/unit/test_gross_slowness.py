"""Latency where a request names no metrics: gross slowness decides, less is told, quiet functions are spared."""

from typing import Any

from tests.builders import a_plan, a_request, a_target, by_start
from tests.judging import LATER, QUIET, SHIFTS, SLOW, of_latency, tick_of
from tidegate.domain.analysis.baseline import Baseline
from tidegate.domain.analysis.comparison import Comparison
from tidegate.domain.analysis.readings import Reading
from tidegate.domain.judge import Minute, Verdict
from tidegate.domain.metric import metrics_of


def usual(**changes: Any) -> Any:
    """Give the plan of a request that names no metrics."""
    return a_plan(metrics=metrics_of(a_request().analysis), **changes)


PERCENTILES = Baseline(thresholds={"p95": 300.0, "p99": 700.0}, counts_slow=True)
A_BIT_SLOW = Minute(canary_total=100, canary_bad=15, stable_total=900, stable_bad=40)


def test_by_default_a_grossly_slow_canary_fails() -> None:
    found = tick_of(usual(), PERCENTILES, latency_p95=[SLOW] * 6, latency_p99=[QUIET] * 6)
    assert found.verdict is Verdict.FAIL
    assert found.summary(10).startswith(
        "10 % on 43: 320 of 400 took over 300 ms since 12:02 UTC, 42: 160 of 3600; fail"
    )


def test_by_default_a_canary_that_is_a_bit_slower_passes_and_nobody_can_miss_it() -> None:
    found = tick_of(usual(), PERCENTILES, latency_p95=[A_BIT_SLOW] * 12, latency_p99=[QUIET] * 12)
    said = "slower: 150 of 1000 took over 300 ms since 12:02 UTC, 400 of 9000 on stable; reported only"
    assert (found.verdict, found.amber) == (Verdict.PASS, (said,))
    assert found.summary(10) == f"10 % on 43: 0 of 600 failed, 42: 0 of 5400; pass; {said}"
    assert found.document()["amber"] == [said]
    assert [each.get("amber") for each in found.document()["metrics"]] == [None, True, None]
    assert "latency-p95 is " in found.explanation()


def test_latency_that_is_only_reported_is_told_by_the_same_sentence() -> None:
    found = tick_of(of_latency("report", over_ms=24.0), latency=[SLOW] * 6)
    assert found.amber == ("slower: 320 of 400 took over 24 ms since 12:02 UTC, 160 of 3600 on stable; reported only",)


def test_nothing_is_told_of_a_canary_that_is_as_quick_as_stable_or_that_fails() -> None:
    assert tick_of(usual(), PERCENTILES, latency_p95=[QUIET] * 12, latency_p99=[QUIET] * 12).amber == ()
    assert tick_of(usual(), PERCENTILES, latency_p95=[SLOW] * 6, latency_p99=[SLOW] * 6).amber == ()


def test_the_slow_first_calls_of_one_sandbox_are_not_gross_slowness() -> None:
    """Five in all: in whatever minutes they come, and however few calls the canary has."""
    calm = Minute(canary_total=3, stable_total=60, stable_bad=3)
    fresh = Minute(canary_total=3, canary_bad=3, stable_total=60, stable_bad=3)
    seen = [*[calm] * 6, fresh, Minute(canary_total=3, canary_bad=2, stable_total=60, stable_bad=3), calm]
    for look in range(1, len(seen) + 1):
        assert tick_of(usual(), PERCENTILES, latency_p95=seen[:look]).verdict is not Verdict.FAIL
    assert tick_of(usual(), PERCENTILES, latency_p95=[calm] * 6 + [fresh] * 6).verdict is Verdict.FAIL


def test_a_canary_without_warm_sandboxes_is_not_judged_by_gross_slowness() -> None:
    """With a call every other minute, each runs in a fresh sandbox."""
    rare = [Minute(stable_total=30, stable_bad=1), Minute(1, 1, 30, 1)] * 30
    found = tick_of(usual(), PERCENTILES, latency_p95=rare)
    assert found.verdict is Verdict.PASS
    assert found.amber == ()


def test_without_a_count_of_slow_calls_the_default_only_reports_latency_with_the_warning() -> None:
    counts = {name: by_start(*[QUIET] * 6) for name in ("errors", "latency-p95", "latency-p99")}
    uncounted = Baseline(thresholds=PERCENTILES.thresholds, counts_slow=False)
    found = Comparison(usual(), a_target(), Reading(counts), uncounted, SHIFTS, LATER).judge()
    assert found.verdict is Verdict.PASS
    assert "latency is only reported" in found.explanation()
    assert found.combined
    assert [each.share for each in found.combined.metrics] == [1.0, 0.0, 0.0]


def test_latency_that_cloudwatch_does_not_return_is_said_and_does_not_stop_a_release_that_only_stops_gross() -> None:
    found = tick_of(usual(), PERCENTILES)
    assert found.verdict is Verdict.PASS
    assert (
        "CloudWatch did not return latency-p95 and latency-p99, which does not decide at this tick."
        in found.explanation()
    )


def test_a_function_whose_durations_were_never_seen_is_judged_by_its_errors_alone() -> None:
    found = tick_of(usual())
    assert (found.verdict, found.amber) == (Verdict.PASS, ())
    assert found.combined
    assert [(each.metric.name, each.share) for each in found.combined.metrics] == [("errors", 1.0)]
