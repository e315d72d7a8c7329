"""Applying decisions at a tick: shared by Before traffic and Compare versions."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from tidegate.aws.announcements import tell_event
from tidegate.aws.ledger import decisions, freezes, records
from tidegate.aws.ledger.records import Release
from tidegate.domain.alias import percent
from tidegate.domain.control.freeze import Freeze
from tidegate.domain.errors import AwsBusy
from tidegate.domain.rollout.next_move import Move, MoveKind
from tidegate.domain.rollout.overrides import Steered, held_until, steered
from tidegate.domain.rollout.pauses import Pause, brought_up_to

TRIES = 3
"""How often a tick is retried because somebody decided at the same moment."""


@dataclass(frozen=True)
class Tick:
    """The next move; `release` includes the time of its holds up to now."""

    release: Release
    move: Move


def steer(release: Release, step: int, now: int, propose: Callable[[Release], Move]) -> Tick:
    """Apply decisions, approvals and freezes to a proposed move, and record the result.

    Parameters
    ----------
    propose
        Gives the move without them, for the release with its pauses up to now.

    Raises
    ------
    AwsBusy
        When decisions arrive faster than they can be recorded.
    """
    freeze = freezes.covering(release.plan.functions, now)
    for _ in range(TRIES):
        said = decisions.read(release)
        until = _latest(freeze, held_until(release.plan, said, step, now))
        paused = replace(release, pauses=brought_up_to(now, release.pauses, until))
        outcome = steered(release.plan, release.name, step, said, propose(paused), now=now, frozen=freeze is not None)
        if decisions.carry_out(release, said, outcome, now):
            return Tick(_with_pauses(release, freeze, outcome, now), _told(outcome.move, freeze))
    raise AwsBusy(f"Decisions on release {release.name} kept arriving while they were being recorded.")


def _latest(freeze: Freeze | None, until: int | None) -> int | None:
    ends = [end for end in (freeze.until if freeze else None, until) if end is not None]
    return max(ends, default=None)


def _told(move: Move, freeze: Freeze | None) -> Move:
    """Report that a held release without another reason is frozen."""
    frozen = freeze is not None and move.kind is MoveKind.BAKE and not move.held
    return replace(move, held=f"held: {freeze}") if frozen else move


def _with_pauses(release: Release, freeze: Freeze | None, outcome: Steered, now: int) -> Release:
    """Record until when the release is held: that time does not count against its limits."""
    pauses: tuple[Pause, ...] = brought_up_to(now, release.pauses, _latest(freeze, outcome.until))
    if pauses != release.pauses:
        records.note_pauses(release.name, pauses)
    return replace(release, pauses=pauses)


def _unnumbered(why: str) -> str:
    """Omit the parts that change from tick to tick."""
    return re.sub(r"\d+", "", why)


def record_hold(release: Release, now: int, weight: float, move: Move) -> None:
    """Announce once that a release is held, with the reason; clear the reason when the release continues."""
    if _unnumbered(move.held) == _unnumbered(release.held):
        return
    if move.held:
        summary = f"{percent(weight / 100)} on the new version: {move.held}"
        details = {"summary": summary, "weight": weight, "why": move.held}
        tell_event(release.name, now, "held", release.plan.expires, details)
    records.note_why(release.name, move.held)
