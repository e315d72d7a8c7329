"""What the counts of both versions mean for one target at one tick."""

from collections.abc import Sequence

from tests.builders import NOON, a_plan, a_shift, a_target
from tidegate.domain.evidence import Counts, Shift, TargetVerdict, judge_target
from tidegate.domain.judge import Verdict
from tidegate.domain.plan import TargetPlan

SHIFTS = [a_shift(NOON, 10)]
LATER = NOON + 3600


def healthy(minute: int) -> Counts:
    return Counts(NOON + minute * 60, canary_total=30, canary_bad=0, stable_total=270, stable_bad=1)


def broken(minute: int) -> Counts:
    return Counts(NOON + minute * 60, canary_total=100, canary_bad=90, stable_total=900, stable_bad=1)


def judged(
    counts: Sequence[Counts],
    *,
    target: TargetPlan | None = None,
    others: int = 0,
    shifts: Sequence[Shift] = SHIFTS,
    now: int = LATER,
    problem: str | None = None,
) -> TargetVerdict:
    target = target or a_target()
    plan = a_plan(target, *(a_target(f"other-{number}") for number in range(others)))
    return judge_target(plan, target, counts, shifts, now=now, problem=problem)


def test_a_healthy_version_passes_once_enough_was_seen() -> None:
    assert judged([healthy(0)]).verdict is Verdict.INCONCLUSIVE
    assert judged([healthy(minute) for minute in range(5)]).verdict is Verdict.PASS


def test_a_broken_version_fails() -> None:
    assert judged([broken(0)]).verdict is Verdict.FAIL


def test_no_invocations_are_no_evidence() -> None:
    assert judged([]).verdict is Verdict.NO_DATA


def test_targets_share_the_chance_of_a_false_alarm() -> None:
    counts = [Counts(NOON, canary_total=100, canary_bad=4, stable_total=900, stable_bad=1)]
    assert judged(counts).verdict is Verdict.FAIL
    assert judged(counts, others=99).verdict is not Verdict.FAIL


def test_more_has_to_be_seen_before_a_step_with_more_traffic_passes() -> None:
    """What may slip through should do equal harm: 10 points at 10 %, 2 points at 50 %."""
    counts = [Counts(NOON, canary_total=200, stable_total=200)]
    at = {weight: judged(counts, shifts=[a_shift(NOON, weight)]).verdict for weight in (10.0, 50.0)}
    assert at == {10.0: Verdict.PASS, 50.0: Verdict.INCONCLUSIVE}


def test_a_fail_that_rests_on_a_minute_still_running_waits_for_the_next_tick() -> None:
    """Calls of a slow function's newest minute may yet end well, so they must not be all there is against it."""
    slow = a_target(timeout_seconds=900)
    soon = NOON + 6 * 60 + 30
    counts = [*(healthy(minute) for minute in range(5)), broken(5)]
    assert judged(counts, target=slow, now=soon).verdict is Verdict.INCONCLUSIVE
    assert judged(counts, target=slow, now=LATER).verdict is Verdict.FAIL


def test_a_fail_that_stands_without_the_newest_minute_does_not_wait() -> None:
    slow = a_target(timeout_seconds=900)
    assert judged([broken(0), broken(1)], target=slow, now=NOON + 150).verdict is Verdict.FAIL


def test_a_quick_function_fails_at_once() -> None:
    assert judged([broken(0)], now=NOON + 150).verdict is Verdict.FAIL


def test_metrics_that_could_not_be_read_whole_are_never_healthy() -> None:
    seen = judged([healthy(minute) for minute in range(5)], problem="AccessDenied")
    assert seen.verdict is Verdict.NO_DATA
    assert seen.summary(10) == "10 % on 43: CloudWatch could not be read (AccessDenied); no data"


def test_metrics_that_could_not_be_read_whole_blame_nobody() -> None:
    """Stable's errors may be what is missing."""
    assert judged([broken(0), broken(1)], problem="it answered in part").verdict is Verdict.NO_DATA


def test_a_step_in_which_the_canary_completed_nothing_does_not_pass_on_earlier_minutes() -> None:
    before = [healthy(minute) for minute in range(5)]
    hanging = [Counts(NOON + minute * 60, stable_total=900) for minute in range(5, 9)]
    shifts = [a_shift(NOON, 10), a_shift(NOON + 300, 25)]
    assert judged([*before, *hanging], shifts=shifts).verdict is Verdict.NO_DATA


def test_a_shift_that_took_longer_than_its_minute_marks_every_minute_it_touched() -> None:
    counts = [Counts(NOON + 60, canary_total=3000, canary_bad=50, stable_total=7000, stable_bad=50)]
    assert judged(counts, shifts=[Shift(NOON, 50, until=NOON + 2)]).verdict is Verdict.FAIL
    assert judged(counts, shifts=[Shift(NOON, 50, until=NOON + 65)]).verdict is not Verdict.FAIL


def test_a_brown_out_beside_a_shift_is_not_blamed_on_the_canary() -> None:
    """Errors of both versions fell into the part of the minute in which the canary had 50 %."""
    counts = [Counts(NOON, canary_total=3000, canary_bad=50, stable_total=7000, stable_bad=50)]
    midway = [a_shift(NOON - 3600, 10), a_shift(NOON + 30, 50)]
    assert judged(counts, shifts=midway).verdict is not Verdict.FAIL
    assert judged(counts, shifts=[a_shift(NOON - 3600, 10)]).verdict is Verdict.FAIL


def test_a_verdict_says_the_counts_of_both_versions() -> None:
    found = judged([healthy(minute) for minute in range(5)])
    assert found.summary(10) == "10 % on 43: 0 of 150 failed, 42: 5 of 1350; pass"


def test_the_ledger_gets_every_number_of_a_verdict() -> None:
    document = judged([broken(0)]).document()
    assert document["target"] == "checkout:live"
    assert document["verdict"] == "fail"
    assert (document["canary"], document["stable"]) == ([90, 100], [1, 900])
    assert document["log_e_value"] > 3
    assert document["excess"] > 0.8
    assert "90 of 100" in document["explanation"]
