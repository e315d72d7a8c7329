"""Judging errors alone, by the way that a tick judges all metrics of a target."""

from collections.abc import Sequence
from typing import Any

from tests.builders import by_start
from tidegate.domain.judge import Combined, Metric, MetricJudgement, Minute, judge_metrics
from tidegate.domain.metric import ERRORS


def judged(minutes: Sequence[Minute], *, alpha: float = 0.05, **settings: Any) -> Combined:
    return judge_metrics([Metric(ERRORS, by_start(*minutes), **settings)], alpha=alpha)


def of_errors(combined: Combined) -> MetricJudgement:
    """Give what the minutes said, before the verdict."""
    return next(each for each in combined.metrics if each.metric.name == ERRORS)
