"""The plan as it goes to the ledger and back, and how it comes from a request."""

import json

import pytest

from tests.builders import ANYTHING, NOON, a_plan, a_request, a_target
from tidegate.domain.alias import AliasState
from tidegate.domain.plan import ReleasePlan
from tidegate.domain.planning.plan_builder import OUTER_LIMIT, PREPARATION, make_plan
from tidegate.domain.planning.preflight.inspected import Inspected
from tidegate.domain.request.parse import parse_request
from tidegate.domain.strategy import Step

FOUND = Inspected(configuration={}, alias=AliasState("42"), timeouts=(5, 30))


@pytest.mark.parametrize(
    "plan",
    [
        a_plan(),
        a_plan(steps=()),
        a_plan(a_target(snapshot=None, canary=None), steps=(Step(0.5, 1), Step(50, 30))),
        a_plan(a_target(changes=("code", "configuration"), version="43", wave=2), a_target("basket")),
    ],
)
def test_a_plan_comes_back_from_the_ledger_as_it_was(plan: ReleasePlan) -> None:
    assert ReleasePlan.of(json.loads(json.dumps(plan.document()))) == plan


def test_only_targets_with_two_versions_shift() -> None:
    plan = a_plan(
        a_target("both"),
        a_target("live-already", canary="42"),
        a_target("first-release", snapshot=None),
        a_target("unpublished", canary=None),
    )
    assert [target.function for target in plan.shifting] == ["both"]
    assert [target.function for target in plan.targets if target.live] == ["live-already"]


def test_a_target_without_two_versions_says_so() -> None:
    with pytest.raises(ValueError, match="checkout:live has no two versions"):
        a_target(canary=None).versions()


def test_published_versions_are_filled_in_by_name() -> None:
    plan = a_plan(a_target("basket", canary=None), a_target("checkout", canary="7"))
    filled = plan.with_canaries({"basket:live": "12"})
    assert [target.canary for target in filled.targets] == ["12", "7"]


def test_a_plan_holds_what_was_asked_for_and_what_was_found() -> None:
    request = a_request(alias="beta", version=7, strategy="canary-10-5m")
    plan = make_plan(request, [FOUND], now=NOON, retention_days=400)
    (target,) = plan.targets
    assert target == a_target(alias="beta", version="7", canary="7", timeout_seconds=30)
    assert [(step.weight, step.bake_minutes) for step in plan.strategy.steps] == [(10, 5)]
    assert (plan.on_inconclusive, plan.max_bake_minutes, plan.max_hold_minutes) == ("promote", 0, 24 * 60)


def test_changes_come_in_the_order_in_which_they_are_made() -> None:
    code = {"s3_bucket": "builds", "s3_key": "checkout.zip"}
    request = a_request(configuration={"memory_size": 512}, code=code)
    assert make_plan(request, [FOUND], now=NOON, retention_days=400).targets[0].changes == ("code", "configuration")


def test_the_deadline_leaves_room_for_preparing_every_bake_and_a_hold() -> None:
    analysis = {"max_bake": "20m", "max_hold": "2h"}
    steps = {"steps": [{"weight": 5, "bake": "3m"}, {"weight": 50, "bake": "30m"}]}
    plan = make_plan(a_request(strategy=steps, analysis=analysis), [FOUND], now=NOON, retention_days=400)
    assert plan.deadline - NOON >= PREPARATION + (20 + 30 + 120) * 60
    assert plan.deadline - NOON <= PREPARATION + (20 + 30 + 120 + 2) * 60 + 2 * 3 * 60


def test_the_deadline_leaves_no_room_for_a_hold_that_only_a_person_could_ask_for() -> None:
    plan = make_plan(a_request(strategy="all-at-once"), [FOUND], now=NOON, retention_days=400)
    assert plan.deadline == NOON + PREPARATION


def test_many_targets_get_more_time_to_be_prepared() -> None:
    names = [f"shop-{number}" for number in range(25)]
    request = parse_request(
        {"targets": [{"function": name} for name in names], "strategy": "all-at-once"}, limits=ANYTHING
    )
    plan = make_plan(request, [FOUND] * 25, now=NOON, retention_days=400)
    assert plan.deadline == NOON + 3 * PREPARATION


def test_a_record_outlives_its_release_by_the_days_that_were_asked_for() -> None:
    plan = make_plan(a_request(), [FOUND], now=NOON, retention_days=1)
    assert plan.expires == NOON + OUTER_LIMIT + 86_400, "a freeze may hold it as long"


def test_the_longest_time_out_counts_also_one_that_the_release_sets() -> None:
    request = a_request(configuration={"timeout": 60})
    assert make_plan(request, [FOUND], now=NOON, retention_days=1).targets[0].timeout_seconds == 60


def test_a_request_says_how_many_versions_are_kept_or_the_deployment_does() -> None:
    kept = [
        make_plan(a_request(**field), [FOUND], now=NOON, retention_days=1, keep_versions=20).targets[0].keep
        for field in ({}, {"keep": 5})
    ]
    assert kept == [20, 5]
    assert make_plan(a_request(), [FOUND], now=NOON, retention_days=1).targets[0].keep == 0, "all"


def test_a_plan_says_how_often_it_looks_only_where_it_saves_on_looks() -> None:
    assert a_plan().pace == ""
    assert a_plan(quick_minutes=360).pace == (
        "To fit into the history of one execution, it checks every minute for 6 h after the first shift, then every "
        "5 min"
    )


def test_a_plan_names_the_targets_that_are_not_probed() -> None:
    targets = [a_target("checkout", probe="none"), a_target("basket"), a_target("mail", probe="none")]
    assert a_plan(*targets).unprobed == "without a probe of checkout:live, mail:live"
    assert a_plan(a_target()).unprobed == ""
