"""What a release does next, once its targets are judged."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from tidegate.domain.evidence import Shift, TargetVerdict
from tidegate.domain.judge import Verdict
from tidegate.domain.pause import Pause, lengthened, paused_seconds
from tidegate.domain.plan import ReleasePlan
from tidegate.domain.schedule import MINUTE, format_time, visible_minutes

READING_MINUTES = 15
"""How much longer a step stays while CloudWatch cannot be read, before the release is rolled back."""


class MoveKind(StrEnum):
    BAKE = "bake"
    SHIFT = "shift"
    FINISH = "finish"
    ROLL_BACK = "roll_back"


@dataclass(frozen=True)
class Move:
    """The next move; `reason` is the error name and sentence of a roll back, `held` that nobody can tell yet."""

    kind: MoveKind
    step: int
    reason: tuple[str, str] | None = None
    held: bool = False


def next_move(
    plan: ReleasePlan,
    step: int,
    shifts: Sequence[Shift],
    verdicts: Sequence[TargetVerdict],
    *,
    now: int,
    pauses: Sequence[Pause] = (),
) -> Move:
    """Decide at a tick: go on baking, shift to the next step, finish, or roll back.

    While a pause lasts nothing goes on but a roll back; its time counts against no limit.
    """
    weight = plan.step(step).weight
    failed = [verdict for verdict in verdicts if verdict.verdict is Verdict.FAIL]
    if failed:
        return _roll_back(step, "VersionFailed", _blame(failed, weight))
    if pauses and now < pauses[-1].until:
        return Move(MoveKind.BAKE, step)
    deadline = lengthened(plan.deadline, pauses)
    if now >= deadline:
        return _roll_back(
            step,
            "DeadlinePassed",
            f"The release had until {format_time(deadline)} and was still at {weight:g} %.",
        )
    visible = visible_minutes(now, shifts[-1].until)
    if visible < plan.step(step).bake_minutes:
        return Move(MoveKind.BAKE, step)
    if all(verdict.verdict is Verdict.PASS for verdict in verdicts):
        return _onward(plan, step)
    paused = paused_seconds(pauses, since=shifts[-1].at, now=now)
    return _undecided(plan, step, visible - -(-paused // MINUTE), verdicts)


def _undecided(plan: ReleasePlan, step: int, visible: int, verdicts: Sequence[TargetVerdict]) -> Move:
    """Bake on for more information as long as the plan allows, then do what the request says."""
    patience = max(plan.step(step).bake_minutes, plan.max_bake_minutes)
    problems = [f"{v.target.name}: {v.problem}" for v in verdicts if v.problem]
    # What cannot be read was not seen to be fine: no strategy goes on over that.
    blind = bool(problems) and plan.on_inconclusive != "hold"
    if visible < patience + (READING_MINUTES if blind else 0):
        return Move(MoveKind.BAKE, step)
    if blind:
        return _roll_back(step, "EvidenceUnreadable", f"CloudWatch could not be read: {'; '.join(problems)}.")
    if plan.on_inconclusive == "promote":
        return _onward(plan, step)
    weight = plan.step(step).weight
    open_ones = "; ".join(v.summary(weight) for v in verdicts if v.verdict is not Verdict.PASS)
    if plan.on_inconclusive == "rollback":
        return _roll_back(step, "Inconclusive", f"After {visible} minutes still undecided: {open_ones}.")
    if visible >= patience + plan.max_hold_minutes:
        held = visible - patience
        return _roll_back(step, "HoldExpired", f"Held for {held} minutes and nobody decided: {open_ones}.")
    return Move(MoveKind.BAKE, step, held=True)


def _onward(plan: ReleasePlan, step: int) -> Move:
    if step + 1 < len(plan.strategy.steps):
        return Move(MoveKind.SHIFT, step + 1)
    return Move(MoveKind.FINISH, step)


def _roll_back(step: int, error: str, cause: str) -> Move:
    return Move(MoveKind.ROLL_BACK, step, reason=(error, cause))


def _blame(failed: Sequence[TargetVerdict], weight: float) -> str:
    return "; ".join(f"{v.target.name}: {v.summary(weight)}" for v in failed) + "."


def longest(plan_steps: Sequence[int], patience: int) -> int:
    """How many seconds the steps of a schedule may take at most, with a shift and its lag for each."""
    return sum((max(bake, patience) + 3) * MINUTE for bake in plan_steps)
