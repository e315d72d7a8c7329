"""Judging the targets of a release, each by its own evidence and all as one."""

from collections.abc import Sequence
from dataclasses import replace

from tidegate.domain.analysis.comparison import Comparison
from tidegate.domain.analysis.verdict import TargetVerdict
from tidegate.domain.analysis.waiting import NEXT_TICK
from tidegate.domain.judge import Verdict, judge_fleet
from tidegate.domain.metric import ERRORS
from tidegate.domain.plan import ReleasePlan


def judge_all(plan: ReleasePlan, comparisons: Sequence[Comparison]) -> list[TargetVerdict]:
    """Return the verdict on each target; if all of them fail only as one, those that are worse by themselves fail.

    A regression that is spread over all targets may be too small to be found in each. Routed users meet the canaries of
    all of them, so their targets prove nothing together. Where one target fails alone,
    or will unless the next tick says otherwise, it explains the whole, and the others are not blamed for it.
    """
    verdicts = [each.judge() for each in comparisons]
    if plan.routing or any(each.verdict is Verdict.FAIL or each.unconfirmed for each in verdicts):
        return verdicts
    errors = [metric for each in comparisons if not each.reading.problem for metric in each.metrics if metric.gates]
    errors = [metric for metric in errors if metric.name == ERRORS]
    if len(errors) < 2:
        return verdicts
    fleet = judge_fleet(errors, alpha=plan.fleet_alpha)
    if fleet.unconfirmed:
        return [_unconfirmed(each) for each in verdicts]
    if not fleet.fails:
        return verdicts
    excesses = {each.target.name: _excess(each) for each in verdicts if each.combined}
    least = min(max(metric.min_effect for metric in errors), max(excesses.values()))
    worse = {name for name, excess in excesses.items() if excess >= least}
    return [
        replace(each, verdict=Verdict.FAIL, of_all=fleet.summary) if each.target.name in worse else each
        for each in verdicts
    ]


def _unconfirmed(verdict: TargetVerdict) -> TargetVerdict:
    """Return a verdict that waits for the next tick."""
    if verdict.combined is None:
        return verdict
    combined = replace(verdict.combined, unconfirmed=True)
    return replace(verdict, verdict=Verdict.INCONCLUSIVE, combined=combined, waits_for=NEXT_TICK)


def _excess(verdict: TargetVerdict) -> float:
    """Return by how much more of the canary's calls fail than of stable's in the same minutes."""
    found = verdict.combined.metrics if verdict.combined else ()
    return next((each.excess for each in found if each.metric.name == ERRORS), 0.0)
