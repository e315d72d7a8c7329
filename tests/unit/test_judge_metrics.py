"""Several metrics judged together, in cases whose answer is known."""

from collections.abc import Sequence
from dataclasses import replace
from math import exp, log
from typing import Any

import pytest

from tests.builders import NOON, by_start
from tests.judging import judged, of_errors
from tidegate.domain.judge import Metric, Minute, Verdict, judge_metrics, latency_mde, step_mde

HEALTHY = Minute(600, 3, 5400, 27)
FAILING = Minute(600, 60, 5400, 27)
SLOW = Minute(600, 90, 5400, 270)
AS_SLOW = Minute(600, 30, 5400, 270)


def a_metric(name: str, minutes: Sequence[Minute], **settings: Any) -> Metric:
    return Metric(name, by_start(*minutes), **settings)


def latency(minutes: Sequence[Minute], **settings: Any) -> Metric:
    usual = {"noun": "were slow", "min_effect": 0.01, "mde": latency_mde(10), "weight": 0.25}
    return a_metric("latency", minutes, **{**usual, **settings})


def errors(minutes: Sequence[Minute], **settings: Any) -> Metric:
    return a_metric("errors", minutes, **{"mde": step_mde(10), "weight": 0.5, **settings})


def test_each_metric_is_judged_by_itself_as_if_it_were_alone() -> None:
    for minutes in ([HEALTHY] * 5, [HEALTHY, FAILING], [Minute(0, 0, 9, 1)], [Minute(20, 0, 180, 0)]):
        beside = of_errors(judge_metrics([errors(minutes, weight=1), latency([SLOW], weight=1)], alpha=0.1))
        alone = of_errors(judge_metrics([errors(minutes, weight=1)], alpha=0.05))
        assert replace(beside, share=1.0, shown=alone.shown) == alone
        assert replace(beside.shown, limit=alone.shown.limit, evidence=alone.shown.evidence) == alone.shown


def test_a_canary_that_is_only_slow_fails_on_latency() -> None:
    combined = judge_metrics([errors([HEALTHY] * 3), latency([SLOW] * 3)], alpha=0.05)
    assert (combined.verdict, combined.leading, combined.since) == (Verdict.FAIL, "latency", NOON)
    assert combined.excess == pytest.approx(0.1)


def test_the_average_is_taken_minute_by_minute_with_each_carried_on() -> None:
    """Latency begins two minutes later; errors has no newest minute yet."""
    seen = [HEALTHY, FAILING, HEALTHY, HEALTHY]
    late = {NOON + 120: AS_SLOW, NOON + 180: SLOW, NOON + 240: AS_SLOW}
    both = [errors(seen, weight=3), Metric("latency", late, weight=1, mde=0.1)]
    own = [judged(seen[:k]).log_e_value for k in range(5)]
    # Neither falls below its largest value here before it reaches it, so the running maxima give the values.
    slow = [0.0, judged(list(late.values())[:2]).log_e_value]
    expected = log(0.75 * exp(own[2]) + 0.25 * exp(slow[0]))
    assert judge_metrics(both, alpha=0.05).log_e_value == pytest.approx(expected, rel=1e-9)


def test_strong_evidence_of_a_tiny_difference_neither_fails_nor_covers_up_for_another_metric() -> None:
    tiny = errors([Minute(60_000, 80, 540_000, 270)] * 30)
    assert judge_metrics([tiny, latency([AS_SLOW])], alpha=0.05).metrics[0].log_e_value > log(20)
    assert judge_metrics([tiny, latency([AS_SLOW])], alpha=0.05).verdict is not Verdict.FAIL
    combined = judge_metrics([tiny, latency([SLOW])], alpha=0.05)
    assert (combined.verdict, combined.leading) == (Verdict.FAIL, "latency")


def test_a_metric_by_itself_is_asked_for_the_evidence_that_would_fail_the_whole() -> None:
    alone = judge_metrics([errors([FAILING]), latency([AS_SLOW])], alpha=0.05).metrics
    assert [each.share for each in alone] == pytest.approx([2 / 3, 1 / 3])
    assert alone[1].needed == pytest.approx(log(3 / 0.05) + 5)


def test_a_reported_metric_is_judged_and_told_but_decides_nothing() -> None:
    combined = judge_metrics([errors([HEALTHY] * 5), latency([SLOW] * 5, gates=False)], alpha=0.05)
    assert combined.verdict is Verdict.PASS
    assert combined.metrics[1].fails
    assert combined.summary.endswith("latency is 10 points worse too (reported only).")


def test_a_pass_waits_for_the_metrics_that_say_so() -> None:
    quiet = a_metric("orders", [Minute(6, 0, 54, 0)] * 5, unit="order")
    waiting = judge_metrics([errors([HEALTHY] * 5), quiet], alpha=0.05)
    assert waiting.verdict is Verdict.INCONCLUSIVE
    assert "more orders on the canary needed to detect 2 points in orders" in waiting.summary
    quiet = a_metric("throttles", [Minute(6, 0, 54, 0)] * 5, waits=False)
    assert judge_metrics([errors([HEALTHY] * 5), quiet], alpha=0.05).verdict is Verdict.PASS


