"""Judging the targets of a release, each by its own evidence and all as one."""

from collections.abc import Sequence
from dataclasses import replace

from tidegate.domain.analysis.comparison import Comparison
from tidegate.domain.analysis.verdict import TargetVerdict
from tidegate.domain.judge import Verdict, judge_fleet
from tidegate.domain.metric import ERRORS
from tidegate.domain.plan import ReleasePlan


def judge_all(plan: ReleasePlan, comparisons: Sequence[Comparison]) -> list[TargetVerdict]:
    """Return the verdict on each target; if all of them as one fail, none passes.

    A regression that is spread over all targets may be too small to be found in each.
    """
    verdicts = [each.judge() for each in comparisons]
    errors = [metric for each in comparisons if not each.reading.problem for metric in each.metrics if metric.gates]
    errors = [metric for metric in errors if metric.name == ERRORS]
    if len(errors) < 2:
        return verdicts
    fleet = judge_fleet(errors, alpha=plan.fleet_alpha)
    if not fleet.fails:
        return verdicts
    failing = (each.verdict is Verdict.FAIL or each.combined is None for each in verdicts)
    return [
        each if own else replace(each, verdict=Verdict.FAIL, of_all=fleet.summary)
        for each, own in zip(verdicts, failing, strict=True)
    ]
