"""Before traffic: check for a hold or an abort, and ask for approval if the request requires it.

A release to users first waits until callers have forgotten the documents of an earlier one.
"""

from dataclasses import replace
from typing import Any

from tidegate.aws import canary_aliases
from tidegate.aws.ledger import decisions, records
from tidegate.aws.ledger.records import Release
from tidegate.domain.due_hooks import Moment, with_hooks
from tidegate.domain.hooks import BEFORE_STEP, BEFORE_TRAFFIC
from tidegate.domain.rollout.next_move import Move, MoveKind
from tidegate.domain.rollout.overrides import steered
from tidegate.domain.rollout.pauses import lengthened, next_look
from tidegate.domain.rollout.proof import NOT_PROVEN, with_wave
from tidegate.domain.schedule import format_time
from tidegate.domain.waves import following, moving
from tidegate.steps.handling import StepEvent, step
from tidegate.steps.tick import Tick, carry_out, control, record_hold, record_proof

BEFORE_THE_FIRST = -1
"""The step of a release before any traffic."""

SAYS = {
    MoveKind.SHIFT: "ready to shift",
    MoveKind.FINISH: "nothing to compare: straight to the new versions",
    MoveKind.ROLL_BACK: "not begun",
}


@step(StepEvent)
def handler(event: StepEvent) -> dict[str, Any]:
    release = records.read_running(event.release)
    quiet_at = canary_aliases.quiet_at(release.plan, event.release)
    if quiet_at > event.now:
        summary = "waiting until no caller routes users by an earlier document"
        return {"next": "wait", "step": 0, "summary": summary, "tick": format_time(quiet_at)}
    tick = _decide(release, event.now)
    move = tick.move if release.plan.shifting or tick.move.kind is not MoveKind.SHIFT else Move(MoveKind.FINISH, 0)
    following = next_look(event.now, event.now, tick.release.pauses, release.plan.quick)
    record_hold(replace(tick, move=move), event.now, 0, following)
    if move.kind is MoveKind.FINISH and release.plan.shifting and release.plan.strategy.steps:
        record_proof(release, NOT_PROVEN)  # somebody skipped every step
    elif move.kind is MoveKind.SHIFT and release.plan.step(move.step).promotes:
        skipped = tuple(target.name for target in moving(release.plan, move.step))
        record_proof(release, *with_wave(release.plan, ("", ()), NOT_PROVEN, skipped))
    answer: dict[str, Any] = {
        "next": "wait" if move.kind is MoveKind.BAKE else move.kind.value,
        "step": max(move.step, 0),
        "summary": move.held or SAYS[move.kind],
        "tick": format_time(following),
    }
    if move.reason:
        answer["reason"] = {"error": move.reason[0], "cause": move.reason[1], "failed": []}
        answer["summary"] = move.reason[1]
        records.blame(event.release, answer["reason"])
    return _with_hooks(answer, release, move)


def _with_hooks(answer: dict[str, Any], release: Release, move: Move) -> dict[str, Any]:
    moments: dict[MoveKind, list[Moment]] = {
        MoveKind.SHIFT: [(BEFORE_TRAFFIC, None), (BEFORE_STEP, move.step)],
        MoveKind.FINISH: [(BEFORE_TRAFFIC, None)],
    }
    return with_hooks(answer, release.plan, moments.get(move.kind, []), then=answer["next"])


def _decide(release: Release, now: int) -> Tick:
    """Propose a move from the paused release, then apply decisions; see Compare versions."""
    for _ in range(decisions.TRIES):
        by = control(release, BEFORE_THE_FIRST, now)
        proposed = _proposed(by.paused, now)
        outcome = steered(
            release.plan, release.name, BEFORE_THE_FIRST, by.decisions, proposed, now=now, frozen=by.frozen
        )
        tick = carry_out(by, outcome, BEFORE_THE_FIRST, now)
        if tick:
            return tick
    raise decisions.busy(release)


def _proposed(release: Release, now: int) -> Move:
    deadline = lengthened(release.plan.deadline, release.pauses)
    if now >= deadline:
        why = f"The release had to end by {format_time(deadline)} but had not shifted any traffic."
        return Move(MoveKind.ROLL_BACK, 0, reason=("DeadlinePassed", why))
    first = following(release.plan, BEFORE_THE_FIRST)
    return Move(MoveKind.FINISH, 0) if first is None else Move(MoveKind.SHIFT, first)
