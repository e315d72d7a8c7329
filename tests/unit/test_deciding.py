"""Whether a decision can still be carried out, and what its maker is told."""

from dataclasses import replace
from typing import Any

import pytest

from tests.builders import NOON, a_plan
from tidegate.domain.control.decision import Decision, Decisions, Kind
from tidegate.domain.control.decision_rules import NextLook, Ruling, Standing, answer, rule
from tidegate.domain.control.freeze import Freeze
from tidegate.domain.control.requests import parse_decision
from tidegate.domain.errors import InvalidRequest
from tidegate.domain.strategy import Step

PLAN = a_plan(steps=(Step(5, 3), Step(25, 5), Step(50, 5)))
AHEAD = NextLook("arn:of:r-1", ["checkout:live"], look=NOON + 90)
AT_5 = Standing(PLAN, Decisions(), AHEAD, weight=5, status="running")


def an_order(decision: str, **fields: Any) -> dict[str, Any]:
    return {"release": "r-1", "decision": decision, "by": "ana", "reason": "orders are missing", **fields}


def ruled(decision: str, standing: Standing = AT_5, **fields: Any) -> Ruling:
    return rule(parse_decision(an_order(decision, **fields)), standing, NOON)


def after(kind: Kind, **fields: Any) -> Standing:
    """Give a release of which somebody has decided already."""
    usual: dict[str, Any] = {"by": "bob", "reason": "", "via": "command", "at": NOON - 60}
    return replace(AT_5, said=Decisions(1, Decision(kind, **{**usual, **fields})))


@pytest.mark.parametrize("decision", ["hold", "promote", "abort"])
def test_a_decision_is_taken_with_who_and_why(decision: str) -> None:
    found = ruled(decision, via="dashboard").decision
    assert found is not None
    assert (found.kind, found.by, found.reason, found.via, found.at) == (
        Kind(decision),
        "ana",
        "orders are missing",
        "dashboard",
        NOON,
    )


@pytest.mark.parametrize(
    ("weight", "to", "goal"), [(0, None, 5), (5, None, 25), (50, None, 100), (5, 50, 50), (5, 100, 100), (50, 100, 100)]
)
def test_a_promotion_goes_to_the_next_step_unless_told_where(weight: float, to: float | None, goal: float) -> None:
    named = {} if to is None else {"to": to}
    found = ruled("promote", replace(AT_5, weight=weight), **named)
    assert (found.decision and found.decision.to) == goal
    assert f"promoted to {goal:g} %" in found.summary


@pytest.mark.parametrize(("weight", "to"), [(0, 0.1), (0, 4), (5, 12.5), (25, 49), (50, 90)])
def test_a_promotion_may_stop_at_any_weight_before_the_next_step(weight: float, to: float) -> None:
    found = ruled("promote", replace(AT_5, weight=weight), to=to)
    assert (found.accepted, found.decision and found.decision.to) == (True, to)


@pytest.mark.parametrize(("weight", "to"), [(0, 0.05), (0, 6), (5, 26), (50, 95)])
def test_a_weight_beyond_the_next_step_or_at_which_nothing_can_be_compared_is_refused(weight: float, to: float) -> None:
    with pytest.raises(InvalidRequest, match="or any weight between"):
        ruled("promote", replace(AT_5, weight=weight), to=to)


def test_a_release_with_as_many_steps_as_possible_gets_no_more() -> None:
    full = replace(AT_5, plan=a_plan(steps=tuple(Step(n / 2, 1) for n in range(1, 101))), weight=5)
    with pytest.raises(InvalidRequest, match=r"there is no step at 5\.2 %"):
        ruled("promote", full, to=5.2)


def test_a_release_without_steps_can_only_be_promoted_whole() -> None:
    bare = replace(AT_5, plan=a_plan(steps=()), weight=0)
    found = ruled("promote", bare)
    assert (found.decision and found.decision.to) == 100
    with pytest.raises(InvalidRequest, match="to: must be 100 here"):
        ruled("promote", bare, to=50)


