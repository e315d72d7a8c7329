"""What holds of several metrics judged together, whatever their minutes."""

from collections.abc import Mapping
from dataclasses import replace
from random import Random

from hypothesis import example, given
from hypothesis import strategies as st

from tests.property.examples import examples
from tests.property.minutes import a_minute
from tidegate.domain.judge import Combined, Metric, Minute, Verdict, judge_metrics
from tidegate.domain.judge.sentences import told

SLACK = 1e-9
NAMES = ["errors", "latency", "throttles", "declined"]
STARTS = [60 * k for k in range(12)]
VERDICT_AND_VALUE = ("verdict", "log_e_value", "leading", "excess", "since", "ratio")


@st.composite
def a_metric(draw: st.DrawFn, name: str) -> Metric:
    return Metric(
        name,
        draw(st.dictionaries(st.sampled_from(STARTS), a_minute(), max_size=8)),
        weight=draw(st.sampled_from([0.125, 0.25, 0.5])),
        gates=draw(st.booleans()),
        waits=draw(st.booleans()),
        min_effect=draw(st.sampled_from([0.001, 0.01, 0.2])),
        mde=draw(st.sampled_from([0.02, 0.2])),
        dispersion=draw(st.sampled_from([1.0, 2.5])),
    )


@st.composite
def some_metrics(draw: st.DrawFn) -> list[Metric]:
    """Errors always gate; up to three others do or do not."""
    names = draw(st.lists(st.sampled_from(NAMES[1:]), unique=True, max_size=3))
    return [replace(draw(a_metric("errors")), gates=True), *(draw(a_metric(name)) for name in names)]


def decision(combined: Combined) -> tuple[object, ...]:
    return tuple(getattr(combined, name) for name in VERDICT_AND_VALUE)


BETTER = {60 * k: Minute(4, 0, 5, 5) for k in range(2)}
ALIKE = [Metric(name, minutes, weight=0.125) for name, minutes in zip(NAMES, ({}, BETTER, BETTER), strict=False)]


@given(some_metrics(), st.randoms(use_true_random=False))
@example(ALIKE, Random(0))
@examples(100)
def test_the_order_of_metrics_is_irrelevant(metrics: list[Metric], random: Random) -> None:
    shuffled = list(metrics)
    random.shuffle(shuffled)
    one, other = judge_metrics(metrics, alpha=0.05), judge_metrics(shuffled, alpha=0.05)
    assert decision(one) == decision(other)
    assert (one.summary, told(one.metrics)) == (other.summary, told(other.metrics))


@given(some_metrics())
@examples(100)
def test_reported_metrics_never_decide(metrics: list[Metric]) -> None:
    gating = [metric for metric in metrics if metric.gates]
    whole = judge_metrics(metrics, alpha=0.05)
    assert decision(whole) == decision(judge_metrics(gating, alpha=0.05))
    assert len(whole.metrics) == len(metrics)


@given(some_metrics(), st.data())
@examples(100)
def test_more_canary_errors_never_turn_a_fail_into_anything_else(metrics: list[Metric], data: st.DataObject) -> None:
    worse = [replace(metric, minutes=_with_more(metric.minutes, data)) for metric in metrics]
    before, after = judge_metrics(metrics, alpha=0.05), judge_metrics(worse, alpha=0.05)
    assert after.log_e_value >= before.log_e_value * (1 - SLACK) - SLACK
    if before.verdict is Verdict.FAIL:
        assert after.verdict is Verdict.FAIL


def _with_more(minutes: Mapping[int, Minute], data: st.DataObject) -> dict[int, Minute]:
    return {
        start: replace(minute, canary_bad=data.draw(st.integers(minute.canary_bad, minute.canary_total)))
        for start, minute in minutes.items()
    }


@given(some_metrics(), st.data())
@examples(100)
def test_minutes_without_traffic_decide_nothing(metrics: list[Metric], data: st.DataObject) -> None:
    gaps = {start: Minute(0, 0, 0, 0) for start in data.draw(st.sets(st.sampled_from(STARTS)))}
    padded = [replace(metric, minutes={**gaps, **metric.minutes}) for metric in metrics]
    before, after = judge_metrics(metrics, alpha=0.05), judge_metrics(padded, alpha=0.05)
    assert decision(before) == decision(after)


@given(some_metrics())
@examples(100)
def test_a_metric_that_fails_by_itself_fails_the_whole_and_numbers_keep_their_range(metrics: list[Metric]) -> None:
    combined = judge_metrics(metrics, alpha=0.05)
    if any(each.fails for each in combined.metrics if each.metric.gates):
        assert combined.verdict is Verdict.FAIL
    assert combined.log_e_value >= 0
    assert combined.summary
    assert "\n" not in combined.summary
    if combined.ratio:
        assert 0 <= combined.ratio.low < combined.ratio.high


@given(some_metrics())
@examples(100)
def test_a_fail_of_provisional_minutes_is_one_without_the_newest_minute_too(metrics: list[Metric]) -> None:
    settled, young = judge_metrics(metrics, alpha=0.05), judge_metrics(metrics, alpha=0.05, provisional_since=0)
    if settled.verdict is not Verdict.FAIL:
        assert young == settled
        return
    newest = max(start for metric in metrics if metric.gates for start in metric.minutes)
    before = [replace(m, minutes={s: x for s, x in m.minutes.items() if s != newest}) for m in metrics]
    confirmed = judge_metrics(before, alpha=0.05).verdict is Verdict.FAIL
    assert young.verdict is (Verdict.FAIL if confirmed else Verdict.INCONCLUSIVE)
    assert ("No action yet" in young.summary) is not confirmed
