"""Decisions up to a tick, and their records: for Before traffic and Compare versions."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tidegate.aws.announcements import tell_event
from tidegate.aws.ledger import decisions, freezes, notes
from tidegate.aws.ledger.records import Release
from tidegate.domain.alias import percent
from tidegate.domain.analysis.verdict import TargetVerdict
from tidegate.domain.control.decision import Decisions
from tidegate.domain.control.freeze import Freeze
from tidegate.domain.judge import Verdict
from tidegate.domain.plan import ReleasePlan, TargetPlan
from tidegate.domain.rollout.holds import held_by, how_to_end, must_tell, notice, until
from tidegate.domain.rollout.next_move import Move, MoveKind
from tidegate.domain.rollout.overrides import Steered, held_until
from tidegate.domain.rollout.pauses import Pause, brought_up_to
from tidegate.domain.rollout.proof import NOT_PROVEN, proof_of, unproven, with_wave
from tidegate.domain.rollout.stops import with_stop
from tidegate.domain.routing import share_of
from tidegate.domain.waves import has_split, moving


@dataclass(frozen=True)
class Control:
    """The decisions up to a tick; `paused` is the release including the time of its holds up to then."""

    release: Release
    paused: Release
    decisions: Decisions
    freeze: Freeze | None

    @property
    def frozen(self) -> bool:
        return self.freeze is not None


@dataclass(frozen=True)
class Tick:
    """The next move; `release` includes the time of its holds up to now. `freeze` covers one of its functions."""

    release: Release
    move: Move
    freeze: Freeze | None = None


def control(release: Release, step: int, now: int) -> Control:
    """Read the decisions on a release, and whether it is frozen."""
    freeze = freezes.covering(release.plan.freezable, now)
    said = decisions.read(release)
    until = _latest(freeze, held_until(release.plan, said, step, now))
    return Control(release, replace(release, pauses=brought_up_to(now, release.pauses, until)), said, freeze)


def carry_out(by: Control, outcome: Steered, step: int, now: int) -> Tick | None:
    """Record the effect of decisions; None if there is a new decision in the meantime."""
    if not decisions.carry_out(by.release, by.decisions, outcome, now):
        return None
    _add_stop(by, outcome, step, now)
    return Tick(_with_pauses(by.release, by.freeze, outcome, now), _told(outcome.move, by.freeze), by.freeze)


def _add_stop(by: Control, outcome: Steered, step: int, now: int) -> None:
    """Add the step of a promotion to a weight between two steps, before the release shifts there."""
    plan = with_stop(by.release.plan, step, by.decisions.fresh(now))
    if outcome.move.kind is MoveKind.SHIFT and plan != by.release.plan:
        notes.note_plan(by.release.name, plan)


def _latest(freeze: Freeze | None, until: int | None) -> int | None:
    ends = [end for end in (freeze.until if freeze else None, until) if end is not None]
    return max(ends, default=None)


def _told(move: Move, freeze: Freeze | None) -> Move:
    """Report that a held release without another reason is frozen."""
    frozen = freeze is not None and move.kind is MoveKind.BAKE and not move.held
    return replace(move, held=held_by(freeze)) if frozen and freeze else move


def _with_pauses(release: Release, freeze: Freeze | None, outcome: Steered, now: int) -> Release:
    """Record until when the release is held: that time does not count against its limits."""
    pauses: tuple[Pause, ...] = brought_up_to(now, release.pauses, _latest(freeze, outcome.until))
    if pauses != release.pauses:
        notes.note_pauses(release.name, pauses)
    return replace(release, pauses=pauses)


def _unnumbered(why: str) -> str:
    """Omit the parts that change from tick to tick."""
    return re.sub(r"\d+", "", why)


def record_hold(tick: Tick, now: int, weight: float, following: int) -> None:
    """Announce once that a release is held, with the reason, and once that the hold will expire.

    Clear the reason when the release continues. `following` is the next check (seconds since 1970).
    """
    release, move = tick.release, tick.move
    if _unnumbered(move.held) == _unnumbered(release.held):
        _tell_expiry(tick, now, weight, following)
        return
    if move.held:
        where = f"{percent(weight / 100)}{share_of(release.plan.routing)} on the new version"
        parts = [f"{where}: {move.held}{until(move)}", how_to_end(release.name, move, tick.freeze)]
        details = {"summary": ". ".join(filter(None, parts)), "weight": weight, "why": move.held}
        tell_event(release.name, now, "held", release.plan.expires, details)
    if move.expires and must_tell(move.expires, release.expiry_told, following):
        notes.note_expiry(release.name, move.expires.until)  # a short hold: its first line has announced its end
    notes.note_why(release.name, move.held)


def _tell_expiry(tick: Tick, now: int, weight: float, following: int) -> None:
    release, expires = tick.release, tick.move.expires
    if expires is None or tick.freeze or not must_tell(expires, release.expiry_told, following):
        return
    share = f"{percent(weight / 100)}{share_of(release.plan.routing)}"
    summary = f"{share} on the new version: {notice(release.name, expires)}"
    details = {"summary": summary, "weight": weight, "until": expires.until, "then": expires.then}
    tell_event(release.name, now, "hold-expiring", release.plan.expires, details)
    notes.note_expiry(release.name, expires.until)


def promoted_by(plan: ReleasePlan, move: Move) -> tuple[TargetPlan, ...]:
    """Return the targets that a move promotes: those of a wave, or all that are left; none for other moves."""
    if move.kind is MoveKind.FINISH:
        return plan.shifting
    return moving(plan, move.step) if move.kind is MoveKind.SHIFT and plan.step(move.step).promotes else ()


def record_promotion(release: Release, step: int, move: Move, verdicts: Sequence[TargetVerdict]) -> None:
    """Record what the evidence lacks, if the move promotes the targets that were just judged, or any unjudged."""
    plan, now = release.plan, release.plan.step(step)
    promoted = promoted_by(plan, move)
    if not promoted:
        return
    proof, names = release.proof, release.unproven
    if now.wave is None:
        proof, names = proof_of(plan, verdicts), unproven(verdicts)
    elif not now.promotes:
        lacking = [each.target.name for each in verdicts if each.verdict is not Verdict.PASS]
        proof, names = with_wave(plan, (proof, names), proof_of(plan, verdicts), lacking)
    unsplit = [target.name for target in promoted if not has_split(target, release.shifts)]
    if unsplit:  # somebody promoted a wave without its steps
        proof, names = with_wave(plan, (proof, names), NOT_PROVEN, unsplit)
    record_proof(release, proof, names)


def record_proof(release: Release, proof: str, names: tuple[str, ...] = ()) -> None:
    """Record what the evidence for a promotion lacks, and for which targets if others are proven."""
    if (proof, names) != (release.proof, release.unproven):
        notes.note_proof(release.name, proof, names if proof else ())
