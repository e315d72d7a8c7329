"""Decisions and approvals that override the judge's move."""

from dataclasses import dataclass, replace

from tidegate.domain.control.decision import Decision, Decisions, Kind, Question, aborted, ask, gate_at
from tidegate.domain.plan import ReleasePlan
from tidegate.domain.rollout.next_move import Move, MoveKind
from tidegate.domain.rollout.pauses import Expiry
from tidegate.domain.rollout.stops import with_stop
from tidegate.domain.schedule import MINUTE, format_time
from tidegate.domain.strategy import WHOLE
from tidegate.domain.waves import current

OVERRULED = {"Inconclusive", "HoldExpired", "EvidenceUnreadable"}
"""Roll backs because of missing evidence: a person may override them, but never for a failed version."""


@dataclass(frozen=True)
class Steered:
    """The move after decisions; `asks` is a new approval request, `taken` says that a decision takes effect.

    `until` is the end of the hold, seconds since 1970. `renewed`: the time of a hold restarts.
    """

    move: Move
    taken: bool = False
    asks: Question | None = None
    until: int | None = None
    renewed: bool = False

    @property
    def closes(self) -> bool:
        """Return whether no decision is possible any more."""
        return self.move.kind in {MoveKind.FINISH, MoveKind.ROLL_BACK}


def held_until(plan: ReleasePlan, said: Decisions, step: int, now: int) -> int | None:
    """Return until when people hold the release at a tick, by a hold or a missing approval; None if they do not."""
    fresh = said.fresh(now)
    if fresh and fresh.kind is not Kind.HOLD:
        return None
    hold = said.hold(plan.max_hold_minutes * MINUTE, now)
    if hold:
        return hold[1] if now < hold[1] else None
    question = _open_question(plan, said, step)
    return question.until if question and now < question.until else None


def steered(
    plan: ReleasePlan, release: str, step: int, said: Decisions, proposed: Move, *, now: int, frozen: bool = False
) -> Steered:
    """Decide at a tick: the proposed move, unless people decided differently.

    A failed version is always rolled back; a promotion before a freeze has no
    effect. The time for an approval stops during a freeze and restarts afterwards.
    """
    fresh = said.fresh(now)
    if proposed.kind is MoveKind.ROLL_BACK and not (proposed.reason and proposed.reason[0] in OVERRULED):
        return Steered(proposed, taken=fresh is not None)
    if fresh and fresh.kind is not Kind.HOLD:
        return _decided(plan, step, fresh, proposed, frozen=frozen)
    held = _held(plan, step, said, now, frozen=frozen)
    if held:
        return held
    question = _open_question(plan, said, step)
    if question and frozen:
        again = replace(ask(plan, release, step, question.gate, now), asked=question.asked)
        return replace(_waiting(plan, step, again), asks=again)
    if question:
        return _asked(plan, step, question, proposed, now)
    return _gated(plan, release, step, proposed, now)


def _decided(plan: ReleasePlan, step: int, decision: Decision, proposed: Move, *, frozen: bool) -> Steered:
    """Carry out an abort or a promotion."""
    if decision.kind is Kind.ABORT:
        return Steered(Move(MoveKind.ROLL_BACK, step, reason=aborted(decision)), taken=True)
    if frozen:
        void = f"held: {decision}, but a freeze began; decide again after the freeze"
        return Steered(Move(MoveKind.BAKE, step, held=void), taken=True)
    if step >= 0 and plan.step(step).promotes and proposed.kind is MoveKind.BAKE:
        waits = f"held: {decision}, as soon as calls of the promoted wave's old versions have ended"
        return Steered(replace(proposed, held=waits))
    return Steered(_promoted(plan, step, decision) or proposed, taken=True)


def _promoted(plan: ReleasePlan, step: int, decision: Decision) -> Move | None:
    """Return the current wave's move to the decided weight; None if it has already reached it."""
    wave, _ = current(plan, step)
    steps = with_stop(plan, step, decision).strategy.steps
    to = [index for index, each in enumerate(steps) if (each.wave, each.weight) == (wave, decision.to)]
    if to and to[0] > step:
        return Move(MoveKind.SHIFT, to[0])
    return Move(MoveKind.FINISH, max(step, 0)) if decision.to == WHOLE else None


def _held(plan: ReleasePlan, step: int, said: Decisions, now: int, *, frozen: bool) -> Steered | None:
    hold = said.hold(plan.max_hold_minutes * MINUTE, now)
    if hold is None:
        return None
    decision, until = hold
    continues = "promote" in {plan.on_inconclusive, plan.on_hold_expired}
    taken = decision.taken in {None, now}
    if frozen:
        until = now + plan.max_hold_minutes * MINUTE
    if now < until:
        text = f"held: {decision}, until {format_time(until)} at most"
        expires = Expiry(until, "promote" if continues else "rollback")
        return Steered(Move(MoveKind.BAKE, step, held=text, expires=expires), taken=taken, until=until, renewed=frozen)
    if continues:
        return None
    why = f"It was {decision} at {format_time(decision.at)}, and nobody decided by {format_time(until)}."
    return Steered(Move(MoveKind.ROLL_BACK, step, reason=("HoldExpired", why)), taken=taken)


def _open_question(plan: ReleasePlan, said: Decisions, step: int) -> Question | None:
    """Return the approval request of this step, answered in time or not."""
    question = said.question
    gates = {gate_at(plan, step, finishing=finishing) for finishing in (False, True)}
    return question if question and question.gate in gates else None


def _asked(plan: ReleasePlan, step: int, question: Question, proposed: Move, now: int) -> Steered:
    """Wait for the answer, then follow the request."""
    if now < question.until:
        return _waiting(plan, step, question)
    if plan.on_approval_timeout == "promote":
        return Steered(proposed)
    asked = f"It asked at {format_time(question.asked)}: {question.text.partition('?')[0]}?"
    why = f"{asked} Nobody answered until {format_time(question.until)}."
    return Steered(Move(MoveKind.ROLL_BACK, step, reason=("ApprovalExpired", why)))


def _gated(plan: ReleasePlan, release: str, step: int, proposed: Move, now: int) -> Steered:
    """Ask for approval, if the request requires it before the release continues."""
    onward = proposed.kind in {MoveKind.SHIFT, MoveKind.FINISH}
    gate = gate_at(plan, step, finishing=proposed.kind is MoveKind.FINISH) if onward else None
    if gate is None:
        return Steered(proposed)
    question = ask(plan, release, step, gate, now)
    return replace(_waiting(plan, step, question), asks=question)


def _waiting(plan: ReleasePlan, step: int, question: Question) -> Steered:
    expires = Expiry(question.until, plan.on_approval_timeout)
    move = Move(MoveKind.BAKE, step, held=f"held for an answer: {question.text}", expires=expires)
    return Steered(move, until=question.until)
