"""What the counts of both versions mean for one target at one tick."""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.builders import NOON, a_plan, a_reading, a_request, a_shift, a_target, by_start
from tidegate.domain.analysis.baseline import UNKNOWN, Baseline
from tidegate.domain.analysis.comparison import Comparison
from tidegate.domain.analysis.readings import Reading, Shift
from tidegate.domain.analysis.verdict import TargetVerdict
from tidegate.domain.judge import Calls, Minute, Verdict
from tidegate.domain.metric import PlannedMetric, metrics_of
from tidegate.domain.plan import TargetPlan

SHIFTS = [a_shift(NOON, 10)]
LATER = NOON + 3600


HEALTHY = Minute(canary_total=30, canary_bad=0, stable_total=270, stable_bad=1)
BROKEN = Minute(canary_total=100, canary_bad=90, stable_total=900, stable_bad=1)


def judged(
    *minutes: Minute,
    target: TargetPlan | None = None,
    others: int = 0,
    shifts: Sequence[Shift] = SHIFTS,
    now: int = LATER,
    problem: str | None = None,
    baseline: Baseline = UNKNOWN,
) -> TargetVerdict:
    target = target or a_target()
    plan = a_plan(target, *(a_target(f"other-{number}") for number in range(others)))
    return Comparison(plan, target, a_reading(by_start(*minutes), problem), baseline, shifts, now).judge()


def test_a_healthy_version_passes_once_enough_was_seen() -> None:
    assert judged(HEALTHY).verdict is Verdict.INCONCLUSIVE
    assert judged(*[HEALTHY] * 5).verdict is Verdict.PASS


def test_a_broken_version_fails() -> None:
    assert judged(BROKEN).verdict is Verdict.FAIL


def test_no_invocations_are_no_evidence() -> None:
    assert judged().verdict is Verdict.NO_DATA


def test_targets_share_the_chance_of_a_false_alarm() -> None:
    minute = Minute(canary_total=100, canary_bad=4, stable_total=900, stable_bad=1)
    assert judged(minute).verdict is Verdict.FAIL
    assert judged(minute, others=99).verdict is not Verdict.FAIL


def test_more_has_to_be_seen_before_a_step_with_more_traffic_passes() -> None:
    """What may slip through should do equal harm: 10 points at 10 %, 2 points at 50 %."""
    minute = Minute(canary_total=200, stable_total=200)
    at = {weight: judged(minute, shifts=[a_shift(NOON, weight)]).verdict for weight in (10.0, 50.0)}
    assert at == {10.0: Verdict.PASS, 50.0: Verdict.INCONCLUSIVE}


def test_a_fail_that_rests_on_a_minute_still_running_waits_for_the_next_tick() -> None:
    """Calls of a slow function's newest minute may yet end well, so they must not be all there is against it."""
    slow = a_target(timeout_seconds=900)
    soon = NOON + 6 * 60 + 30
    seen = [*[HEALTHY] * 5, BROKEN]
    assert judged(*seen, target=slow, now=soon).verdict is Verdict.INCONCLUSIVE
    assert judged(*seen, target=slow, now=LATER).verdict is Verdict.FAIL


def test_a_fail_that_stands_without_the_newest_minute_does_not_wait() -> None:
    slow = a_target(timeout_seconds=900)
    assert judged(BROKEN, BROKEN, target=slow, now=NOON + 150).verdict is Verdict.FAIL


def test_a_quick_function_fails_at_once() -> None:
    assert judged(BROKEN, now=NOON + 150).verdict is Verdict.FAIL


def test_metrics_that_could_not_be_read_whole_are_never_healthy() -> None:
    seen = judged(*[HEALTHY] * 5, problem="AccessDenied")
    assert seen.verdict is Verdict.NO_DATA
    assert seen.summary(10) == "10 % on 43: CloudWatch could not be read (AccessDenied); no data"


def test_metrics_that_could_not_be_read_whole_blame_nobody() -> None:
    """Stable's errors may be what is missing."""
    assert judged(BROKEN, BROKEN, problem="the answer was incomplete").verdict is Verdict.NO_DATA


def test_a_step_in_which_the_canary_completed_nothing_does_not_pass_on_earlier_minutes() -> None:
    shifts = [a_shift(NOON, 10), a_shift(NOON + 300, 25)]
    assert judged(*[HEALTHY] * 5, *[Minute(stable_total=3)] * 4, shifts=shifts).verdict is Verdict.NO_DATA