def test_a_canary_without_a_call_has_no_data() -> None:
    idle = [Minute(0, 0, 5400, 27)] * 3
    combined = judge_metrics([errors(idle), latency([])], alpha=0.05)
    assert combined.verdict is Verdict.NO_DATA
    assert combined.summary == (
        "The canary has completed no call in 3 minutes; on stable 81 of 16200 calls failed (0.5 %)."
    )


def test_a_fail_on_calls_that_may_still_run_has_to_be_found_without_the_newest_minute() -> None:
    def verdict(minutes: Sequence[Minute], since: int | None) -> tuple[Verdict, bool]:
        combined = judge_metrics([errors(minutes)], alpha=0.05, provisional_since=since)
        return combined.verdict, "No action yet" in combined.summary

    newest = NOON + 120
    assert verdict([HEALTHY, HEALTHY, FAILING], None) == (Verdict.FAIL, False)
    assert verdict([HEALTHY, HEALTHY, FAILING], newest + 60) == (Verdict.FAIL, False)
    assert verdict([HEALTHY, HEALTHY, FAILING], newest) == (Verdict.INCONCLUSIVE, True)
    assert verdict([HEALTHY, FAILING, FAILING], newest) == (Verdict.FAIL, False)


def test_a_fail_says_which_metric_the_rates_their_ratio_since_when_and_how_surely() -> None:
    combined = judge_metrics([errors([HEALTHY] * 3 + [FAILING] * 2), latency([AS_SLOW] * 5)], alpha=0.05)
    assert combined.summary == (
        "errors: since 2027-01-15 12:03 UTC, on the canary 120 of 1200 calls failed (10 %), "
        "on stable 54 of 10800 (0.5 %): 9.5 points worse, 10 to 43 times as often; chance explains this less than "
        "once in 10^72 (limit: once in 20)."
    )


def test_a_pass_says_what_would_have_been_seen_and_that_less_might_not() -> None:
    combined = judge_metrics([errors([HEALTHY] * 5), latency([AS_SLOW] * 5)], alpha=0.05)
    assert combined.summary == (
        "errors: on the canary 15 of 3000 calls failed (0.5 %), on stable 135 of 27000 (0.5 %), "
        "0.31 to 2.4 times as often: "
        "no regression; 10 points in errors and 25 points in latency would have been detected, smaller ones might not."
    )


def test_metrics_that_never_ran_in_one_minute_together_are_said_to_be_incomparable() -> None:
    apart = a_metric("orders", [Minute(5, 0, 0, 0), Minute(0, 0, 9, 0)])
    combined = judge_metrics([errors([HEALTHY] * 5), apart], alpha=0.05)
    assert combined.verdict is Verdict.INCONCLUSIVE
    assert combined.summary.endswith("; no minute yet in which both versions can be compared in orders.")


def test_a_canary_without_errors_is_said_to_fail_at_most_so_many_times_as_often() -> None:
    combined = judge_metrics([errors([Minute(600, 0, 5400, 27)] * 3)], alpha=0.05)
    assert ", at most 0.56 times as often: no regression;" in combined.summary


@pytest.mark.parametrize(
    ("minute", "said"),
    [
        (Minute(60, 2, 540, 0), None),
        (Minute(60, 20, 540, 0), "at least 26"),
        (Minute(600, 300, 5400, 1), "at least 250"),
        (Minute(600, 1, 5400, 0), None),
    ],
)
def test_a_bound_of_the_ratio_that_says_nothing_is_left_out(minute: Minute, said: str | None) -> None:
    """ "At least 0.44 times as often" of a version that fails would rather confuse."""
    summary = judge_metrics([errors([minute])], alpha=0.05).summary
    assert ("times as often" in summary) == (said is not None)
    assert said is None or f", {said}" in summary


def test_the_same_evidence_twice_is_no_more_than_once() -> None:
    """Two metrics may well count the same calls."""
    once = judge_metrics([errors([HEALTHY, FAILING])], alpha=0.05)
    twice = judge_metrics([errors([HEALTHY, FAILING]), a_metric("copy", [HEALTHY, FAILING])], alpha=0.05)
    assert twice.log_e_value == pytest.approx(once.log_e_value, rel=1e-9)


@pytest.mark.parametrize(
    ("metrics", "said"),
    [
        ([], "at least one metric must gate"),
        ([latency([SLOW], gates=False)], "at least one metric must gate"),
        ([errors([HEALTHY]), errors([HEALTHY])], "need different names"),
        ([errors([HEALTHY], dispersion=0.5)], "dispersion"),
    ],
)
def test_metrics_that_cannot_be_judged_are_refused(metrics: list[Metric], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        judge_metrics(metrics, alpha=0.05)


def test_a_metric_without_weight_is_refused() -> None:
    with pytest.raises(ValueError, match="weight of errors is above 0"):
        errors([HEALTHY], weight=0)
