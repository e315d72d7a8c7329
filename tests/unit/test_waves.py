"""Waves: the steps that they take one after the other, and what is decided in each."""

from dataclasses import replace

import pytest

from tests.builders import ANYTHING, NOON, a_plan, a_reading, a_request, a_target, a_verdict, by_start
from tidegate.aws.ledger import notes
from tidegate.aws.ledger.records import Release
from tidegate.domain.alias import AliasState
from tidegate.domain.analysis.readings import Shift, compared
from tidegate.domain.control.decision import Decision, Decisions, Kind, ask, gate_at
from tidegate.domain.errors import InvalidRequest
from tidegate.domain.judge import Better, Minute, Verdict
from tidegate.domain.planning.plan_builder import make_plan
from tidegate.domain.planning.preflight.inspected import Inspected
from tidegate.domain.request.parse import parse_request
from tidegate.domain.rollout.next_move import Move, MoveKind, next_move
from tidegate.domain.rollout.overrides import steered
from tidegate.domain.rollout.pauses import held_before
from tidegate.domain.rollout.proof import NOT_COMPARED, NOT_PROVEN, with_wave
from tidegate.domain.rollout.stops import with_stop
from tidegate.domain.strategy import WHOLE, Step, Strategy
from tidegate.domain.waves import current, following, in_order, left, moving, position, weights
from tidegate.steps import tick

CONSUMERS = (a_target("web", wave=1), a_target("mail", wave=1))
PRODUCER = a_target("orders", wave=2)
STEPS = Strategy("steps", (Step(10, 3), Step(50, 5)), on_inconclusive="hold", bakes_on=True)
IN_WAVES = STEPS.in_waves({1: 2, 2: 15})
PLAN = a_plan(*CONSUMERS, PRODUCER, steps=IN_WAVES.steps)
PROMOTION, FIRST_OF_PRODUCER = 2, 3


def shifted_to(step: int, at: int = NOON) -> list[Shift]:
    """Give the changes of weight up to a step; each step takes two minutes more than its bake."""
    found = list[Shift]()
    for each in IN_WAVES.steps[: step + 1]:
        found.append(Shift(at, each.weight, at + 2, each.wave))
        at += 60 * (each.bake_minutes + 2)
    return found


def test_each_wave_takes_every_step_and_all_but_the_last_are_promoted_by_one() -> None:
    found = [(step.wave, step.weight, step.bake_minutes) for step in IN_WAVES.steps]
    assert found == [(1, 10, 3), (1, 50, 5), (1, WHOLE, 2), (2, 10, 3), (2, 50, 5)]
    assert [step.promotes for step in IN_WAVES.steps] == [False, False, True, False, False]


def test_a_wave_is_compared_at_the_steps_of_the_request() -> None:
    assert [(step.weight, step.bake_minutes) for step in IN_WAVES.of_wave(2).steps] == [(10, 3), (50, 5)]
    assert STEPS.of_wave(1) is STEPS


@pytest.mark.parametrize("settling", [{1: 2}, {}])
def test_one_wave_is_no_wave(settling: dict[int, int]) -> None:
    assert STEPS.in_waves(settling) is STEPS


def test_without_steps_there_is_nothing_between_the_waves() -> None:
    at_once = replace(STEPS, steps=())
    assert at_once.in_waves({1: 2, 2: 2}) is at_once


def test_a_promoted_wave_settles_until_no_call_of_its_old_versions_can_run() -> None:
    document = {"targets": [{"function": "orders", "wave": 7}, {"function": "web"}], "strategy": "canary-10-5m"}
    request = parse_request(document, limits=ANYTHING)
    found = [Inspected(configuration={}, alias=AliasState("42"), timeouts=(timeout,)) for timeout in (3, 130)]
    plan = make_plan(request, found, now=NOON, retention_days=400)
    assert [(step.wave, step.bake_minutes) for step in plan.strategy.steps] == [(1, 5), (1, 3), (7, 5)]
    assert [target.function for target in plan.targets] == ["web", "orders"], "the last wave is restored first"


def test_in_lockstep_the_steps_are_those_of_the_request() -> None:
    document = {"targets": [{"function": "orders", "wave": 2}, {"function": "web"}], "waves": "lockstep"}
    assert parse_request(document, limits=ANYTHING).schedule == a_request().strategy