def test_a_weight_that_no_step_has_is_refused_with_those_there_are() -> None:
    with pytest.raises(
        InvalidRequest,
        match=r"there is no step at 40 %; the weights are 5, 25, 50 and 100, or any weight between 5 and 25; .*: 25",
    ):
        ruled("promote", to=40)


@pytest.mark.parametrize(
    ("standing", "words"),
    [
        (
            replace(AT_5, ended="released", outcome="checkout:live is on 7."),
            "is over (released). checkout:live is on 7.",
        ),
        (replace(AT_5, ended="rolled-back", outcome="It failed."), "is over (rolled-back). It failed."),
        (replace(AT_5, status="undoing"), "is being rolled back"),
        (replace(AT_5, status="promoted"), "is about to end"),
        (replace(AT_5, said=Decisions(closed=NOON - 1)), "is about to end"),
    ],
)
@pytest.mark.parametrize("decision", ["hold", "promote", "abort"])
def test_what_comes_too_late_is_told_why(decision: str, standing: Standing, words: str) -> None:
    found = ruled(decision, standing)
    assert (found.accepted, found.decision) == (False, None)
    assert found.summary.startswith("Too late: release r-1")
    assert words in found.summary


def test_while_the_last_hooks_run_a_release_can_only_be_aborted() -> None:
    ending = replace(
        AT_5, said=Decisions(finishing=NOON - 1), ahead=replace(AHEAD, look=None, waits="its hooks answer")
    )
    for decision in ("hold", "promote"):
        assert (ruled(decision, ending).accepted, "It can only be aborted now" in ruled(decision, ending).summary) == (
            False,
            True,
        )
    found = ruled("abort", ending)
    assert (found.accepted, "It is rolled back as soon as its hooks answer." in found.summary) == (True, True)


@pytest.mark.parametrize(
    ("decision", "standing"),
    [
        ("abort", after(Kind.ABORT)),
        ("promote", after(Kind.PROMOTE, to=25)),
        ("hold", after(Kind.HOLD)),
        ("hold", after(Kind.HOLD, taken=NOON - 30)),
    ],
)
def test_the_same_decision_again_is_accepted_and_not_made_again(decision: str, standing: Standing) -> None:
    found = ruled(decision, standing)
    assert (found.accepted, found.decision) == (True, None)
    assert found.summary.startswith("Already ")
    assert "by bob" in found.summary


def test_a_promotion_to_where_the_release_is_needs_nothing() -> None:
    assert ruled("promote", replace(AT_5, weight=25), to=25) == Ruling(True, "Already at 25 %.")
    assert ruled("promote", replace(AT_5, weight=25), to=5).summary == "Already at 25 %."


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Kind.HOLD, "promote"),
        (Kind.PROMOTE, "hold"),
        (Kind.PROMOTE, "abort"),
        (Kind.ABORT, "hold"),
        (Kind.ABORT, "promote"),
    ],
)
def test_of_two_that_contradict_each_other_the_first_wins_and_the_second_is_told(first: Kind, second: str) -> None:
    found = ruled(second, after(first, reason="so it is"))
    assert (found.accepted, found.decision) == (False, None)
    assert "by bob (so it is) at 2027-01-15T11:59:00Z, which takes precedence" in found.summary
    assert "at the next check, by 2027-01-15T12:01:30Z" in found.summary


def test_an_abort_ends_a_hold_that_no_look_has_found_yet() -> None:
    found = ruled("abort", after(Kind.HOLD))
    assert found.decision is not None
    assert found.decision.kind is Kind.ABORT


def advised(decision: str, standing: Standing) -> str:
    order = parse_decision(an_order(decision))
    told: str = answer(order, rule(order, standing, NOON))["summary"]
    return told