def test_a_shift_that_took_longer_than_its_minute_marks_every_minute_it_touched() -> None:
    seen = [Minute(), Minute(canary_total=3000, canary_bad=50, stable_total=7000, stable_bad=50)]
    assert judged(*seen, shifts=[Shift(NOON, 50, until=NOON + 2)]).verdict is Verdict.FAIL
    assert judged(*seen, shifts=[Shift(NOON, 50, until=NOON + 65)]).verdict is not Verdict.FAIL


def test_a_brown_out_beside_a_shift_is_not_blamed_on_the_canary() -> None:
    """Errors of both versions fell into the part of the minute in which the canary had 50 %."""
    minute = Minute(canary_total=3000, canary_bad=50, stable_total=7000, stable_bad=50)
    midway = [a_shift(NOON - 3600, 10), a_shift(NOON + 30, 50)]
    assert judged(minute, shifts=midway).verdict is not Verdict.FAIL
    assert judged(minute, shifts=[a_shift(NOON - 3600, 10)]).verdict is Verdict.FAIL


def test_a_verdict_says_the_counts_of_both_versions() -> None:
    found = judged(*[HEALTHY] * 5)
    assert found.summary(10) == "10 % on 43: 0 of 150 failed, 42: 5 of 1350; pass"


def test_the_ledger_gets_every_number_of_a_verdict() -> None:
    document = judged(BROKEN).document()
    assert (document["target"], document["verdict"]) == ("checkout:live", "fail")
    assert (document["metric"], document["since"], document["log_e_value"] > 3) == ("errors", None, True)
    (errors,) = document["metrics"]
    assert (errors["name"], errors["share"]) == ("errors", 1)
    assert (errors["canary"], errors["stable"]) == ([90, 100], [1, 900])
    assert errors["within"] == pytest.approx(0.9 - 1 / 900)
    assert "90 of 100" in document["explanation"]


QUIET = Minute(canary_total=100, stable_total=900)
SLOW = Minute(canary_total=100, canary_bad=80, stable_total=900, stable_bad=40)


def of_latency(mode: str = "gate", **fields: Any) -> Any:
    errors = PlannedMetric("errors", weight=2 / 3)
    latency = PlannedMetric("latency", gates=mode == "gate", weight=1 / 3, min_effect=0.01, **fields)
    return a_plan(metrics=(errors, latency))


def judged_on(plan: Any, baseline: Baseline = UNKNOWN, **measured: list[Minute]) -> TargetVerdict:
    seen = {"errors": [QUIET] * 6, **{name.replace("_", "-"): minutes for name, minutes in measured.items()}}
    counts = {name: by_start(*minutes) for name, minutes in seen.items()}
    reading = Reading(counts, counted=frozenset(counts))
    return Comparison(plan, a_target(), reading, baseline, SHIFTS, LATER).judge()


def test_a_slow_canary_fails_though_it_makes_no_error_and_the_summary_says_by_what() -> None:
    found = judged_on(of_latency(over_ms=800.0), latency=[SLOW] * 6)
    assert found.verdict is Verdict.FAIL
    assert found.summary(10) == "10 % on 43: 320 of 400 took over 800 ms since 12:02 UTC, 42: 160 of 3600; fail"
    assert "latency: since 2027-01-15 12:02 UTC" in found.explanation()


def test_cold_starts_of_the_first_two_minutes_are_not_slow_code() -> None:
    assert judged_on(of_latency(over_ms=800.0), latency=[SLOW, SLOW, *[QUIET] * 4]).verdict is Verdict.PASS


def test_latency_without_a_bound_is_tested_at_both_percentiles_of_stables_day_before() -> None:
    baseline = Baseline(thresholds={"p95": 300.0, "p99": 700.0})
    found = judged_on(of_latency(), baseline, latency_p95=[SLOW] * 6, latency_p99=[QUIET] * 6)
    assert found.verdict is Verdict.FAIL
    assert found.combined is not None
    shares = {each.metric.name: round(each.share, 4) for each in found.combined.metrics}
    assert shares == {"errors": 0.6667, "latency-p95": 0.1667, "latency-p99": 0.1667}


def test_a_reported_metric_never_decides() -> None:
    found = judged_on(of_latency("report", over_ms=800.0), latency=[SLOW] * 6)
    assert found.verdict is Verdict.PASS
    assert "latency is" in found.explanation()


def usual(**changes: Any) -> Any:
    """Give the plan of a request that names no metrics."""
    return a_plan(metrics=metrics_of(a_request().analysis), **changes)


