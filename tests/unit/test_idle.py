"""A function without traffic, or with little: what Plan expects, what a release then does, and what it is called."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.builders import ANYTHING, NOON, a_plan, a_shift, a_target, a_verdict, some_settings
from tidegate.domain.alias import AliasState
from tidegate.domain.analysis.verdict import TargetVerdict
from tidegate.domain.errors import FunctionIdle
from tidegate.domain.expectation import expectation
from tidegate.domain.judge import Combined, Metric, MetricJudgement, Minute, Verdict, shown
from tidegate.domain.metric import ERRORS
from tidegate.domain.plan import ReleasePlan, TargetPlan
from tidegate.domain.planning.outlook import ExpectedTraffic, Outlook, outlook, with_expectation
from tidegate.domain.request.parse import parse_request, read_request
from tidegate.domain.rollout.next_move import UNDECIDED, Move, MoveKind, next_move
from tidegate.domain.rollout.proof import NOT_COMPARED, NOT_PROVEN, proof_of, said, unproven
from tidegate.domain.strategy import Step, strategy_named
from tidegate.steps.plan import _refuse_idle

WEEK = 7 * 86_400
GUARDED = strategy_named("guarded")
TWO_STEPS = (Step(5, 3), Step(50, 5))


def hour(per_minute: int) -> dict[int, int]:
    return dict.fromkeys(range(NOON - 3600, NOON, 60), per_minute)


def week_ago(per_minute: int) -> dict[int, int]:
    return dict.fromkeys(range(NOON - WEEK, NOON - WEEK + 7200, 60), per_minute)


def expecting(plan: ReleasePlan, **calls: Mapping[int, int]) -> ReleasePlan:
    traffic = {f"{name}:live": ExpectedTraffic(each) for name, each in calls.items()}
    return with_expectation(plan, outlook(plan, traffic, NOON))


def idle(**fields: Any) -> TargetPlan:
    return a_target(idle=True, **fields)


def judged(target: TargetPlan, calls: int, verdict: Verdict | None = None) -> TargetVerdict:
    """Give the verdict on so many calls of the canary, none of which failed."""
    whole = Minute(calls, 0, 9 * calls, 0)
    numbers = shown([NOON], [whole], evidence=0.0, limit=3.0)
    errors = MetricJudgement(
        Metric(ERRORS, {}), 1.0, 0.0, 0.0, 0.0, needed=8.0, whole=whole, fails=False, shown=numbers
    )
    found = verdict or (Verdict.INCONCLUSIVE if calls else Verdict.NO_DATA)
    return TargetVerdict(target, found, combined=Combined(found, 0.0, ERRORS, 0.0, None, None, (errors,), "So it is."))


def move(plan: ReleasePlan, *verdicts: TargetVerdict, step: int = 0, visible: int = 5) -> Move:
    shifts = [a_shift(NOON, plan.step(step).weight)]
    return next_move(plan, step, shifts, verdicts, now=NOON + visible * 60 + 90)


def test_a_function_is_idle_if_fewer_than_ten_calls_of_the_canary_are_expected_with_max_bake() -> None:
    """15 minutes at 5, 10, 25 and 50 % are 13.5 minutes of all calls."""
    guarded = a_plan(strategy=GUARDED)
    assert expecting(guarded, checkout={NOON - 60: 44}).targets[0].idle  # 44 an hour: 9.9 calls
    assert not expecting(guarded, checkout={NOON - 60: 45}).targets[0].idle  # 45 an hour: 10.1
    assert expecting(a_plan(strategy=GUARDED, max_bake_minutes=1), checkout={NOON - 60: 120}).targets[0].idle


def test_a_function_that_is_called_at_this_time_of_the_week_is_not_idle_in_a_quiet_hour() -> None:
    assert not expecting(a_plan(strategy=GUARDED), checkout=week_ago(100)).targets[0].idle
    assert not expecting(a_plan(strategy=GUARDED), checkout={**week_ago(0), **hour(100)}).targets[0].idle


def test_each_of_many_targets_is_idle_or_not_even_if_few_are_foreseen() -> None:
    plan = a_plan(*(a_target(f"function-{n}") for n in range(9)), strategy=strategy_named("linear-1-1m"))
    found = expecting(plan, **{f"function-{n}": hour(100 if n == 4 else 0) for n in range(9)})
    assert [target.function for target in found.targets if not target.idle] == ["function-4"]


@pytest.mark.parametrize(
    ("plan", "why"),
    [
        (a_plan(a_target(snapshot=None), strategy=GUARDED), "there is nothing to compare with"),
        (a_plan(strategy=strategy_named("all-at-once")), "nothing is compared"),
        (a_plan(a_target(canary="42"), strategy=GUARDED), "the version is live already"),
    ],
)
def test_what_has_nothing_to_compare_is_not_idle(plan: ReleasePlan, why: str) -> None:
    traffic = {"checkout:live": ExpectedTraffic({})} if plan.targets[0].snapshot else {}
    assert not with_expectation(plan, outlook(plan, traffic, NOON)).targets[0].idle, why


def test_unknown_traffic_is_not_idle() -> None:
    plan = with_expectation(a_plan(strategy=GUARDED, on_idle="refuse"), Outlook(problem="AccessDenied"))
    _refuse_idle(plan)
    assert (plan.targets[0].idle, expectation(plan)) == (False, "")


def test_an_idle_function_is_refused_if_the_request_says_so_with_what_to_do() -> None:
    with pytest.raises(FunctionIdle, match=r'checkout:live is idle .* "analysis": {"on_idle": "promote"}'):
        _refuse_idle(expecting(a_plan(strategy=GUARDED, on_idle="refuse"), checkout={}))
    _refuse_idle(expecting(a_plan(strategy=GUARDED, on_idle="refuse"), checkout=hour(100)))


def test_little_traffic_is_said_before_the_start_with_the_likely_duration_and_holds() -> None:
    plan = expecting(a_plan(strategy=GUARDED), checkout=hour(20))
    assert [target.idle for target in plan.targets] == [False]
    assert (plan.likely_undecided, plan.likely_minutes) == ((25, 50), 61)
    assert expectation(plan) == (
        "little traffic: its steps likely take 1 h 01 min besides holds, likely held at 25 %, 50 %"
    )
    assert expectation(expecting(a_plan(strategy=GUARDED), checkout=hour(60))) == (
        "little traffic: its steps likely take 33 min"
    )
    promoting = expecting(a_plan(strategy=strategy_named("canary-10-5m"), on_inconclusive="promote"), checkout=hour(30))
    assert expectation(promoting).endswith(", likely not proven at 10 %")
    assert expectation(expecting(a_plan(strategy=GUARDED), checkout=hour(6000))) == ""


@pytest.mark.parametrize("calls", [0, 9])
def test_an_idle_function_goes_on_after_its_bake_without_baking_on(calls: int) -> None:
    plan = a_plan(idle(), steps=TWO_STEPS)
    (target,) = plan.targets
    assert move(plan, judged(target, calls), visible=2) == Move(MoveKind.BAKE, 0)
    assert move(plan, judged(target, calls), visible=3) == Move(MoveKind.SHIFT, 1)
    assert move(plan, judged(target, calls), step=1).kind is MoveKind.FINISH


def test_calls_that_come_are_judged_as_ever() -> None:
    plan = a_plan(idle(), steps=TWO_STEPS)
    (target,) = plan.targets
    assert move(plan, judged(target, 3, Verdict.FAIL), visible=1).kind is MoveKind.ROLL_BACK
    assert move(plan, judged(target, 10), visible=14) == Move(MoveKind.BAKE, 0)
    assert move(plan, judged(target, 10), visible=15).held == UNDECIDED
    assert move(plan, judged(target, 10, Verdict.PASS)) == Move(MoveKind.SHIFT, 1)


def test_an_idle_function_is_held_if_the_request_says_so_with_every_strategy() -> None:
    plan = a_plan(idle(), steps=TWO_STEPS, on_idle="hold", on_inconclusive="promote", max_bake_minutes=0)
    (target,) = plan.targets
    assert move(plan, judged(target, 0)).held == UNDECIDED
    assert move(plan, judged(target, 10)) == Move(MoveKind.SHIFT, 1)


def test_metrics_that_cannot_be_read_are_no_sign_of_an_idle_function() -> None:
    plan = a_plan(idle(), steps=TWO_STEPS)
    assert move(plan, a_verdict(Verdict.NO_DATA, plan.targets[0], "AccessDenied")) == Move(MoveKind.BAKE, 0)


def test_an_idle_target_does_not_carry_the_others_along() -> None:
    plan = a_plan(idle(), a_target("basket"), steps=TWO_STEPS)
    quiet, busy = plan.targets
    assert move(plan, judged(quiet, 0), judged(busy, 500)) == Move(MoveKind.BAKE, 0)
    assert move(plan, judged(quiet, 0), judged(busy, 500, Verdict.PASS)) == Move(MoveKind.SHIFT, 1)


def test_the_outcome_says_what_the_evidence_for_a_promotion_lacks() -> None:
    plan = a_plan(idle(), a_target("basket"))
    quiet, busy = plan.targets
    none, passed, unsure = judged(quiet, 0), judged(busy, 500, Verdict.PASS), judged(busy, 20)
    assert proof_of(plan, [passed]) == ""
    assert (proof_of(plan, [none, passed]), unproven([none, passed])) == (NOT_COMPARED, ("checkout:live",))
    assert (proof_of(plan, [none, unsure]), unproven([none, unsure])) == (NOT_PROVEN, ())
    assert said(NOT_COMPARED, ["checkout:live"]) == "released, not compared: checkout:live"
    assert (said(NOT_PROVEN, []), said("", [])) == ("promoted, not proven", "")


def test_the_stack_sets_the_defaults_and_the_request_overrides_them() -> None:
    settings = some_settings(on_idle="refuse", on_hold_expired="promote", function_pattern="*")
    found = read_request({"function": "checkout"}, settings).analysis
    assert (found.on_idle, found.on_hold_expired) == ("refuse", "promote")
    asked = {"function": "checkout", "analysis": {"on_idle": "hold"}}
    found = read_request(asked, settings).analysis
    assert (found.on_idle, found.on_hold_expired) == ("hold", "promote")
    assert parse_request({"function": "checkout"}, limits=ANYTHING).analysis.on_idle == "promote"


def test_a_plan_keeps_what_it_expects_in_the_ledger_and_reads_one_without_it() -> None:
    plan = a_plan(idle(snapshot=AliasState("42")), on_idle="hold", likely_minutes=70, likely_undecided=(5.0,))
    assert ReleasePlan.of(plan.document()) == plan
    earlier = {name: value for name, value in plan.document().items() if not name.startswith("likely")}
    assert ReleasePlan.of(earlier).likely_undecided == ()
