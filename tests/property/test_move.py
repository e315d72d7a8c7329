"""Whatever the evidence, there is a next move, and it never skips a step."""

from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOON, a_plan, a_shift, a_target, a_verdict
from tidegate.domain.analysis.verdict import TargetVerdict
from tidegate.domain.judge import Verdict
from tidegate.domain.plan import ReleasePlan
from tidegate.domain.rollout.next_move import MoveKind, next_move
from tidegate.domain.schedule import MINUTE
from tidegate.domain.strategy import Step

SETTLED = 90
NOT_FAILED: list[Verdict] = [verdict for verdict in Verdict if verdict is not Verdict.FAIL]


@st.composite
def a_release(draw: st.DrawFn) -> ReleasePlan:
    weights = sorted(draw(st.sets(st.integers(1, 90), min_size=1, max_size=5)))
    steps = tuple(Step(weight, draw(st.integers(1, 10))) for weight in weights)
    targets = [a_target(f"function-{number}") for number in range(draw(st.integers(1, 3)))]
    on_inconclusive = draw(st.sampled_from(["hold", "promote", "rollback"]))
    return a_plan(
        *targets,
        steps=steps,
        on_inconclusive=on_inconclusive,
        max_bake_minutes=draw(st.integers(0, 20)),
        max_hold_minutes=draw(st.integers(1, 30)) if on_inconclusive == "hold" else 0,
        deadline=NOON + draw(st.integers(0, 600)) * MINUTE,
    )


def verdicts_of(plan: ReleasePlan, draw: st.DataObject, among: list[Verdict] | None = None) -> list[TargetVerdict]:
    return [a_verdict(draw.draw(st.sampled_from(among or list(Verdict))), target) for target in plan.targets]


@given(a_release(), st.data())
def test_the_next_move_is_to_stay_to_go_one_step_on_or_to_end(plan: ReleasePlan, data: st.DataObject) -> None:
    step = data.draw(st.integers(0, len(plan.strategy.steps) - 1))
    seen = verdicts_of(plan, data)
    now = NOON + data.draw(st.integers(0, 90)) * MINUTE + SETTLED
    move = next_move(plan, step, [a_shift(NOON, plan.step(step).weight)], seen, now=now)
    last = step + 1 == len(plan.strategy.steps)
    assert (move.kind, move.step) in {
        (MoveKind.BAKE, step),
        (MoveKind.ROLL_BACK, step),
        (MoveKind.FINISH, step) if last else (MoveKind.SHIFT, step + 1),
    }
    assert (move.reason is not None) == (move.kind is MoveKind.ROLL_BACK)
    assert not move.held or move.kind is MoveKind.BAKE


@given(a_release(), st.data())
def test_nothing_goes_on_while_one_target_fails(plan: ReleasePlan, data: st.DataObject) -> None:
    seen = verdicts_of(plan, data)
    failing = data.draw(st.integers(0, len(seen) - 1))
    seen[failing] = a_verdict(Verdict.FAIL, plan.targets[failing])
    now = NOON + data.draw(st.integers(0, 90)) * MINUTE
    assert next_move(plan, 0, [a_shift(NOON, 1)], seen, now=now).kind is MoveKind.ROLL_BACK


@given(a_release(), st.data())
def test_every_release_ends_whatever_is_seen(plan: ReleasePlan, data: st.DataObject) -> None:
    """Ticks follow each other until it finishes or rolls back, at the deadline at the latest."""
    step, now, shifts = 0, NOON, [a_shift(NOON, plan.step(0).weight)]
    visited = [0]
    while True:
        now += MINUTE
        move = next_move(plan, step, shifts, verdicts_of(plan, data, NOT_FAILED), now=now)
        if move.kind is MoveKind.SHIFT:
            shifts.append(a_shift(now, plan.step(move.step).weight))
            visited.append(move.step)
        step = move.step
        if move.kind in {MoveKind.FINISH, MoveKind.ROLL_BACK}:
            break
    assert now <= plan.deadline + MINUTE
    assert visited == list(range(len(visited)))
    if move.kind is MoveKind.FINISH:
        assert len(visited) == len(plan.strategy.steps)
