"""What people said of a release, against the move that its verdicts propose."""

from dataclasses import replace
from typing import Any

import pytest

from tests.builders import NOON, a_plan, a_target
from tidegate.domain.control.decision import Decision, Decisions, Kind, Question
from tidegate.domain.plan import ReleasePlan
from tidegate.domain.rollout.next_move import UNDECIDED, Move, MoveKind
from tidegate.domain.rollout.overrides import Steered, held_until, steered
from tidegate.domain.rollout.stops import with_stop
from tidegate.domain.strategy import Step

STEPS = (Step(5, 3), Step(25, 5), Step(50, 5))
PLAN = a_plan(steps=STEPS, max_hold_minutes=60)
HOUR = 3600
BAKE, SHIFT, FINISH = Move(MoveKind.BAKE, 0), Move(MoveKind.SHIFT, 1), Move(MoveKind.FINISH, 2)
FAIL = Move(MoveKind.ROLL_BACK, 0, reason=("VersionFailed", "It failed."))
LATE = Move(MoveKind.ROLL_BACK, 0, reason=("DeadlinePassed", "Late."))


def a_decision(kind: Kind, **fields: Any) -> Decision:
    usual: dict[str, Any] = {"by": "ana", "reason": "orders are missing", "via": "command", "at": NOON - 20}
    return Decision(kind, **{**usual, **fields})


def said(kind: Kind, **fields: Any) -> Decisions:
    return Decisions(number=1, decision=a_decision(kind, **fields))


def steer(
    proposed: Move, by: Decisions, plan: ReleasePlan = PLAN, step: int = 0, now: int = NOON, **also: bool
) -> Steered:
    return steered(plan, "r", step, by, proposed, now=now, **also)


@pytest.mark.parametrize("proposed", [BAKE, SHIFT, FINISH, FAIL, LATE])
def test_without_a_word_from_anybody_the_verdicts_have_it(proposed: Move) -> None:
    assert steer(proposed, Decisions()) == Steered(proposed)


@pytest.mark.parametrize("proposed", [BAKE, SHIFT, FINISH])
def test_an_abort_is_rolled_back_naming_who_and_why(proposed: Move) -> None:
    found = steer(proposed, said(Kind.ABORT))
    why = "ana aborted it at 2027-01-15T11:59:40Z: orders are missing."
    assert (found.move.reason, found.taken, found.closes) == (("Aborted", why), True, True)


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("proposed", [FAIL, LATE])
def test_nobody_keeps_a_failed_or_late_release_from_being_rolled_back(proposed: Move, kind: Kind) -> None:
    assert steer(proposed, said(kind, to=50)).move == proposed


@pytest.mark.parametrize(
    ("step", "to", "index", "bake"), [(-1, 2, 0, 3), (0, 12.5, 1, 5), (1, 40, 2, 5), (2, 75, 3, 5)]
)
def test_a_promotion_between_two_steps_is_one_more_step(step: int, to: float, index: int, bake: int) -> None:
    by = said(Kind.PROMOTE, to=to)
    assert steer(replace(BAKE, step=step), by, step=step).move == Move(MoveKind.SHIFT, index)
    plan = with_stop(PLAN, step, by.decision)
    assert plan.step(index) == Step(to, bake)
    assert len(plan.strategy.steps) == 4
    assert plan.deadline == PLAN.deadline + (PLAN.max_bake_minutes + 3) * 60
    assert with_stop(plan, step, by.decision) == plan, "a retried step adds none"
    assert steer(replace(BAKE, step=step), by, plan, step).move == Move(MoveKind.SHIFT, index)


@pytest.mark.parametrize(
    ("step", "decision"),
    [
        (1, a_decision(Kind.PROMOTE, to=12)),
        (0, a_decision(Kind.PROMOTE, to=30)),
        (0, a_decision(Kind.PROMOTE, to=50)),
        (0, a_decision(Kind.PROMOTE, to=100)),
        (0, a_decision(Kind.HOLD)),
        (0, None),
    ],
)
def test_nothing_else_adds_a_step(step: int, decision: Decision | None) -> None:
    assert with_stop(PLAN, step, decision) == PLAN


