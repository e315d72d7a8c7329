"""Promotions to a weight between two steps: each is one more step of the release."""

from dataclasses import replace

from tidegate.domain.control.decision import Decision, Kind
from tidegate.domain.plan import ReleasePlan
from tidegate.domain.rollout.pauses import MOST_AROUND_A_STEP, patience
from tidegate.domain.schedule import MINUTE
from tidegate.domain.strategy import WHOLE, Step


def with_stop(plan: ReleasePlan, step: int, decision: Decision | None) -> ReleasePlan:
    """Return the plan with one more step if somebody promotes to a weight between this step and the next one.

    It bakes as long as the next step, or after the last step as long as that. The deadline is later by its time.
    """
    steps, to = plan.strategy.steps, decision.to if decision and decision.kind is Kind.PROMOTE else None
    if to is None or not steps or to in {WHOLE, *(each.weight for each in steps)}:
        return plan
    following = min(step + 1, len(steps) - 1)
    low = steps[step].weight if step >= 0 else 0.0
    high = steps[step + 1].weight if step + 1 < len(steps) else WHOLE
    if not low < to < high:
        return plan
    stop = Step(to, steps[following].bake_minutes)
    added = replace(plan, strategy=replace(plan.strategy, steps=(*steps[: step + 1], stop, *steps[step + 1 :])))
    return replace(added, deadline=plan.deadline + (patience(added, step + 1) + MOST_AROUND_A_STEP) * MINUTE)