PERCENTILES = Baseline(thresholds={"p95": 300.0, "p99": 700.0}, counts_slow=True)
A_BIT_SLOW = Minute(canary_total=100, canary_bad=15, stable_total=900, stable_bad=40)


def test_by_default_a_grossly_slow_canary_fails() -> None:
    found = judged_on(usual(), PERCENTILES, latency_p95=[SLOW] * 6, latency_p99=[QUIET] * 6)
    assert found.verdict is Verdict.FAIL
    assert found.summary(10).startswith(
        "10 % on 43: 320 of 400 took over 300 ms since 12:02 UTC, 42: 160 of 3600; fail"
    )


def test_by_default_a_canary_that_is_a_bit_slower_passes_and_nobody_can_miss_it() -> None:
    found = judged_on(usual(), PERCENTILES, latency_p95=[A_BIT_SLOW] * 12, latency_p99=[QUIET] * 12)
    said = "slower: 150 of 1000 took over 300 ms since 12:02 UTC, 400 of 9000 on stable; reported only"
    assert (found.verdict, found.amber) == (Verdict.PASS, (said,))
    assert found.summary(10) == f"10 % on 43: 0 of 600 failed, 42: 0 of 5400; pass; {said}"
    assert found.document()["amber"] == [said]
    assert [each.get("amber") for each in found.document()["metrics"]] == [None, True, None]
    assert "latency-p95 is " in found.explanation()


def test_latency_that_is_only_reported_is_told_by_the_same_sentence() -> None:
    found = judged_on(of_latency("report", over_ms=24.0), latency=[SLOW] * 6)
    assert found.amber == ("slower: 320 of 400 took over 24 ms since 12:02 UTC, 160 of 3600 on stable; reported only",)


def test_nothing_is_told_of_a_canary_that_is_as_quick_as_stable_or_that_fails() -> None:
    assert judged_on(usual(), PERCENTILES, latency_p95=[QUIET] * 12, latency_p99=[QUIET] * 12).amber == ()
    assert judged_on(usual(), PERCENTILES, latency_p95=[SLOW] * 6, latency_p99=[SLOW] * 6).amber == ()


def test_the_slow_first_calls_of_one_sandbox_are_not_gross_slowness() -> None:
    """Five in all: in whatever minutes they come, and however few calls the canary has."""
    calm = Minute(canary_total=3, stable_total=60, stable_bad=3)
    fresh = Minute(canary_total=3, canary_bad=3, stable_total=60, stable_bad=3)
    seen = [*[calm] * 6, fresh, Minute(canary_total=3, canary_bad=2, stable_total=60, stable_bad=3), calm]
    for look in range(1, len(seen) + 1):
        assert judged_on(usual(), PERCENTILES, latency_p95=seen[:look]).verdict is not Verdict.FAIL
    assert judged_on(usual(), PERCENTILES, latency_p95=[calm] * 6 + [fresh] * 6).verdict is Verdict.FAIL


def test_a_canary_without_warm_sandboxes_is_not_judged_by_gross_slowness() -> None:
    """With a call every other minute, each runs in a fresh sandbox."""
    rare = [Minute(stable_total=30, stable_bad=1), Minute(1, 1, 30, 1)] * 30
    found = judged_on(usual(), PERCENTILES, latency_p95=rare)
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
    found = judged_on(usual(), PERCENTILES)
    assert found.verdict is Verdict.PASS
    assert "CloudWatch did not return latency-p95 and latency-p99, so it does not decide now." in found.explanation()


def test_a_function_whose_durations_were_never_seen_is_judged_by_its_errors_alone() -> None:
    found = judged_on(usual())
    assert (found.verdict, found.amber) == (Verdict.PASS, ())
    assert found.combined
    assert [(each.metric.name, each.share) for each in found.combined.metrics] == [("errors", 1.0)]


BURNING = Minute(canary_total=9, stable_total=171, stable_bad=51)


def test_a_fix_is_shown_to_be_better_and_the_sentences_say_so() -> None:
    assert judged(*[BURNING] * 2).verdict is Verdict.INCONCLUSIVE
    found = judged(*[BURNING] * 4)
    assert (found.verdict, found.better) == (Verdict.PASS, True)
    assert found.summary(10) == "10 % on 43: 0 of 36 failed, 42: 204 of 684; pass; better: 29.8 points fewer failed"
    assert "better: 29.8 points fewer; chance explains this less than once in" in found.explanation()