@pytest.mark.parametrize("error", ["Inconclusive", "HoldExpired", "EvidenceUnreadable"])
def test_a_promotion_overrules_that_too_little_is_known(error: str) -> None:
    unknown = Move(MoveKind.ROLL_BACK, 0, reason=(error, "Who knows."))
    assert steer(unknown, said(Kind.PROMOTE, to=25)).move == SHIFT


@pytest.mark.parametrize(
    ("to", "move"), [(25, SHIFT), (50, Move(MoveKind.SHIFT, 2)), (100, Move(MoveKind.FINISH, 0)), (5, BAKE)]
)
def test_a_promotion_goes_where_it_says_unless_the_release_is_there(to: float, move: Move) -> None:
    assert steer(BAKE, said(Kind.PROMOTE, to=to)) == Steered(move, taken=True)


def test_a_second_try_of_the_tick_that_took_a_decision_decides_the_same() -> None:
    assert steer(BAKE, said(Kind.PROMOTE, to=25, taken=NOON)).move == SHIFT
    assert steer(BAKE, said(Kind.PROMOTE, to=25, taken=NOON - 60)).move == BAKE


def test_a_promotion_that_a_freeze_overtook_is_void() -> None:
    found = steer(BAKE, said(Kind.PROMOTE, to=25), frozen=True)
    assert (found.move.kind, found.taken) == (MoveKind.BAKE, True)
    assert "but a freeze began" in found.move.held


@pytest.mark.parametrize("proposed", [BAKE, SHIFT, FINISH, replace(BAKE, held=UNDECIDED)])
@pytest.mark.parametrize(("taken", "until"), [(None, "13:00:00"), (NOON - 600, "12:50:00")])
def test_a_hold_keeps_the_release_where_it_is(proposed: Move, taken: int | None, until: str) -> None:
    by = said(Kind.HOLD, taken=taken)
    found = steer(proposed, by)
    assert found.move.kind is MoveKind.BAKE
    assert found.move.held == f"held: held by ana (orders are missing), until 2027-01-15T{until}Z at most"
    assert found.until == held_until(PLAN, by, 0, NOON) == (taken or NOON) + HOUR


@pytest.mark.parametrize(("on_inconclusive", "error"), [("hold", "HoldExpired"), ("rollback", "HoldExpired")])
def test_a_hold_that_nobody_ends_is_rolled_back(on_inconclusive: str, error: str) -> None:
    plan = replace(PLAN, on_inconclusive=on_inconclusive)
    reason = steer(SHIFT, said(Kind.HOLD, taken=NOON), plan, now=NOON + HOUR).move.reason
    assert reason is not None
    assert reason[0] == error
    assert "nobody decided by" in reason[1]


@pytest.mark.parametrize("asked", [{"on_inconclusive": "promote"}, {"on_hold_expired": "promote"}])
def test_or_goes_on_where_the_request_promotes_when_in_doubt(asked: dict[str, Any]) -> None:
    plan = replace(PLAN, **asked)
    by = said(Kind.HOLD, taken=NOON)
    assert steer(SHIFT, by, plan, now=NOON + HOUR).move == SHIFT
    assert held_until(plan, by, 0, NOON + HOUR) is None


ASKING = replace(PLAN, approvals=("before_traffic", 25, "before_finish"), approval_minutes=120)


@pytest.mark.parametrize(
    ("step", "proposed", "gate", "asks"),
    [
        (-1, Move(MoveKind.SHIFT, 0), "before_traffic", "may it receive traffic?"),
        (1, Move(MoveKind.SHIFT, 2), "25", "may it continue from 25 %?"),
        (2, FINISH, "before_finish", "may it continue from 50 %?"),
    ],
)
def test_a_release_asks_before_it_goes_on(step: int, proposed: Move, gate: str, asks: str) -> None:
    found = steer(proposed, Decisions(), ASKING, step)
    assert (found.move.kind, found.until) == (MoveKind.BAKE, NOON + 2 * HOUR)
    assert found.asks is not None
    assert found.asks.gate == gate
    assert found.move.held.startswith(f"held for an answer: {asks} Answer with tidegate promote r, or abort; ")
    assert found.move.held.endswith("without an answer by 2027-01-15T14:00:00Z it is rolled back")


