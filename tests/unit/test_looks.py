"""What the logs of the first seconds after a shift say, and what they must not say."""

from math import exp, log

import pytest

from tests.builders import NOON, a_plan, a_shift, a_target
from tidegate.domain.analysis.baseline import UNKNOWN, Baseline
from tidegate.domain.analysis.comparison import Comparison
from tidegate.domain.analysis.looks import LOG_SHARE, has_looks, judge_log, log_metric, look_every, looked_until
from tidegate.domain.analysis.readings import Reading
from tidegate.domain.analysis.verdict import TargetVerdict
from tidegate.domain.judge import Metric, Minute, Verdict, judge_metrics
from tidegate.domain.judge.e_values import weigh
from tidegate.domain.metric import LOG

SHIFTS = [a_shift(NOON, 10)]
BROKEN = Minute(canary_total=100, canary_bad=100, stable_total=900, stable_bad=1)
BROWN_OUT = Minute(canary_total=100, canary_bad=30, stable_total=900, stable_bad=270)
WATCHED = a_target(looks_at_logs=True)


def slots(*found: Minute) -> dict[int, Minute]:
    return {NOON + 10 * place: slot for place, slot in enumerate(found)}


def fails(*found: Minute, baseline: Baseline = UNKNOWN) -> bool:
    plan = a_plan(WATCHED)
    return judge_log(log_metric(plan, slots(*found), baseline, SHIFTS), plan).fails


def judged(*found: Minute, **of: dict[int, Minute]) -> TargetVerdict:
    counts = {LOG: slots(*found), "errors": {}, **of}
    return Comparison(a_plan(WATCHED), WATCHED, Reading(counts), UNKNOWN, SHIFTS, NOON + 20).judge()


def test_one_slot_of_nothing_but_failures_is_enough() -> None:
    assert fails(BROKEN)
    assert not fails(Minute(1, 1, 9, 0))


def test_a_look_fails_only_what_the_tick_after_it_fails_too() -> None:
    told = judged(BROKEN)

    assert told.verdict is Verdict.FAIL
    assert told.summary(10) == "10 % on 43: 100 of 100 failed in the log, 42: 1 of 900; fail"
    assert told.document()["metric"] == LOG
    assert judged(Minute(1, 1, 9, 0)).verdict is not Verdict.FAIL


def test_the_logs_never_pass_a_step() -> None:
    healthy = Minute(canary_total=1000, stable_total=9000)

    assert judged(*[healthy] * 12).verdict is Verdict.NO_DATA
    assert judged(*[healthy] * 12, errors={NOON: Minute(1, 0, 9, 0)}).verdict is Verdict.INCONCLUSIVE


def test_a_brown_out_of_both_is_nobody_s_fault() -> None:
    assert not fails(*[BROWN_OUT] * 3)


def test_seconds_in_which_only_one_log_was_read_say_nothing() -> None:
    assert not fails(*[Minute(canary_total=100, canary_bad=100)] * 12)


def test_quick_failures_before_the_first_slow_call_ends_are_held_to_the_weight() -> None:
    """Of calls that fail at once on both versions, the canary's are all that has ended soon after the shift."""
    assert not fails(Minute(canary_total=10, canary_bad=10, stable_total=990, stable_bad=90))


def test_slots_in_which_no_call_of_a_slow_canary_ended_speak_for_it() -> None:
    """1 % fails at once on both versions; of the canary, nothing else ends for minutes."""
    quiet, failed = Minute(stable_total=930, stable_bad=4), Minute(1, 1, 930, 2)

    assert fails(*[failed] * 30)
    assert not fails(*[quiet, failed, quiet] * 30)


def test_where_events_are_retried_one_slot_is_no_proof() -> None:
    retried = Baseline(retried=True)

    assert not fails(BROKEN, baseline=retried)
    assert fails(BROKEN, BROKEN, baseline=retried)


def test_a_slot_counts_though_calls_of_a_slow_function_still_run() -> None:
    slow = a_target(looks_at_logs=True, timeout_seconds=900)
    reading = Reading({LOG: slots(BROKEN), "errors": {}})

    assert Comparison(a_plan(slow), slow, reading, UNKNOWN, SHIFTS, NOON + 20).judge().verdict is Verdict.FAIL


def test_only_targets_whose_logs_are_read_give_them_a_share() -> None:
    minutes = {NOON: Minute(30, 0, 270, 1)}
    with_logs, without = (
        Comparison(a_plan(target), target, Reading({"errors": minutes}), UNKNOWN, SHIFTS, NOON + 200).judge().combined
        for target in (WATCHED, a_target())
    )

    assert with_logs
    assert without
    shares = [(each.metric.name, round(each.share, 4)) for each in with_logs.metrics]
    assert shares == [("errors", 1 - LOG_SHARE), (LOG, LOG_SHARE)]
    assert [(each.metric.name, each.share) for each in without.metrics] == [("errors", 1.0)]


def test_evidence_is_averaged_at_the_end_of_what_it_is_from() -> None:
    """A minute is known when it is over: not beside its first slot, from which the evidence has gone down again."""
    minute, first, later = Minute(60, 9, 540, 2), Minute(60, 6, 540, 0), Minute(60, 0, 540, 40)
    slotted = [first, *[later] * 5]
    found = judge_metrics(
        [Metric("errors", {0: minute}), Metric(LOG, dict(zip(range(0, 60, 10), slotted, strict=True)), seconds=10)],
        alpha=0.05,
    )

    ups = [exp(value) for value in weigh(slotted, 1.0).log_e_values]
    (down,) = (exp(value) for value in weigh([minute], 1.0).log_e_values)
    assert ups[-1] < ups[0]
    expected = max(*((1 + up) / 2 for up in ups[:-1]), (down + ups[-1]) / 2)
    assert found.log_e_value == pytest.approx(log(expected))


def test_more_targets_are_looked_at_less_often() -> None:
    assert [look_every(targets) for targets in (1, 2, 3, 6)] == [10, 20, 30, 50]


def test_looks_follow_each_shift_for_a_while() -> None:
    plan, second = a_plan(WATCHED), [*SHIFTS, a_shift(NOON + 900, 50)]

    assert looked_until(SHIFTS) == NOON + 600
    assert looked_until(second) == NOON + 900 + 120
    assert has_looks(plan, SHIFTS, NOON + 1)
    assert not has_looks(plan, SHIFTS, NOON + 595)
    assert not has_looks(a_plan(a_target()), SHIFTS, NOON + 1)
    assert not has_looks(a_plan(*(a_target(f"f{n}", looks_at_logs=True) for n in range(7))), SHIFTS, NOON + 1)
