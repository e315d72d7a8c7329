"""Waves: which targets shift next. A step of the plan moves the targets of one wave, or of all waves in order."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Protocol, TypeVar

from tidegate.domain.alias import AliasState, shifted
from tidegate.domain.analysis.readings import Shift, shifts_of
from tidegate.domain.plan import ReleasePlan, TargetPlan
from tidegate.domain.routing import CANARY
from tidegate.domain.strategy import WHOLE, Strategy


class InWave(Protocol):
    """A target that shifts with its wave."""

    @property
    def name(self) -> str: ...

    @property
    def wave(self) -> int: ...


T = TypeVar("T", bound=InWave)


def waves_of(plan: ReleasePlan) -> tuple[int, ...]:
    """Return the numbers of the waves, in the order in which they shift."""
    return tuple(sorted({target.wave for target in plan.targets}))


def each_wave(plan: ReleasePlan) -> Strategy:
    """Return the steps that each wave takes."""
    return plan.strategy.of_wave(waves_of(plan)[0]) if plan.targets else plan.strategy


def one_after_the_other(plan: ReleasePlan) -> bool:
    """Return whether a wave is promoted before the next one begins; not in lockstep, and not without steps."""
    steps = plan.strategy.steps
    return bool(steps) and all(step.wave is not None for step in steps)


def in_how_many(plan: ReleasePlan) -> str:
    """Say how many waves there are, and how they follow each other; empty for one."""
    count = len(waves_of(plan))
    if count < 2:
        return ""
    return f" in {count} waves {'one after the other' if one_after_the_other(plan) else 'in lockstep'}"


def in_order(targets: Iterable[T], *, back: bool = False) -> Iterator[list[T]]:
    """Yield the targets wave by wave, by name within a wave; all in reverse order on the way `back`."""
    ordered = sorted(targets, key=lambda target: (target.wave, target.name), reverse=back)
    for _, wave in groupby(ordered, key=lambda target: target.wave):
        yield list(wave)


def in_wave(wave: int | None) -> dict[str, int]:
    """Return the field that names the wave of a step; none for all waves."""
    return {} if wave is None else {"wave": wave}


def moving(plan: ReleasePlan, step: int) -> tuple[TargetPlan, ...]:
    """Return the targets that a step moves."""
    wave = plan.step(step).wave
    return tuple(target for target in plan.shifting if wave in {None, target.wave})


def following(plan: ReleasePlan, step: int) -> int | None:
    """Return the next step that moves a target, after `step` (-1: none yet); None after the last."""
    later = range(step + 1, len(plan.strategy.steps))
    return next((index for index in later if moving(plan, index)), None)


def position(plan: ReleasePlan, shifts: Sequence[Shift]) -> int:
    """Return the step of the last change of weight, -1 before the first."""
    steps = [(step.wave, step.weight) for step in plan.strategy.steps]
    return steps.index((shifts[-1].wave, shifts[-1].weight)) if shifts else -1


def current(plan: ReleasePlan, step: int) -> tuple[int | None, float]:
    """Return the wave that takes its steps at `step`, None for all waves, and its weight (percent).

    Once a wave is promoted it is the next one, at 0, unless there is none.
    """
    steps, upcoming = plan.strategy.steps, following(plan, step)
    if step >= 0 and not (steps[step].promotes and upcoming is not None):
        return steps[step].wave, steps[step].weight
    return (steps[upcoming].wave if upcoming is not None else None), 0.0


def weights(plan: ReleasePlan, step: int) -> dict[int, float]:
    """Return the weight (percent) of each wave once a step has shifted; 0 before its first step."""
    found = dict.fromkeys(waves_of(plan), 0.0)
    for each in plan.strategy.steps[: step + 1]:
        found |= dict.fromkeys(found if each.wave is None else [each.wave], each.weight)
    return found


def has_split(target: TargetPlan, shifts: Sequence[Shift]) -> bool:
    """Return whether the traffic of a target was split by then; a person may promote a wave without."""
    return any(shift.weight < WHOLE for shift in shifts_of(target.wave, shifts))


def left(target: TargetPlan, shifts: Sequence[Shift]) -> AliasState:
    """Return the state in which the release left the alias of a target that shifts, after these changes of weight."""
    own = shifts_of(target.wave, shifts)
    return state_at(target, own[-1].weight) if own else AliasState(target.versions()[0])


def state_at(target: TargetPlan, weight: float) -> AliasState:
    """Return the alias of a target that shifts at a weight (percent); at 100 it is promoted.

    If users are routed, both of its aliases are on one version at any weight: the document has the weight.
    """
    stable, canary = target.versions()
    if target.channel and weight != WHOLE:
        return AliasState(canary if target.channel == CANARY else stable)
    return AliasState(canary) if weight == WHOLE else shifted(stable, canary, weight)
