"""The next move of a release after its targets are judged."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from tidegate.domain.analysis.alarms import Change, told
from tidegate.domain.analysis.readings import Shift
from tidegate.domain.analysis.verdict import TargetVerdict, blame, not_passed, problems, troubles
from tidegate.domain.judge import Verdict
from tidegate.domain.plan import ReleasePlan
from tidegate.domain.rollout.pauses import Expiry, Pause, held_before, lengthened, patience, paused_seconds
from tidegate.domain.rollout.proof import may_pass, on_inconclusive
from tidegate.domain.schedule import MINUTE, format_time, visible_minutes
from tidegate.domain.waves import following

READING_MINUTES = 15
"""How much longer a step stays while CloudWatch cannot be read, before the release is rolled back."""

UNREADABLE_TICKS = 5
"""Ticks in a row without evidence after which a release reports that it is held."""


class MoveKind(StrEnum):
    BAKE = "bake"
    SHIFT = "shift"
    FINISH = "finish"
    ROLL_BACK = "roll_back"


@dataclass(frozen=True)
class Move:
    """The next move; `reason` is the error name and sentence of a roll back, `held` the reason for a hold.

    `expires` is the end of that hold, if nobody decides.
    """

    kind: MoveKind
    step: int
    reason: tuple[str, str] | None = None
    held: str = ""
    expires: Expiry | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Stay:
    """The visible minutes of this step at `now`, and the minutes for which earlier steps were held."""

    visible: int
    held_before: int
    now: int


def next_move(
    plan: ReleasePlan,
    step: int,
    shifts: Sequence[Shift],
    verdicts: Sequence[TargetVerdict],
    *,
    now: int,
    pauses: Sequence[Pause] = (),
    unreadable: int = 0,
    red: Sequence[Change] = (),
) -> Move:
    """Decide at a tick: bake longer, shift to the next step, finish, or roll back.

    During a pause only a roll back is possible; its time does not count against limits. `unreadable` ticks in a
    row, this one included, had no evidence; `red` alarms changed to ALARM since the first shift.
    """
    over = _end(plan, step, verdicts, red) or _late(plan, step, verdicts, now, pauses)
    if over:
        return over
    if any(verdict.unconfirmed for verdict in verdicts):
        # Neither a schedule nor an end of patience carries a version on that fails if the next tick confirms it.
        return Move(MoveKind.BAKE, step, held=_unreadable(verdicts, unreadable))
    visible = visible_minutes(now, shifts[-1].until)
    settles = plan.step(step).promotes  # calls of old versions may still run: the time is no wait for evidence
    if visible and plan.strategy.bakes_on and not settles and verdicts and all(each.better for each in verdicts):
        return _onward(plan, step, verdicts)  # to wait for more would only keep calls on the version that fails
    if visible < plan.step(step).bake_minutes:
        return Move(MoveKind.BAKE, step, held=_unreadable(verdicts, unreadable))
    if settles or all(may_pass(plan, verdict) for verdict in verdicts):
        return _onward(plan, step, verdicts)
    paused = paused_seconds(pauses, since=shifts[-1].at, now=now)
    stay = Stay(visible - -(-paused // MINUTE), held_before(plan, shifts, pauses), now)
    return _undecided(plan, step, stay, verdicts, unreadable)


def _end(plan: ReleasePlan, step: int, verdicts: Sequence[TargetVerdict], red: Sequence[Change]) -> Move | None:
    """Roll back if a version or an alarm failed."""
    weight = plan.step(step).weight
    if any(verdict.verdict is Verdict.FAIL for verdict in verdicts):
        return _roll_back(step, "VersionFailed", blame(verdicts, weight))
    return _roll_back(step, "AlarmRaised", f"At {weight:g} % {told(red)}.") if red else None


def _late(
    plan: ReleasePlan, step: int, verdicts: Sequence[TargetVerdict], now: int, pauses: Sequence[Pause]
) -> Move | None:
    """Stay while a pause lasts; roll back once the release's time is up."""
    if pauses and now < pauses[-1].until:
        return Move(MoveKind.BAKE, step)
    deadline = lengthened(plan.deadline, pauses)
    if now < deadline:
        return None
    said = f"The release had to end by {format_time(deadline)} but was still at {plan.step(step).weight:g} %."
    return _roll_back(step, "DeadlinePassed", " ".join([said, *troubles(verdicts)]))


def _undecided(plan: ReleasePlan, step: int, stay: Stay, verdicts: Sequence[TargetVerdict], unreadable: int) -> Move:
    """Bake longer for more information as long as the plan allows, then follow the request."""
    visible, patient = stay.visible, patience(plan, step)
    # What cannot be read was not seen to be fine: no strategy goes on over that.
    rule = on_inconclusive(plan, verdicts)
    blind = any(verdict.problem for verdict in verdicts) and rule != "hold"
    if visible < patient + (READING_MINUTES if blind else 0):
        return Move(MoveKind.BAKE, step, held=_unreadable(verdicts, unreadable))
    if blind:
        return _roll_back(step, "EvidenceUnreadable", f"{problems(verdicts)}.")
    if rule == "promote":
        return _onward(plan, step, verdicts)
    if rule == "rollback":
        named = not_passed(verdicts, plan.step(step).weight)
        return _roll_back(step, "Inconclusive", f"After {visible} minutes still inconclusive: {named}.")
    held = stay.held_before + visible - patient
    if held < plan.max_hold_minutes:
        expires = Expiry(stay.now + (plan.max_hold_minutes - held) * MINUTE, plan.on_hold_expired)
        return Move(MoveKind.BAKE, step, held=_unreadable(verdicts, unreadable) or UNDECIDED, expires=expires)
    return _expired(plan, step, held, verdicts)


def _expired(plan: ReleasePlan, step: int, held: int, verdicts: Sequence[TargetVerdict]) -> Move:
    """Follow the request when a hold ends without a decision; never continue with unreadable evidence."""
    if plan.on_hold_expired == "promote" and not any(verdict.problem for verdict in verdicts):
        return _onward(plan, step, verdicts)
    named = not_passed(verdicts, plan.step(step).weight)
    return _roll_back(step, "HoldExpired", f"Held for {held} minutes without a decision: {named}.")


UNDECIDED = "held at this weight until the evidence suffices or max_hold is over"


def _unreadable(verdicts: Sequence[TargetVerdict], ticks: int) -> str:
    if ticks < UNREADABLE_TICKS:
        return ""
    problem = next((verdict.problem for verdict in verdicts if verdict.problem), "no answer")
    return f"held at this weight: the evidence could not be read at {ticks} ticks in a row ({problem})"


def _onward(plan: ReleasePlan, step: int, verdicts: Sequence[TargetVerdict]) -> Move:
    """Continue, unless both versions are much worse than before: evidence from such a time is not representative."""
    if troubles(verdicts):
        return Move(MoveKind.BAKE, step, held="held at this weight while both versions are much worse than before")
    upcoming = following(plan, step)
    return Move(MoveKind.FINISH, step) if upcoming is None else Move(MoveKind.SHIFT, upcoming)


def _roll_back(step: int, error: str, cause: str) -> Move:
    return Move(MoveKind.ROLL_BACK, step, reason=(error, cause))
