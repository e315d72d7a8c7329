"""From a request and the state of its targets to the plan of the release."""

from collections.abc import Sequence
from dataclasses import replace

from tidegate.domain.errors import InvalidRequest
from tidegate.domain.hooks import before_the_end
from tidegate.domain.metric import metrics_of
from tidegate.domain.plan import ReleasePlan, TargetPlan
from tidegate.domain.planning.known_calls import declared_calls, in_environment
from tidegate.domain.planning.preflight.inspected import Inspected
from tidegate.domain.request.capacity import Pace, drain_minutes, pace_of
from tidegate.domain.request.models import Request, TargetRequest
from tidegate.domain.rollout.pauses import AROUND_A_STEP, MOST_AROUND_A_STEP
from tidegate.domain.routing import CACHED
from tidegate.domain.schedule import DAY, MINUTE

PREPARATION = 110 * MINUTE
"""Time before the first shift: two updates, a version, a slow probe; and until the functions of
Update, Settle, Publish and Probe, the version itself, and its provisioned environments are ready."""

OUTER_LIMIT = 14 * DAY
"""TimeoutSeconds of the state machine."""

DEFAULT_TIMEOUT = 3
"""Lambda's default time-out in seconds."""

AT_A_TIME = 10
"""How many targets are prepared at once (MaxConcurrency of `Prepare versions`)."""


def foreseen_minutes(request: Request) -> int:
    """Return the shortest duration of a release that passes every step and never holds."""
    analysis = request.analysis
    baking = sum(step.bake_minutes + AROUND_A_STEP for step in request.schedule.steps)
    promoted_late = analysis.after is not None and analysis.after.on_worse == "rollback"
    return baking + (analysis.after.bake_minutes + AROUND_A_STEP if analysis.after and promoted_late else 0)


def make_plan(
    request: Request, findings: Sequence[Inspected], *, now: int, retention_days: int, keep_versions: int = 0
) -> ReleasePlan:
    """Resolve defaults and the deadline; `now` in seconds since 1970."""
    analysis = request.analysis
    targets = _targets(request, findings, keep_versions)
    strategy = request.scheduled(_settling(targets))
    patience = analysis.max_bake_minutes or 0
    hold = analysis.max_hold_minutes if strategy.steps and analysis.may_hold else 0
    around = MOST_AROUND_A_STEP * MINUTE + (CACHED if request.routing else 0)
    baking = sum(step.longest(patience) * MINUTE + around for step in strategy.steps)
    rounds = -(-len(request.targets) // AT_A_TIME)
    after = analysis.after.bake_minutes if analysis.after and analysis.after.on_worse != "ignore" else 0
    hooked = before_the_end(request.hooks.planned(), len(strategy.steps))
    deadline = now + rounds * PREPARATION + baking + (hold + after + hooked) * MINUTE
    pace = _pace(request, targets)
    return ReleasePlan(
        targets=targets,
        strategy=strategy,
        alpha=analysis.alpha,
        min_effect=analysis.min_effect,
        max_bake_minutes=patience,
        on_inconclusive=analysis.on_inconclusive,
        max_hold_minutes=analysis.max_hold_minutes,
        on_hold_expired=analysis.on_hold_expired,
        on_idle=analysis.on_idle,
        deadline=deadline,
        # A freeze may hold a release until its execution ends at the outer limit.
        expires=max(deadline, now + OUTER_LIMIT) + retention_days * DAY,
        mde=analysis.mde,
        metrics=metrics_of(analysis),
        alarms=analysis.alarms,
        after_minutes=after,
        on_worse=analysis.after.on_worse if analysis.after and after else "alert",
        drain_minutes=drain_minutes(request),
        quiet_minutes=request.drain.quiet_minutes or 0,
        approvals=request.approvals,
        approval_minutes=request.approval_timeout_minutes or analysis.max_hold_minutes,
        on_approval_timeout=request.on_approval_timeout,
        quick_minutes=pace.minutes,
        looks=pace.looks,
        hooks=request.hooks.planned(),
    )


def _settling(targets: Sequence[TargetPlan]) -> dict[int, int]:
    """Return the minutes to stay after the promotion of each wave, in order: until no call of old versions can run."""
    found = dict[int, int]()
    for target in targets:
        found[target.wave] = max(found.get(target.wave, 1), -(-target.timeout_seconds // MINUTE))
    return found


def _pace(request: Request, targets: Sequence[TargetPlan]) -> Pace:
    carrying = sum(target.provisioned > 0 and target.probe != "provision" for target in targets)
    pace = pace_of(request, carrying)
    if pace is None:
        told = (
            f"targets: {carrying} targets have provisioned concurrency, and waiting for the new versions' does not fit "
            'into one execution; release fewer together; example: "targets": [{"function": "checkout"}]'
        )
        raise InvalidRequest([told])
    return pace


def _targets(request: Request, findings: Sequence[Inspected], keep_versions: int) -> tuple[TargetPlan, ...]:
    """Return the targets by their waves."""
    planned = [
        _calling(wanted, request, found, keep_versions) for wanted, found in zip(request.targets, findings, strict=True)
    ]
    return tuple(sorted(planned, key=lambda target: target.wave))


def _calling(wanted: TargetRequest, request: Request, found: Inspected, keep_versions: int) -> TargetPlan:
    declared = declared_calls(wanted, request.targets)
    named = in_environment(wanted, request.targets, found.configuration)
    more = {name: where for name, where in named.items() if name not in declared}
    return replace(_target(wanted, found, keep_versions), calls=(*declared, *more), found=tuple(more.items()))


def _target(wanted: TargetRequest, found: Inspected, keep_versions: int) -> TargetPlan:
    new_timeout = (wanted.configuration and wanted.configuration.timeout) or 0
    return TargetPlan(
        function=wanted.function,
        alias=wanted.alias,
        snapshot=found.alias,
        timeout_seconds=max(*found.timeouts, new_timeout, DEFAULT_TIMEOUT),
        changes=wanted.changes,
        version=wanted.version,
        wave=wanted.wave,
        canary=wanted.version,
        keep=wanted.keep or keep_versions,
        probe=wanted.probe.kind,
        runtime=found.runtimes[0],
        provisioned=found.carried(wanted.version, wanted.configuration),
        contract=wanted.contract is not None,
    )
