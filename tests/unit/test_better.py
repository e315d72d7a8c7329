"""Where stable fails heavily, the canary may be shown to be better."""

import pytest

from tests.builders import NOON, a_target, by_start
from tests.judging import LATER, of_latency, tick, tick_of
from tidegate.domain.judge import Metric, Minute, Verdict, judge_metrics
from tidegate.domain.judge.sentences import lacking_most

BURNING = Minute(canary_total=9, stable_total=171, stable_bad=51)


def test_a_fix_is_shown_to_be_better_and_the_sentences_say_so() -> None:
    assert tick(*[BURNING] * 2).verdict is Verdict.INCONCLUSIVE
    found = tick(*[BURNING] * 4)
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
    assert not any(tick(*[minute] * look).better for look in range(1, 8))


def test_a_quicker_version_is_not_better_where_nothing_fails() -> None:
    """It keeps its bakes: nothing burns."""
    quicker = Minute(canary_total=100, stable_total=900, stable_bad=300)
    found = tick_of(of_latency(over_ms=800.0), latency=[quicker] * 12)
    assert (found.verdict, found.better) == (Verdict.PASS, False)


def test_a_step_waits_only_for_what_was_not_shown_to_be_better() -> None:
    errors, orders = by_start(*[BURNING] * 4), by_start(*[Minute(canary_total=9, stable_total=171)] * 4)
    metrics = [Metric("errors", errors), Metric("declined", orders, noun="counted as declined", unit="event")]
    found = judge_metrics(metrics, alpha=0.05)
    assert (found.verdict, found.better is not None) == (Verdict.INCONCLUSIVE, True)
    assert lacking_most(found.metrics).metric.name == "declined"
    assert "more events on the canary needed to detect 2 points in declined" in found.summary


def test_what_was_better_and_is_no_more_is_not_better() -> None:
    alike = Minute(canary_total=9, canary_bad=3, stable_total=171, stable_bad=51)
    assert tick(*[BURNING] * 4).better
    assert not tick(*[BURNING] * 4, *[alike] * 6).better


def test_minutes_whose_calls_may_still_be_running_do_not_show_that_a_version_is_better() -> None:
    """Stable's failures may be quick, and its good calls slow: they are missing yet."""
    slow = a_target(timeout_seconds=900)
    assert not tick(*[BURNING] * 6, target=slow, now=NOON + 480).better
    assert tick(*[BURNING] * 6, target=slow, now=LATER).better