def test_too_many_waves_for_one_history_are_refused() -> None:
    targets = [{"function": f"shop-{number}", "wave": number} for number in range(1, 101)]
    strategy = {"steps": [{"weight": weight, "bake": "1m"} for weight in (5, 10, 25, 50, 75)]}
    with pytest.raises(InvalidRequest, match="waves: the waves together have 599 steps, more than the limit of 500"):
        parse_request({"targets": targets, "strategy": strategy}, limits=ANYTHING)


def test_a_step_moves_the_targets_of_its_wave() -> None:
    assert moving(PLAN, 0) == CONSUMERS
    assert moving(PLAN, FIRST_OF_PRODUCER) == (PRODUCER,)
    assert moving(a_plan(*CONSUMERS, PRODUCER), 0) == (*CONSUMERS, PRODUCER)


def test_waves_go_in_order_by_name_and_back_in_reverse() -> None:
    names = [[each.function for each in wave] for wave in in_order(PLAN.targets)]
    assert names == [["mail", "web"], ["orders"]]
    assert [[each.function for each in wave] for wave in in_order(PLAN.targets, back=True)] == [
        ["orders"],
        ["web", "mail"],
    ]


def test_a_wave_whose_versions_are_live_already_is_left_out() -> None:
    live = replace(PLAN, targets=(*(replace(each, canary="42") for each in CONSUMERS), PRODUCER))
    assert following(live, -1) == FIRST_OF_PRODUCER
    assert following(PLAN, 1) == PROMOTION
    without_producer = replace(PLAN, targets=(*CONSUMERS, replace(PRODUCER, canary="42")))
    assert following(without_producer, PROMOTION) is None


def test_the_weights_of_all_waves_after_a_step() -> None:
    assert [weights(PLAN, step) for step in (-1, 1, 2, 3)] == [
        {1: 0, 2: 0},
        {1: 50, 2: 0},
        {1: WHOLE, 2: 0},
        {1: WHOLE, 2: 10},
    ]


def test_the_aliases_are_as_the_release_left_them() -> None:
    shifts = shifted_to(FIRST_OF_PRODUCER)
    assert left(CONSUMERS[0], shifts[:2]) == AliasState("42", {"43": 0.5})
    assert left(CONSUMERS[0], shifts) == AliasState("43")
    assert left(PRODUCER, shifts[:3]) == AliasState("42")
    assert position(PLAN, shifts) == FIRST_OF_PRODUCER


def test_only_the_time_in_which_a_wave_was_split_is_compared() -> None:
    minutes = by_start(*[Minute(10, 0, 90, 0)] * 60, since=NOON - 600)
    shifts, reading = compared(1, shifted_to(FIRST_OF_PRODUCER), a_reading(minutes))
    assert [shift.weight for shift in shifts] == [10, 50]
    assert (min(reading.of("errors")), max(reading.of("errors"))) == (NOON, NOON + 720 - 60)
    shifts, reading = compared(2, shifted_to(FIRST_OF_PRODUCER), a_reading(minutes))
    assert ([shift.weight for shift in shifts], min(reading.of("errors"))) == ([10], NOON + 960)


def moved(step: int, verdict: Verdict, minutes: int) -> Move:
    shifts = shifted_to(step)
    verdicts = [a_verdict(verdict, target) for target in moving(PLAN, step)]
    return next_move(PLAN, step, shifts, verdicts, now=shifts[-1].at + 60 * minutes + 149)


def test_a_wave_that_passed_is_promoted_and_the_next_one_begins_when_it_has_settled() -> None:
    assert moved(1, Verdict.PASS, 5) == Move(MoveKind.SHIFT, PROMOTION)
    assert moved(PROMOTION, Verdict.INCONCLUSIVE, 1) == Move(MoveKind.BAKE, PROMOTION)
    assert moved(PROMOTION, Verdict.INCONCLUSIVE, 2) == Move(MoveKind.SHIFT, FIRST_OF_PRODUCER)
    assert moved(4, Verdict.PASS, 5) == Move(MoveKind.FINISH, 4)


def test_a_promoted_wave_that_late_data_fails_rolls_back() -> None:
    assert moved(PROMOTION, Verdict.FAIL, 1).kind is MoveKind.ROLL_BACK


def test_equal_weights_of_two_waves_are_two_steps() -> None:
    assert held_before(PLAN, shifted_to(4), []) == 0


def promoted(step: int, to: float, *, settled: bool = False) -> Move:
    decision = Decision(Kind.PROMOTE, "ana", "", "command", NOON, to=to)
    proposed = Move(MoveKind.SHIFT, step + 1) if settled else Move(MoveKind.BAKE, step)
    return steered(PLAN, "r", step, Decisions(1, decision), proposed, now=NOON + 60).move


