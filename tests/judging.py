"""Judging counts: errors alone, by the way that a tick judges all metrics of a target, and whole ticks."""

from collections.abc import Sequence
from typing import Any

from tests.builders import NOON, a_plan, a_reading, a_shift, a_target, by_start
from tidegate.domain.analysis.baseline import UNKNOWN, Baseline
from tidegate.domain.analysis.comparison import Comparison
from tidegate.domain.analysis.readings import Reading, Shift
from tidegate.domain.analysis.verdict import TargetVerdict
from tidegate.domain.judge import Combined, Metric, MetricJudgement, Minute, judge_metrics
from tidegate.domain.metric import ERRORS, PlannedMetric
from tidegate.domain.plan import TargetPlan


def judged(minutes: Sequence[Minute], *, alpha: float = 0.05, **settings: Any) -> Combined:
    return judge_metrics([Metric(ERRORS, by_start(*minutes), **settings)], alpha=alpha)


def of_errors(combined: Combined) -> MetricJudgement:
    """Give what the minutes said, before the verdict."""
    return next(each for each in combined.metrics if each.metric.name == ERRORS)


SHIFTS = [a_shift(NOON, 10)]
LATER = NOON + 3600


HEALTHY = Minute(canary_total=30, canary_bad=0, stable_total=270, stable_bad=1)
BROKEN = Minute(canary_total=100, canary_bad=90, stable_total=900, stable_bad=1)


def tick(
    *minutes: Minute,
    target: TargetPlan | None = None,
    others: int = 0,
    shifts: Sequence[Shift] = SHIFTS,
    now: int = LATER,
    problem: str | None = None,
    baseline: Baseline = UNKNOWN,
) -> TargetVerdict:
    """Judge errors, by default of one target at 10 %."""
    target = target or a_target()
    plan = a_plan(target, *(a_target(f"other-{number}") for number in range(others)))
    return Comparison(plan, target, a_reading(by_start(*minutes), problem), baseline, shifts, now).judge()


QUIET = Minute(canary_total=100, stable_total=900)
SLOW = Minute(canary_total=100, canary_bad=80, stable_total=900, stable_bad=40)


def of_latency(mode: str = "gate", **fields: Any) -> Any:
    errors = PlannedMetric("errors", weight=2 / 3)
    latency = PlannedMetric("latency", gates=mode == "gate", weight=1 / 3, min_effect=0.01, **fields)
    return a_plan(metrics=(errors, latency))


def tick_of(plan: Any, baseline: Baseline = UNKNOWN, **measured: list[Minute]) -> TargetVerdict:
    """Judge errors of which there are none, and what was measured beside them."""
    seen = {"errors": [QUIET] * 6, **{name.replace("_", "-"): minutes for name, minutes in measured.items()}}
    counts = {name: by_start(*minutes) for name, minutes in seen.items()}
    reading = Reading(counts, counted=frozenset(counts))
    return Comparison(plan, a_target(), reading, baseline, SHIFTS, LATER).judge()