def test_it_asks_nothing_at_other_weights_or_while_it_bakes() -> None:
    assert steer(SHIFT, Decisions(), ASKING).move == SHIFT
    assert steer(Move(MoveKind.BAKE, 1), Decisions(), ASKING, 1).asks is None


def test_two_approvals_at_the_same_moment_are_one_question() -> None:
    found = steer(FINISH, Decisions(), replace(ASKING, approvals=(50, "before_finish")), 2)
    assert found.asks is not None
    assert found.asks.gate == "50, before_finish"


def test_nothing_is_asked_where_every_version_is_live_already() -> None:
    live = replace(ASKING, targets=(a_target(canary="42"),))
    assert steer(FINISH, Decisions(), live, -1).asks is None


QUESTION = Question("25", NOON, NOON + 2 * HOUR, "may it continue from 25 %? Say so.")


def test_it_waits_for_the_answer_whatever_the_verdicts_say_meanwhile() -> None:
    for proposed in (Move(MoveKind.BAKE, 1), Move(MoveKind.SHIFT, 2)):
        found = steer(proposed, Decisions(question=QUESTION), ASKING, 1, NOON + HOUR)
        assert (found.move.kind, found.asks, found.until) == (MoveKind.BAKE, None, NOON + 2 * HOUR)
    assert held_until(ASKING, Decisions(question=QUESTION), 1, NOON + HOUR) == NOON + 2 * HOUR


@pytest.mark.parametrize(("outcome", "kind"), [("rollback", MoveKind.ROLL_BACK), ("promote", MoveKind.SHIFT)])
def test_without_an_answer_it_does_what_the_request_says(outcome: str, kind: MoveKind) -> None:
    plan = replace(ASKING, on_approval_timeout=outcome)
    found = steer(Move(MoveKind.SHIFT, 2), Decisions(question=QUESTION), plan, 1, NOON + 2 * HOUR)
    assert found.move.kind is kind
    if found.move.reason:
        asked = (
            "It asked at 2027-01-15T12:00:00Z: may it continue from 25 %? Nobody answered until 2027-01-15T14:00:00Z."
        )
        assert found.move.reason == ("ApprovalExpired", asked)


def test_an_answer_at_one_weight_is_none_at_the_next() -> None:
    twice = replace(ASKING, approvals=(25, 50))
    answered = replace(said(Kind.PROMOTE, to=50, taken=NOON), question=QUESTION)
    found = steer(Move(MoveKind.FINISH, 2), answered, twice, 2, NOON + HOUR)
    assert found.asks is not None
    assert found.asks.gate == "50"


def test_a_promotion_answers_the_question() -> None:
    by = replace(said(Kind.PROMOTE, to=50), question=QUESTION)
    assert held_until(ASKING, by, 1, NOON + HOUR) is None
    assert steer(Move(MoveKind.BAKE, 1), by, ASKING, 1, NOON + HOUR).move == Move(MoveKind.SHIFT, 2)


def test_the_time_for_an_answer_begins_anew_after_a_freeze() -> None:
    found = steer(Move(MoveKind.SHIFT, 2), Decisions(question=QUESTION), ASKING, 1, NOON + 3 * HOUR, frozen=True)
    assert found.move.kind is MoveKind.BAKE
    assert found.asks is not None
    assert (found.asks.asked, found.asks.until) == (NOON, NOON + 3 * HOUR + ASKING.approval_minutes * 60)


def test_so_does_the_time_of_a_hold() -> None:
    found = steer(BAKE, said(Kind.HOLD, taken=NOON), now=NOON + 2 * HOUR, frozen=True)
    assert (found.move.kind, found.renewed, found.until) == (MoveKind.BAKE, True, NOON + 3 * HOUR)
