"""What the counts of both versions mean for one target at one tick."""

import pytest

from tests.builders import NOON, a_plan, a_shift, a_target, by_start
from tests.judging import BROKEN, HEALTHY, LATER, QUIET, SHIFTS, SLOW, of_latency, tick, tick_of
from tidegate.domain.analysis.baseline import UNKNOWN, Baseline
from tidegate.domain.analysis.comparison import Comparison
from tidegate.domain.analysis.readings import Reading, Shift
from tidegate.domain.judge import Calls, Minute, Verdict
from tidegate.domain.metric import PlannedMetric


def test_a_healthy_version_passes_once_enough_was_seen() -> None:
    assert tick(HEALTHY).verdict is Verdict.INCONCLUSIVE
    assert tick(*[HEALTHY] * 5).verdict is Verdict.PASS


def test_a_broken_version_fails() -> None:
    assert tick(BROKEN).verdict is Verdict.FAIL


def test_no_invocations_are_no_evidence() -> None:
    assert tick().verdict is Verdict.NO_DATA


def test_targets_share_the_chance_of_a_false_alarm() -> None:
    minute = Minute(canary_total=100, canary_bad=4, stable_total=900, stable_bad=1)
    assert tick(minute).verdict is Verdict.FAIL
    assert tick(minute, others=99).verdict is not Verdict.FAIL


def test_more_has_to_be_seen_before_a_step_with_more_traffic_passes() -> None:
    """What may slip through should do equal harm: 10 points at 10 %, 2 points at 50 %."""
    minute = Minute(canary_total=200, stable_total=200)
    at = {weight: tick(minute, shifts=[a_shift(NOON, weight)]).verdict for weight in (10.0, 50.0)}
    assert at == {10.0: Verdict.PASS, 50.0: Verdict.INCONCLUSIVE}


def test_a_fail_that_rests_on_a_minute_still_running_waits_for_the_next_tick() -> None:
    """Calls of a slow function's newest minute may yet end well, so they must not be all there is against it."""
    slow = a_target(timeout_seconds=900)
    soon = NOON + 6 * 60 + 30
    seen = [*[HEALTHY] * 5, BROKEN]
    waiting = tick(*seen, target=slow, now=soon)
    assert (waiting.verdict, waiting.unconfirmed) == (Verdict.INCONCLUSIVE, True)
    assert waiting.summary(10.0).endswith("inconclusive: the next tick must confirm the failures")
    failed = tick(*seen, target=slow, now=LATER)
    assert (failed.verdict, failed.unconfirmed) == (Verdict.FAIL, False)


def test_a_fail_to_be_confirmed_is_no_want_of_calls() -> None:
    """It says what it waits for, even if more calls are wanted too, or if the canary has none in the newest step."""
    slow = a_target(timeout_seconds=900)
    few = Minute(canary_total=5, canary_bad=5, stable_total=500)
    waiting = tick(few, target=slow, now=NOON + 150)
    assert (waiting.unconfirmed, waiting.waits_for) == (True, "the next tick must confirm the failures")
    since = tick(BROKEN, target=slow, shifts=[a_shift(NOON, 10), a_shift(NOON + 60, 50)], now=NOON + 150)
    assert (since.verdict, since.waits_for) == (Verdict.INCONCLUSIVE, "the next tick must confirm the failures")


def test_a_fail_that_stands_without_the_newest_minute_does_not_wait() -> None:
    slow = a_target(timeout_seconds=900)
    assert tick(BROKEN, BROKEN, target=slow, now=NOON + 150).verdict is Verdict.FAIL


def test_a_quick_function_fails_at_once() -> None:
    assert tick(BROKEN, now=NOON + 150).verdict is Verdict.FAIL


def test_metrics_that_could_not_be_read_whole_are_never_healthy() -> None:
    seen = tick(*[HEALTHY] * 5, problem="AccessDenied")
    assert seen.verdict is Verdict.NO_DATA
    assert seen.summary(10) == "10 % on 43: CloudWatch could not be read (AccessDenied); no data"


def test_metrics_that_could_not_be_read_whole_blame_nobody() -> None:
    """Stable's errors may be what is missing."""
    assert tick(BROKEN, BROKEN, problem="the answer was incomplete").verdict is Verdict.NO_DATA


def test_a_step_in_which_the_canary_completed_nothing_does_not_pass_on_earlier_minutes() -> None:
    shifts = [a_shift(NOON, 10), a_shift(NOON + 300, 25)]
    assert tick(*[HEALTHY] * 5, *[Minute(stable_total=3)] * 4, shifts=shifts).verdict is Verdict.NO_DATA


def test_a_shift_that_took_longer_than_its_minute_marks_every_minute_it_touched() -> None:
    seen = [Minute(), Minute(canary_total=3000, canary_bad=50, stable_total=7000, stable_bad=50)]
    assert tick(*seen, shifts=[Shift(NOON, 50, until=NOON + 2)]).verdict is Verdict.FAIL
    assert tick(*seen, shifts=[Shift(NOON, 50, until=NOON + 65)]).verdict is not Verdict.FAIL


