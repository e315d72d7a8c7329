"""What a target requires of another, who meets whom in a plan, and which calls met another version."""

from dataclasses import replace
from typing import Any

import pytest

from tests.builders import ANYTHING, NOON, a_plan, a_shift, a_target
from tests.golden import as_golden
from tests.reading import ROOT
from tests.unit.refusing import problems, the_problem
from tidegate.domain.analysis.exposure import Edge, exposure
from tidegate.domain.analysis.readings import Shift
from tidegate.domain.judge import Minute
from tidegate.domain.ledger_items import COUNTS, RECORD, numbered_key, shift_key
from tidegate.domain.plan import ReleasePlan
from tidegate.domain.planning.known_calls import (
    with_calls,
)
from tidegate.domain.planning.meetings import Meeting, meetings
from tidegate.domain.request.parse import parse_request
from tidegate.domain.schedule import HOUR, MINUTE
from tidegate.domain.strategy import Step, Strategy
from tidegate.report.document import document
from tidegate.report.load import load
from tidegate.report.markdown import markdown
from tidegate.report.page import page
from tidegate_cli.plan_text import lines

GOLDEN = ROOT / "tests/unit/golden/command/who-meets-whom.txt"
NEEDS = {"consumer": ">= this release"}
STEPS = {"steps": [{"weight": 10, "bake": "1m"}]}


def request(consumer: int, producer: int, **fields: Any) -> dict[str, Any]:
    targets = [
        {"function": "producer", "wave": producer, "requires": NEEDS},
        {"function": "consumer", "wave": consumer},
    ]
    return {"targets": targets, "strategy": STEPS, **fields}


def test_a_consumer_in_an_earlier_wave_satisfies_its_producer() -> None:
    assert parse_request(request(1, 2), limits=ANYTHING).targets[0].requires == NEEDS


@pytest.mark.parametrize(("consumer", "producer"), [(1, 1), (2, 1)])
def test_any_other_order_is_refused_with_the_order_that_avoids_it(consumer: int, producer: int) -> None:
    problem = the_problem(request(consumer, producer))
    said = "targets[0].requires.consumer: the new version of producer could meet the old version of consumer"
    assert problem.startswith(f"{said}: consumer is not in an earlier wave than producer (wave {producer}).")
    assert f'wave of "consumer": {consumer}, "producer": {consumer + 1}' in problem
    again = request(consumer, consumer + 1)
    parse_request(again, limits=ANYTHING)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"waves": "lockstep"}, "lockstep splits the traffic of all waves at the same time"),
        ({"strategy": "all-at-once"}, "all-at-once moves all waves within seconds"),
    ],
)
def test_waves_that_overlap_satisfy_nothing(fields: dict[str, Any], why: str) -> None:
    assert why in the_problem(request(1, 2, **fields))


def test_a_chain_of_requirements_gets_a_wave_for_each_link() -> None:
    targets = [
        {"function": "web", "requires": {"orders": ">= this release"}},
        {"function": "orders", "requires": {"stock": ">= this release"}},
        {"function": "stock"},
        {"function": "mail", "wave": 4},
    ]
    for problem in problems({"targets": targets, "strategy": STEPS}):
        assert 'wave of "stock": 1, "orders": 2, "web": 3; example' in problem


def test_targets_that_require_each_other_need_two_releases() -> None:
    targets = [
        {"function": "one", "requires": {"other": ">= this release"}},
        {"function": "other", "wave": 2, "requires": {"one": ">= this release"}},
    ]
    assert "no order avoids that: expand first, contract later" in the_problem({"targets": targets, "strategy": STEPS})


def test_a_function_outside_of_the_release_is_older_than_it() -> None:
    alone = {"function": "producer", "requires": NEEDS}
    assert "consumer is not a target of this release, so its version is older" in the_problem(alone)


def test_other_requirements_than_this_release_are_refused() -> None:
    assert ">= this release" in problems({"function": "producer", "requires": {"consumer": ">= 42"}})[0]


def test_calls_that_are_found_are_told_from_those_that_are_declared() -> None:
    again = {"consumer:live": {"producer:live": "state machine shop", "consumer:live": "state machine shop"}}
    plan = with_calls(a_chain(consumer=1, producer=1), again)
    assert [each.cells[0] for each in meetings(plan)] == [
        "producer:live → consumer:live",
        "consumer:live → consumer:live (found in state machine shop)",
        "consumer:live → producer:live (found in state machine shop)",
    ]
    assert with_calls(plan, again) == plan
    assert ReleasePlan.of(plan.document()) == plan


def test_a_plan_of_an_earlier_tidegate_names_no_places() -> None:
    """Recover, the report and the command read plans of earlier releases, too, which have only names."""
    document = a_chain(consumer=1, producer=1).document()
    for target in document["targets"]:
        target["found"] = list(target["calls"])
    plan = ReleasePlan.of(document)
    assert [each.found for each in plan.targets] == [(("consumer:live", ""),), ()]
    assert ReleasePlan.of(plan.document()) == plan
    (shown,) = meetings(plan)
    edges = [Meeting.of({**shown.document(), "found": found}).cells[0] for found in (True, False)]
    assert edges == ["producer:live → consumer:live (found in what Plan reads)", "producer:live → consumer:live"]


