"""Shift traffic: set a step's weight on the canaries of its wave, or of all waves in order."""

import time
from collections.abc import Sequence
from typing import Any

from tidegate.aws import gauges
from tidegate.aws.announcements import tell_shift
from tidegate.aws.lambda_ import aliases
from tidegate.aws.lambda_.aliases import Alias, at_once
from tidegate.aws.lambda_.together import Turn, shift_together
from tidegate.aws.ledger import decisions, freezes, locks, notes, records, routes
from tidegate.aws.ledger.records import Release
from tidegate.domain.alias import AliasState, percent
from tidegate.domain.analysis.readings import Shift
from tidegate.domain.plan import TargetPlan
from tidegate.domain.rollout.pauses import next_look
from tidegate.domain.routing import CACHED, CANARY, share_of
from tidegate.domain.schedule import format_time
from tidegate.domain.truncation import first_names
from tidegate.domain.waves import in_order, in_wave, left, moving, state_at
from tidegate.steps.handling import TriedEvent, done_by, step


class ShiftEvent(TriedEvent):
    step: int


@step(ShiftEvent)
def handler(event: ShiftEvent) -> dict[str, Any]:
    began = time.monotonic()
    release = records.read_running(event.release)
    if not release.shifts:
        freezes.refuse(release.plan.freezable, event.now)
    decisions.refuse_aborted(release)
    now = release.plan.step(event.step)
    targets = moving(release.plan, event.step)
    ours = [alias for target in targets for alias in target.aliases]
    found = look(release, event.step)
    locks.require([alias.name for alias in ours], event.release)
    changing = [alias for alias in ours if found[alias.name][1] != state_at(alias, now.weight)]
    # An alias that carries the canary has it alone, from the first share of the users on.
    locks.mark_promoting([each.name for each in changing if now.promotes or each.channel == CANARY], event.release)
    answered = _shift_all(event, changing, found, now.weight)
    if release.plan.routing:
        _route(release, targets, 0 if now.promotes else now.weight, event.now)
    skew = _skew(changing, answered)
    gauges.show_weight(targets, now.weight)
    if skew:
        gauges.show({gauges.SKEW: skew["skew_seconds"]})
    settled = CACHED if release.plan.routing and not now.promotes else 0
    shift = Shift(event.now, now.weight, until=done_by(event, began) + settled, wave=now.wave)
    within = f", within {skew['skew_seconds']:.1f} s" if skew and len(targets) > 1 else ""
    what = "" if now.promotes else share_of(release.plan.routing)
    summary = f"{percent(now.weight / 100)}{what} on the new version of {_names(targets)}{within}"
    first = min(answered.values(), default=0.0)
    times = {name: round(at - first, 3) for name, at in answered.items()}
    details = {**skew, "answered": times, "summary": summary}
    tell_shift(event.release, event.step, shift, release.plan.expires, details)
    begun = release.shifts[0].at if release.shifts else event.now
    return {
        "summary": summary,
        "step": event.step,
        "weight": now.weight,
        **in_wave(now.wave),
        **skew,
        "tick": format_time(next_look(event.now, begun, release.pauses, release.plan.quick)),
    }


def look(release: Release, step_index: int) -> dict[str, tuple[Alias, AliasState]]:
    """Read every alias that the step moves, by target name; return it, and its state before the step.

    Each must have that state, or already be at the step's weight (a retry).

    Raises
    ------
    AliasMoved
        When someone else moved one.
    """
    now = release.plan.step(step_index)
    earlier = [shift for shift in release.shifts if (shift.wave, shift.weight) != (now.wave, now.weight)]

    def one(target: TargetPlan) -> tuple[Alias, AliasState]:
        before = left(target, earlier)
        alias = aliases.read(target.function, target.alias)
        if alias is None or alias.state not in (before, state_at(target, now.weight)):
            raise aliases.moved(target.name, before, alias)
        return alias, before

    ours = [alias for target in moving(release.plan, step_index) for alias in target.aliases]
    return {alias.target: (alias, before) for alias, before in at_once(one, ours)}


def _route(release: Release, targets: Sequence[TargetPlan], share: float, now: int) -> None:
    """Tell callers how many percent of the users they send to the canaries; the aliases have moved by then."""
    assert release.plan.routing is not None
    if share:
        routes.widen(targets, release.plan.routing, share, release.name, now)
        return
    for target in targets:
        routes.close(target.function, target.alias, release.name)


def _shift_all(
    event: ShiftEvent, targets: Sequence[TargetPlan], found: dict[str, tuple[Alias, AliasState]], weight: float
) -> dict[str, float]:
    """Shift wave by wave, by name within a wave; see `shift_together`."""

    def turn(target: TargetPlan) -> Turn:
        fence = lambda: locks.require([target.name], event.release)  # noqa: E731 - it is one call
        return Turn(*found[target.name], state_at(target, weight), fence)

    waves = [[turn(target) for target in wave] for wave in in_order(targets)]
    return shift_together(waves, before_going_back=lambda: notes.note_went_back(event.release))


def _skew(targets: Sequence[TargetPlan], answered: dict[str, float]) -> dict[str, float]:
    """Return the seconds between the first and the last answer of a wave.

    Nothing if an earlier try shifted one of the aliases: the time of its answer is unknown.
    """
    if not targets or len(answered) < len(targets):
        return {}
    moments = [[answered[target.name] for target in wave] for wave in in_order(targets)]
    return {"skew_seconds": max(round(max(wave) - min(wave), 3) for wave in moments)}


def _names(targets: tuple[TargetPlan, ...]) -> str:
    return first_names([target.name for target in targets])