def test_a_person_promotes_the_wave_that_takes_its_steps() -> None:
    assert promoted(0, 50) == Move(MoveKind.SHIFT, 1)
    assert promoted(0, WHOLE) == promoted(-1, WHOLE) == Move(MoveKind.SHIFT, PROMOTION)
    assert promoted(PROMOTION, 10, settled=True) == Move(MoveKind.SHIFT, FIRST_OF_PRODUCER)
    assert promoted(FIRST_OF_PRODUCER, WHOLE) == Move(MoveKind.FINISH, FIRST_OF_PRODUCER)
    assert [current(PLAN, step) for step in (-1, 0, 2, 3)] == [(1, 0), (1, 10), (2, 0), (2, 10)]


def test_nothing_shortens_the_time_in_which_a_promoted_waves_old_versions_may_still_run() -> None:
    """Neither a version that is better nor a person: both versions of a pair would meet."""
    shifts = shifted_to(PROMOTION)
    verdict = a_verdict(Verdict.PASS, CONSUMERS[0])
    assert verdict.combined
    (errors,) = verdict.combined.metrics
    better = replace(verdict, combined=replace(verdict.combined, metrics=(replace(errors, better=Better(9.0, 0.3)),)))
    assert next_move(PLAN, PROMOTION, shifts, [better], now=shifts[-1].at + 209).kind is MoveKind.BAKE
    move = promoted(PROMOTION, WHOLE)
    assert (move.kind, "as soon as calls of the promoted wave's old versions have ended" in move.held) == (
        MoveKind.BAKE,
        True,
    )


def test_the_targets_that_a_move_promotes() -> None:
    assert tick.promoted_by(PLAN, Move(MoveKind.SHIFT, 1)) == ()
    assert tick.promoted_by(PLAN, Move(MoveKind.SHIFT, PROMOTION)) == CONSUMERS
    assert tick.promoted_by(PLAN, Move(MoveKind.FINISH, 4)) == (*CONSUMERS, PRODUCER)


@pytest.mark.parametrize(("step", "to", "place", "wave"), [(0, 30, 1, 1), (1, 75, 2, 1), (2, 5, 3, 2), (4, 80, 5, 2)])
def test_a_stop_between_two_steps_is_one_of_the_current_wave(step: int, to: float, place: int, wave: int) -> None:
    decision = Decision(Kind.PROMOTE, "ana", "", "command", NOON, to=to)
    added = with_stop(PLAN, step, decision).strategy.steps
    assert (added[place].weight, added[place].wave, len(added)) == (to, wave, 6)


def test_each_wave_asks_for_its_own_approval() -> None:
    plan = replace(PLAN, approvals=(50, "before_finish"))
    gates = [gate_at(plan, step, finishing=step == 4) for step in (0, 1, 4)]
    assert gates == [None, "50 in wave 1", "50 in wave 2, before_finish"]
    assert ask(plan, "r", 1, "50 in wave 1", NOON).text.startswith("may it continue from 50 % in wave 1?")


def test_what_one_wave_lacks_the_promotion_lacks() -> None:
    assert with_wave(PLAN, ("", ()), NOT_PROVEN, ["web:live"]) == (NOT_PROVEN, ("web:live",))
    assert with_wave(PLAN, (NOT_PROVEN, ("web:live",)), "", []) == (NOT_PROVEN, ("web:live",))
    found = with_wave(PLAN, (NOT_COMPARED, ("web:live", "mail:live")), NOT_PROVEN, ["orders:live"])
    assert found == (NOT_PROVEN, ()), "no target is proven"


def test_a_wave_that_a_person_promoted_without_its_steps_is_not_proven(monkeypatch: pytest.MonkeyPatch) -> None:
    noted = list[tuple[str, tuple[str, ...]]]()
    monkeypatch.setattr(notes, "note_proof", lambda _, proof, names: noted.append((proof, names)))
    release = Release("r", "arn:r", "running", NOON, {}, PLAN, tuple(shifted_to(PROMOTION)))
    tick.record_promotion(release, PROMOTION, Move(MoveKind.FINISH, PROMOTION), [])
    assert noted == [(NOT_PROVEN, ("orders:live",))]
    whole = replace(release, shifts=tuple(shifted_to(4)))
    passed = [a_verdict(Verdict.PASS, PRODUCER)]
    tick.record_promotion(whole, 4, Move(MoveKind.FINISH, 4), passed)
    assert len(noted) == 1, "every wave took its steps"
