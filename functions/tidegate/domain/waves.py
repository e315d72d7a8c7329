"""Waves: which targets shift next. A step of the plan moves the targets of one wave, or of all waves in order."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from tidegate.domain.alias import AliasState, shifted
from tidegate.domain.analysis.readings import Shift, shifts_of
from tidegate.domain.plan import ReleasePlan, TargetPlan
from tidegate.domain.strategy import WHOLE


def waves_of(plan: ReleasePlan) -> tuple[int, ...]:
    """Return the numbers of the waves, in the order in which they shift."""
    return tuple(sorted({target.wave for target in plan.targets}))


def in_order(targets: Iterable[TargetPlan], *, back: bool = False) -> Iterator[list[TargetPlan]]:
    """Yield the targets wave by wave, by name within a wave; all in reverse order on the way `back`."""
    ordered = sorted(targets, key=lambda target: (target.wave, target.name), reverse=back)
    for _, wave in groupby(ordered, key=lambda target: target.wave):
        yield list(wave)


def moving(plan: ReleasePlan, step: int) -> tuple[TargetPlan, ...]:
    """Return the targets that a step moves."""
    wave = plan.step(step).wave
    return tuple(target for target in plan.shifting if wave in {None, target.wave})


def following(plan: ReleasePlan, step: int) -> int | None:
    """Return the next step that moves a target, after `step` (-1: none yet); None after the last."""
    later = range(step + 1, len(plan.strategy.steps))
    return next((index for index in later if moving(plan, index)), None)


def weights(plan: ReleasePlan, step: int) -> dict[int, float]:
    """Return the weight (percent) of each wave once a step has shifted; 0 before its first step."""
    found = dict.fromkeys(waves_of(plan), 0.0)
    for each in plan.strategy.steps[: step + 1]:
        found |= dict.fromkeys(found if each.wave is None else [each.wave], each.weight)
    return found


def left(target: TargetPlan, shifts: Sequence[Shift]) -> AliasState:
    """Return the state in which the release left the alias of a target that shifts, after these changes of weight."""
    own = shifts_of(target.wave, shifts)
    return state_at(target, own[-1].weight) if own else AliasState(target.versions()[0])


def state_at(target: TargetPlan, weight: float) -> AliasState:
    """Return the alias of a target that shifts at a weight (percent); at 100 it is promoted."""
    stable, canary = target.versions()
    return AliasState(canary) if weight == WHOLE else shifted(stable, canary, weight)