def a_chain(consumer: int, producer: int, prefix: str = "") -> ReleasePlan:
    waves = sorted({consumer, producer})
    steps = tuple(Step(10, 5, wave if len(waves) > 1 else None) for wave in waves)
    called = f"{prefix}consumer"
    caller = a_target(f"{prefix}producer", wave=producer, calls=(f"{called}:live",))
    return a_plan(caller, a_target(called, wave=consumer), steps=steps)


def test_a_dry_run_prints_who_meets_whom() -> None:
    found = {"findings": [], "targets": [], "decision": "release orders", "meetings": []}
    plan = a_chain(consumer=1, producer=2, prefix="orders-")
    *_, head, first, second, _, _ = lines(
        "", found | {"meetings": [each.document() for each in meetings(plan)]}, [], quiet=False
    )
    text = "".join(f"{line}\n" for line in (head, first, second))
    assert text == as_golden(text, GOLDEN)


def test_the_plan_says_who_meets_whom_with_waves_and_without() -> None:
    first, second = meetings(a_chain(consumer=1, producer=2))
    edge = "producer:live → consumer:live"
    assert first.cells == (edge, "wave 1", "old-old, old-new", "new-old")
    assert second.cells == (edge, "wave 2", "old-new, new-new", "new-old")
    (together,) = meetings(a_chain(consumer=1, producer=1))
    assert together.cells == (edge, "it shifts", "old-old, old-new, new-old, new-new", "none")


@pytest.mark.parametrize("steps", [(), (Step(10, 5),)], ids=["all at once", "in lockstep"])
def test_waves_that_overlap_let_every_pair_meet(steps: tuple[Step, ...]) -> None:
    plan = replace(a_chain(1, 2), strategy=Strategy("overlapping", steps, "hold", bakes_on=True))
    (found,) = meetings(plan)
    assert found.cells[1:] == ("it shifts", "old-old, old-new, new-old, new-new", "none")


def an_edge(consumer: int = 1, producer: int = 1) -> Edge:
    caller, callee = a_chain(consumer, producer).targets
    return caller, callee


def minutes(canary: int, stable: int, count: int = 4, begin: int = NOON) -> dict[int, Minute]:
    return {begin + MINUTE * number: Minute(canary, 0, stable, 0) for number in range(count)}


def test_the_share_of_calls_that_met_another_version() -> None:
    counts = {"producer:live": minutes(10, 90), "consumer:live": minutes(20, 80)}
    found = exposure(an_edge(), counts, [a_shift(NOON, 10)], NOON + 4 * MINUTE)
    assert found
    assert found.calls == 400
    assert found.share == pytest.approx(0.1 * 0.8 + 0.9 * 0.2)


def test_minutes_that_were_not_read_yet_count_with_their_weights() -> None:
    shifts = [a_shift(NOON, 10), a_shift(NOON + 4 * MINUTE, 50)]
    counts = {name: minutes(10, 90) for name in ("producer:live", "consumer:live")}
    found = exposure(an_edge(), counts, shifts, NOON + 6 * MINUTE)
    assert found
    assert found.calls == 600
    assert found.share == pytest.approx((4 * 0.18 + 0.3 + 0.5) / 6, abs=0.07)


def test_in_waves_only_the_allowed_pair_is_met() -> None:
    shifts = [Shift(NOON, 10, NOON + 2, 1), Shift(NOON + 2 * MINUTE, 100, NOON + 2 * MINUTE + 2, 1)]
    counts = {
        "producer:live": minutes(0, 100),
        "consumer:live": {**minutes(10, 90, 2), **minutes(100, 0, 2, NOON + 2 * MINUTE)},
    }
    found = exposure(an_edge(consumer=1, producer=2), counts, shifts, NOON + 4 * MINUTE)
    assert found
    assert found.old_new == pytest.approx((0.1 + 0.1 + 1 + 1) / 4)
    assert found.new_old == 0


def test_without_calls_there_is_no_share() -> None:
    assert exposure(an_edge(), {}, [a_shift(NOON, 10)], NOON + MINUTE) is None


def test_the_report_of_a_release_has_the_exposure_of_each_known_call() -> None:
    plan = a_chain(1, 1)
    record = {"sk": RECORD, "started": NOON, "plan": plan.document(), "labels": {}, "ended": "released"}
    rows = {"errors": [[NOON + MINUTE * number, 20, 0, 80, 0] for number in range(3)]}
    items = [
        {**record, "ended_at": NOON + 3 * MINUTE, "execution": "", "status": "promoted"},
        {"sk": shift_key(0), "at": NOON, "until": NOON + 2, "weight": 20, "summary": ""},
        {"sk": numbered_key(COUNTS, NOON, 0), "at": NOON, "rows": {target.name: rows for target in plan.targets}},
    ]
    report = load("orders-7", items, now=NOON + HOUR)
    (found,) = report.exposures
    assert found.document() == {
        "caller": "producer:live",
        "callee": "consumer:live",
        "calls": 300,
        "old_new": pytest.approx(0.16),
        "new_old": pytest.approx(0.16),
        "share": pytest.approx(0.32),
        "basis": "estimated",
        "interval": None,
    }
    assert document(report)["exposures"] == [found.document()]
    row = "| producer:live → consumer:live | 32 % | 16 % | 16 % | 300 | estimated by minute |"
    assert row in markdown(report)
    assert "Who met whom" in page(report)