@pytest.mark.parametrize(
    "minute",
    [
        Minute(canary_total=100, canary_bad=30, stable_total=900, stable_bad=270),  # both fail
        Minute(canary_total=1000, canary_bad=5, stable_total=9000, stable_bad=400),  # stable does not burn
        Minute(canary_total=1, stable_total=19, stable_bad=6),  # too little is known
    ],
)
def test_nothing_else_is_better(minute: Minute) -> None:
    assert not any(judged(*[minute] * look).better for look in range(1, 8))


def test_what_was_better_and_is_no_more_is_not_better() -> None:
    alike = Minute(canary_total=9, canary_bad=3, stable_total=171, stable_bad=51)
    assert judged(*[BURNING] * 4).better
    assert not judged(*[BURNING] * 4, *[alike] * 6).better


def test_minutes_whose_calls_may_still_be_running_do_not_show_that_a_version_is_better() -> None:
    """Stable's failures may be quick, and its good calls slow: they are missing yet."""
    slow = a_target(timeout_seconds=900)
    assert not judged(*[BURNING] * 6, target=slow, now=NOON + 480).better
    assert judged(*[BURNING] * 6, target=slow, now=LATER).better


def test_slow_calls_that_cannot_be_counted_are_only_reported_with_a_warning() -> None:
    counts = by_start(*[QUIET] * 6)
    reading = Reading({"errors": counts, "latency": counts})
    found = Comparison(of_latency(over_ms=800.0), a_target(), reading, UNKNOWN, SHIFTS, LATER).judge()
    assert found.verdict is Verdict.PASS
    assert "latency is only reported" in found.explanation()


def test_slow_calls_that_are_known_to_be_counted_may_be_none() -> None:
    counts = by_start(*[QUIET] * 6)
    reading, known = Reading({"errors": counts, "latency": counts}), Baseline(counts_slow=True)
    found = Comparison(of_latency(over_ms=800.0), a_target(), reading, known, SHIFTS, LATER).judge()
    assert "only reported" not in found.explanation()


def test_where_slow_calls_alone_decide_and_cannot_be_counted_nothing_is_known() -> None:
    plan = a_plan(metrics=(PlannedMetric("latency", over_ms=800.0),))
    counts = by_start(QUIET, since=NOON + 180)
    reading = Reading({"errors": counts, "latency": counts})
    found = Comparison(plan, a_target(), reading, UNKNOWN, SHIFTS, LATER).judge()
    assert (found.verdict, found.problem is not None) == (Verdict.NO_DATA, True)


def test_a_canary_that_hangs_fails_by_its_share_of_the_calls() -> None:
    hanging = [Minute(canary_total=1, stable_total=900)] * 4
    found = judged(*hanging)
    assert found.verdict is Verdict.FAIL
    assert "completes less than its share" in found.explanation()
    assert found.summary(10) == "10 % on 43: completes 0.111 % of 2703 calls (12:01 to 12:04), 10 % sent; fail"


def test_calls_that_may_still_be_running_are_not_missed_yet() -> None:
    hanging = [Minute(canary_total=1, stable_total=900)] * 4
    assert judged(*hanging, target=a_target(timeout_seconds=900), now=NOON + 330).verdict is not Verdict.FAIL


def test_both_versions_much_worse_than_before_are_said_to_be() -> None:
    before = {NOON - 3600 + minute * 60: Calls(1000, 1) for minute in range(60)}
    brown_out = Minute(canary_total=100, canary_bad=30, stable_total=900, stable_bad=270)
    found = judged(*[brown_out] * 5, baseline=Baseline(before=before))
    assert found.verdict is not Verdict.FAIL
    assert found.troubled
    assert found.troubled in found.summary(10)
    assert not judged(*[QUIET] * 5, baseline=Baseline(before=before)).troubled


def test_errors_that_come_in_bursts_anyway_need_more_to_convince() -> None:
    minute = Minute(canary_total=100, canary_bad=6, stable_total=900, stable_bad=1)
    assert judged(minute).verdict is Verdict.FAIL
    assert judged(minute, baseline=Baseline(dispersions={"errors": 10.0})).verdict is not Verdict.FAIL


def test_where_events_are_tried_again_a_fail_has_to_hold_at_two_ticks() -> None:
    retried = Baseline(retried=True)
    assert judged(BROKEN, baseline=retried).verdict is Verdict.INCONCLUSIVE
    assert judged(BROKEN, BROKEN, baseline=retried).verdict is Verdict.FAIL
