"""How long a release has been held: the limit is one for all its steps, as its deadline has it."""

from collections.abc import Sequence
from itertools import pairwise

from tidegate.domain.comparing.evidence import Shift
from tidegate.domain.moves.pause import Pause, paused_seconds
from tidegate.domain.plan import ReleasePlan
from tidegate.domain.schedule import MINUTE

LAGS = 2
"""Minutes that a step takes beyond its own where all is in time: metrics are read late, shifts on whole minutes."""


def patience(plan: ReleasePlan, step: int) -> int:
    """How many minutes a step may take until it is held or decided."""
    return max(plan.step(step).bake_minutes, plan.max_bake_minutes)


def held_before(plan: ReleasePlan, shifts: Sequence[Shift], pauses: Sequence[Pause]) -> int:
    """How many minutes earlier steps were held; what freezes took does not count."""
    # By their weights: a promotion may have left steps out.
    steps = {step.weight: index for index, step in enumerate(plan.strategy.steps)}
    return sum(
        max(0, _minutes(shift, following, pauses) - patience(plan, steps[shift.weight]) - LAGS)
        for shift, following in pairwise(shifts)
    )


def _minutes(shift: Shift, following: Shift, pauses: Sequence[Pause]) -> int:
    meanwhile = [pause for pause in pauses if pause.began < following.at]
    paused = paused_seconds(meanwhile, since=shift.at, now=following.at)
    return (following.at - shift.at - paused) // MINUTE
