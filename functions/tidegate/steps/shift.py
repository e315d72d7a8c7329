"""Shift traffic: set a step's weight on the canary of all targets concurrently."""

import time
from typing import Any

from tidegate.aws import gauges
from tidegate.aws.announcements import tell_shift
from tidegate.aws.lambda_ import aliases
from tidegate.aws.lambda_.aliases import Alias, at_once
from tidegate.aws.ledger import decisions, freezes, locks, records
from tidegate.aws.ledger.records import Release
from tidegate.domain.alias import AliasState, percent, shifted
from tidegate.domain.analysis.readings import Shift
from tidegate.domain.plan import TargetPlan
from tidegate.domain.rollout.pauses import next_look
from tidegate.domain.schedule import format_time
from tidegate.domain.truncation import first_names
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
    weight = release.plan.step(event.step).weight
    targets = release.plan.shifting
    found = look(release, event.step)
    locks.require([target.name for target in targets], event.release)
    skew = _shift_all(event, found, weight)
    gauges.show_weight(targets, weight)
    shift = Shift(event.now, weight, until=done_by(event, began))
    summary = f"{percent(weight / 100)} on the new version of {_names(targets)}"
    tell_shift(event.release, event.step, shift, release.plan.expires, {"skew_seconds": skew, "summary": summary})
    first = release.shifts[0].at if release.shifts else event.now
    return {
        "summary": summary,
        "step": event.step,
        "weight": weight,
        "skew_seconds": skew,
        "tick": format_time(next_look(event.now, first, release.pauses, release.plan.quick)),
    }


def look(release: Release, step_index: int) -> list[tuple[TargetPlan, Alias]]:
    """Read every alias.

    Each must be unchanged since this release's last write, or already at the step's weight (a retry).

    Raises
    ------
    AliasMoved
        When someone else moved one.
    """
    # Not the step before: a promotion may have left some out.
    left = [shift.weight for shift in release.shifts if shift.weight != release.plan.step(step_index).weight]

    def one(target: TargetPlan) -> tuple[TargetPlan, Alias]:
        stable, canary = target.versions()
        before = shifted(stable, canary, left[-1]) if left else AliasState(stable)
        after = shifted(stable, canary, release.plan.step(step_index).weight)
        alias = aliases.read(target.function, target.alias)
        if alias is None or alias.state not in (before, after):
            raise aliases.moved(target.name, before, alias)
        return target, alias

    return at_once(one, release.plan.shifting)


def _shift_all(event: ShiftEvent, found: list[tuple[TargetPlan, Alias]], weight: float) -> float:
    """Move every alias; return the seconds between the first and the last shift."""

    def one(pair: tuple[TargetPlan, Alias]) -> float:
        target, alias = pair
        wanted = shifted(*target.versions(), weight)
        if alias.state != wanted:
            aliases.move(alias, wanted, fence=lambda: locks.require([target.name], event.release))
        return time.monotonic()

    moments = at_once(one, found)
    return round(max(moments) - min(moments), 3)


def _names(targets: tuple[TargetPlan, ...]) -> str:
    return first_names([target.name for target in targets])