def test_a_brown_out_beside_a_shift_is_not_blamed_on_the_canary() -> None:
    """Errors of both versions fell into the part of the minute in which the canary had 50 %."""
    minute = Minute(canary_total=3000, canary_bad=50, stable_total=7000, stable_bad=50)
    midway = [a_shift(NOON - 3600, 10), a_shift(NOON + 30, 50)]
    assert tick(minute, shifts=midway).verdict is not Verdict.FAIL
    assert tick(minute, shifts=[a_shift(NOON - 3600, 10)]).verdict is Verdict.FAIL


def test_a_verdict_says_the_counts_of_both_versions() -> None:
    found = tick(*[HEALTHY] * 5)
    assert found.summary(10) == "10 % on 43: 0 of 150 failed, 42: 5 of 1350; pass"


def test_the_ledger_gets_every_number_of_a_verdict() -> None:
    document = tick(BROKEN).document()
    assert (document["target"], document["verdict"]) == ("checkout:live", "fail")
    assert (document["metric"], document["since"], document["log_e_value"] > 3) == ("errors", None, True)
    (errors,) = document["metrics"]
    assert (errors["name"], errors["share"]) == ("errors", 1)
    assert (errors["canary"], errors["stable"]) == ([90, 100], [1, 900])
    assert errors["within"] == pytest.approx(0.9 - 1 / 900)
    assert "90 of 100" in document["explanation"]


def test_a_slow_canary_fails_though_it_makes_no_error_and_the_summary_says_by_what() -> None:
    found = tick_of(of_latency(over_ms=800.0), latency=[SLOW] * 6)
    assert found.verdict is Verdict.FAIL
    assert found.summary(10) == "10 % on 43: 320 of 400 took over 800 ms since 12:02 UTC, 42: 160 of 3600; fail"
    assert "latency: since 2027-01-15 12:02 UTC" in found.explanation()


def test_cold_starts_of_the_first_two_minutes_are_not_slow_code() -> None:
    assert tick_of(of_latency(over_ms=800.0), latency=[SLOW, SLOW, *[QUIET] * 4]).verdict is Verdict.PASS


def test_latency_without_a_bound_is_tested_at_both_percentiles_of_stables_day_before() -> None:
    baseline = Baseline(thresholds={"p95": 300.0, "p99": 700.0})
    found = tick_of(of_latency(), baseline, latency_p95=[SLOW] * 6, latency_p99=[QUIET] * 6)
    assert found.verdict is Verdict.FAIL
    assert found.combined is not None
    shares = {each.metric.name: round(each.share, 4) for each in found.combined.metrics}
    assert shares == {"errors": 0.6667, "latency-p95": 0.1667, "latency-p99": 0.1667}


def test_a_reported_metric_never_decides() -> None:
    found = tick_of(of_latency("report", over_ms=800.0), latency=[SLOW] * 6)
    assert found.verdict is Verdict.PASS
    assert "latency is" in found.explanation()


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
    found = tick(*hanging)
    assert found.verdict is Verdict.FAIL
    assert "completes less than its share" in found.explanation()
    assert found.summary(10) == "10 % on 43: completes 0.111 % of 2703 calls (12:01 to 12:04), 10 % sent; fail"


def test_calls_that_may_still_be_running_are_not_missed_yet() -> None:
    hanging = [Minute(canary_total=1, stable_total=900)] * 4
    assert tick(*hanging, target=a_target(timeout_seconds=900), now=NOON + 330).verdict is not Verdict.FAIL


def test_both_versions_much_worse_than_before_are_said_to_be() -> None:
    before = {NOON - 3600 + minute * 60: Calls(1000, 1) for minute in range(60)}
    brown_out = Minute(canary_total=100, canary_bad=30, stable_total=900, stable_bad=270)
    found = tick(*[brown_out] * 5, baseline=Baseline(before=before))
    assert found.verdict is not Verdict.FAIL
    assert found.troubled
    assert found.troubled in found.summary(10)
    assert not tick(*[QUIET] * 5, baseline=Baseline(before=before)).troubled


def test_errors_that_come_in_bursts_anyway_need_more_to_convince() -> None:
    minute = Minute(canary_total=100, canary_bad=6, stable_total=900, stable_bad=1)
    assert tick(minute).verdict is Verdict.FAIL
    assert tick(minute, baseline=Baseline(dispersions={"errors": 10.0})).verdict is not Verdict.FAIL


def test_where_events_are_tried_again_a_fail_has_to_hold_at_two_ticks() -> None:
    retried = Baseline(retried=True)
    assert tick(BROKEN, baseline=retried).verdict is Verdict.INCONCLUSIVE
    assert tick(BROKEN, BROKEN, baseline=retried).verdict is Verdict.FAIL
