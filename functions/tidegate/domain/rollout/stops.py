"""Promotions to a weight between two steps: each is one more step of the release."""

from dataclasses import replace

from tidegate.domain.control.decision import Decision, Kind
from tidegate.domain.plan import ReleasePlan
from tidegate.domain.rollout.pauses import MOST_AROUND_A_STEP, patience
from tidegate.domain.schedule import MINUTE
from tidegate.domain.strategy import WHOLE, Step
from tidegate.domain.waves import current


def with_stop(plan: ReleasePlan, step: int, decision: Decision | None) -> ReleasePlan:
    """Return the plan with one more step if somebody promotes to a weight between this step and the next one.

    It is a step of the current wave. It bakes as long as the next step, or after the last step as long as that. The
    deadline is later by its time.
    """
    steps, to = plan.strategy.steps, decision.to if decision and decision.kind is Kind.PROMOTE else None
    if to is None or not steps:
        return plan
    wave, low = current(plan, step)
    own = [index for index, each in enumerate(steps) if each.wave == wave and not each.promotes]
    if to in {WHOLE, *(steps[index].weight for index in own)}:
        return plan
    later = [index for index in own if index > step]
    high = steps[later[0]].weight if later else WHOLE
    if not low < to < high:
        return plan
    place = later[0] if later else own[-1] + 1
    stop = Step(to, steps[later[0] if later else own[-1]].bake_minutes, wave)
    added = replace(plan, strategy=replace(plan.strategy, steps=(*steps[:place], stop, *steps[place:])))
    return replace(added, deadline=plan.deadline + (patience(added, place) + MOST_AROUND_A_STEP) * MINUTE)