def test_an_abort_that_comes_after_a_promotion_is_told_what_comes_and_how_to_undo_that() -> None:
    onward = advised("abort", after(Kind.PROMOTE, to=25))
    assert "It continues to 25 % at the next check" in onward
    assert "Abort it again after that." in onward
    assert onward.endswith("aws stepfunctions stop-execution --execution-arn arn:of:r-1")
    whole = advised("abort", after(Kind.PROMOTE, to=100))
    assert "It finishes at the next check" in whole
    assert "After it has finished, go back with: tidegate rollback checkout:live." in whole
    assert whole.endswith("aws stepfunctions stop-execution --execution-arn arn:of:r-1")


def test_the_way_back_of_many_targets_is_told_once() -> None:
    many = replace(after(Kind.PROMOTE, to=100), ahead=replace(AHEAD, targets=["a:live", "b:live", "c:live", "d:live"]))
    assert "tidegate rollback FUNCTION:ALIAS for each of its 4 targets." in advised("abort", many)


def test_a_promotion_that_comes_after_an_abort_is_told_how_to_go_on() -> None:
    assert advised("promote", after(Kind.ABORT)).endswith("You can release its version again after that.")


def test_whoever_aborts_what_is_looked_at_seldom_is_told_how_to_undo_it_at_once() -> None:
    far = replace(AT_5, ahead=replace(AHEAD, look=NOON + 1800))
    assert "stop-execution --execution-arn arn:of:r-1" in advised("abort", far)
    assert "stop-execution" not in advised("abort", AT_5)
    assert "stop-execution" not in advised("hold", far)
    found = ruled("abort", far)
    assert "stop-execution" not in found.summary, "that is what is told to everybody"


def test_before_any_traffic_a_decision_is_found_once_the_versions_are_ready() -> None:
    assert "It is rolled back as soon as every version is ready." in advised(
        "abort", replace(AT_5, weight=0, ahead=replace(AHEAD, look=None))
    )


@pytest.mark.parametrize("second", ["promote", "abort"])
def test_a_later_decision_follows_one_that_was_carried_out(second: str) -> None:
    assert ruled(second, after(Kind.HOLD, taken=NOON - 30)).decision is not None


def test_nothing_is_promoted_under_a_freeze_and_all_else_goes() -> None:
    frozen = replace(AT_5, freeze=Freeze("check*", "Black Friday", NOON + 3600, "bob", NOON))
    found = ruled("promote", frozen)
    assert (found.accepted, found.decision) == (False, None)
    assert "frozen until 2027-01-15T13:00:00Z (Black Friday)" in found.summary
    assert found.summary.endswith("tidegate thaw 'check*'")
    assert ruled("abort", frozen).accepted
    assert ruled("hold", frozen).accepted


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ([], "request: must be an object"),
        ({}, "release: is missing; example: "),
        (an_order("retry"), "decision: must be one of 'hold', 'promote' or 'abort'"),
        (an_order("abort", reason=None), "reason: is missing: give a reason"),
        (an_order("hold", reason=" "), "reason: must be a non-empty text"),
        (an_order("hold", to=50), "to: is allowed with promote only"),
        (an_order("promote", to=0), "to: must be more than 0"),
        (an_order("promote", to=101), "to: must be 100 or less"),
        (an_order("promote", by="a\nb"), "by: must be a non-empty text of one line"),
        (an_order("promote", release="a b"), "release: must match"),
        (an_order("promote", weight=50), "weight: is not a field there; fields: release, decision, by"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_path_and_an_example(raw: object, words: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse_decision(raw)
    assert str(refused.value).startswith(words) or f"\n{words}" in str(refused.value)
    assert "; example: " in str(refused.value)


def test_the_answer_says_whether_it_was_accepted_and_what_it_does() -> None:
    order = parse_decision(an_order("promote"))
    told = answer(order, rule(order, AT_5, NOON))
    assert told == {
        "summary": "r-1 is promoted to 25 % by ana (orders are missing). It continues to 25 % at the next check, by "
        "2027-01-15T12:01:30Z, unless a version fails by then.",
        "accepted": True,
        "already": False,
        "release": "r-1",
        "decision": "promote",
        "to": 25,
    }
