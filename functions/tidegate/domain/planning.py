"""From a request and what was found to the plan of the release."""

from collections.abc import Sequence

from tidegate.domain.move import longest
from tidegate.domain.plan import ReleasePlan, TargetPlan
from tidegate.domain.preflight import Findings
from tidegate.domain.request import Request, TargetRequest
from tidegate.domain.schedule import MINUTE

PREPARATION = 60 * MINUTE
"""Allowance for updates, publishing and probes before anything shifts: two updates, a version, a slow probe."""


def make_plan(request: Request, findings: Sequence[Findings], *, now: int) -> ReleasePlan:
    """Resolve defaults and the deadline; `now` in seconds since 1970."""
    strategy, analysis = request.strategy, request.analysis
    patience = analysis.max_bake_minutes or 0
    hold = analysis.max_hold_minutes if analysis.on_inconclusive == "hold" else 0
    baking = longest([step.bake_minutes for step in strategy.steps], patience)
    return ReleasePlan(
        targets=tuple(_target(wanted, found) for wanted, found in zip(request.targets, findings, strict=True)),
        strategy=strategy,
        alpha=analysis.alpha,
        min_effect=analysis.min_effect,
        max_bake_minutes=patience,
        on_inconclusive=analysis.on_inconclusive,
        max_hold_minutes=hold,
        deadline=now + PREPARATION + baking + hold * MINUTE,
    )


def _target(wanted: TargetRequest, found: Findings) -> TargetPlan:
    return TargetPlan(
        function=wanted.function,
        alias=wanted.alias,
        snapshot=found.alias,
        timeout_seconds=found.timeout_seconds,
        changes=wanted.changes,
        version=wanted.version,
        wave=wanted.wave,
        canary=wanted.version,
    )
