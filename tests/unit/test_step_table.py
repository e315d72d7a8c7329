"""The table of a plan: time, calls, sight and likely end of each step."""

import pytest

from tests.builders import NOON, a_plan, a_target
from tests.report_samples import released
from tidegate.domain.control.decision import Decision, Kind
from tidegate.domain.plan import ReleasePlan
from tidegate.domain.planning.outlook import ExpectedTraffic, Outlook, outlook, with_expectation
from tidegate.domain.planning.step_table import HEADER, in_words, planned_stays
from tidegate.domain.rollout.pauses import AROUND_A_STEP
from tidegate.domain.rollout.stops import with_stop
from tidegate.domain.strategy import Step, Strategy, strategy_named
from tidegate.report.document import document
from tidegate.report.markdown import markdown
from tidegate.report.page import page

NAME = "checkout:live"


def a_strategy(on_inconclusive: str = "hold", *, bakes_on: bool = True) -> Strategy:
    return Strategy("steps", (Step(5, 3), Step(50, 3)), on_inconclusive, bakes_on)


def foreseen(calls: int, plan: ReleasePlan) -> Outlook:
    return outlook(plan, {NAME: ExpectedTraffic(dict.fromkeys(range(NOON - 3600, NOON, 60), calls))}, NOON)


def test_a_row_has_the_time_that_a_step_takes_and_the_calls_of_the_new_version_in_it() -> None:
    (first, last) = foreseen(1200, a_plan(strategy=a_strategy())).stays[NAME]
    assert first.cells == ("5 %", "5 min", "180", "1.7 points", "no")
    assert last.calls == 1200 * (last.minutes - AROUND_A_STEP) / 2
    assert len(first.cells) == len(HEADER)


def test_a_step_that_needs_longer_than_its_bake_takes_longer() -> None:
    (first, _) = foreseen(30, a_plan(strategy=a_strategy(), max_bake_minutes=60)).stays[NAME]
    assert (first.minutes > 3 + AROUND_A_STEP, first.undecided) == (True, "")


@pytest.mark.parametrize(
    ("on_inconclusive", "bakes_on", "minutes", "likely"),
    [
        ("hold", True, 15, "yes"),
        ("rollback", True, 15, "no, rolls back"),
        ("promote", False, 3, "no, promotes unproven"),
    ],
)
def test_a_step_that_cannot_be_decided_says_what_then_happens(
    on_inconclusive: str, bakes_on: bool, minutes: int, likely: str
) -> None:
    strategy = a_strategy(on_inconclusive, bakes_on=bakes_on)
    plan = a_plan(strategy=strategy, on_inconclusive=on_inconclusive, max_bake_minutes=15)
    (first, _) = foreseen(2 if bakes_on else 7, plan).stays[NAME]
    assert (first.minutes, first.cells[3:]) == (minutes + AROUND_A_STEP, ("nothing", likely))


def test_the_summary_has_the_table_in_short() -> None:
    told = foreseen(20, a_plan(strategy=a_strategy(), max_bake_minutes=15)).sentence
    assert (
        "20 calls a minute are expected (the last hour's mean). Steps: 5 % for 16 min (14 calls, sees 19 points); "
        in told
    )
    assert "; 50 % for 17 min (150 calls, sees " in told
    assert " points, likely held). 50 %: a regression of 2 points probably cannot be ruled out within max_bake" in told


def test_of_many_steps_the_summary_has_the_first_and_the_last() -> None:
    plan = a_plan(strategy=strategy_named("linear-10-1m"), max_bake_minutes=0)
    assert in_words(foreseen(6000, plan).stays[NAME]).startswith("Steps: 10 % for 3 min (600 calls, sees ")
    assert " … 90 % for 3 min (5,400 calls, " in in_words(foreseen(6000, plan).stays[NAME])
    assert in_words(()) == ""


def test_what_the_ledger_keeps_gives_the_same_rows() -> None:
    plan = a_plan(strategy=a_strategy(), max_bake_minutes=15)
    found = foreseen(20, plan)
    assert planned_stays(found.rows()[NAME], plan, 1, idle=False) == found.stays[NAME]


def test_a_step_that_a_promotion_added_has_no_row_and_the_others_keep_theirs() -> None:
    plan = a_plan(strategy=a_strategy(), max_bake_minutes=15)
    found = foreseen(20, plan)
    promoted = Decision(Kind.PROMOTE, "ana", "", "command", NOON, to=20)
    assert len(with_stop(plan, 0, promoted).strategy.steps) == 3
    assert planned_stays(found.rows()[NAME], with_stop(plan, 0, promoted), 1, idle=False) == found.stays[NAME]


def test_the_first_line_takes_as_long_and_holds_where_the_table_says() -> None:
    plan = a_plan(strategy=strategy_named("guarded"), max_bake_minutes=15)
    ahead = foreseen(20, plan)
    expected, rows = with_expectation(plan, ahead), ahead.stays[NAME]
    assert expected.likely_minutes == sum(row.minutes for row in rows)
    assert expected.likely_undecided == tuple(row.weight for row in rows if row.undecided)
    assert expected.likely_undecided


@pytest.mark.parametrize(
    ("on_idle", "minutes", "likely"), [("promote", 5, "no, compares nothing"), ("hold", 17, "yes")]
)
def test_an_idle_function_has_the_steps_that_on_idle_gives_it(on_idle: str, minutes: int, likely: str) -> None:
    plan = a_plan(strategy=a_strategy("rollback"), on_inconclusive="rollback", max_bake_minutes=15, on_idle=on_idle)
    ahead = foreseen(0, plan)
    assert [(row.minutes, row.cells[3:]) for row in ahead.stays[NAME]] == [(minutes, ("nothing", likely))] * 2
    assert ahead.shown("release")["targets"][0]["findings"] == []
    assert with_expectation(plan, ahead).likely_minutes == 0


def test_a_version_that_is_live_already_has_no_steps() -> None:
    assert foreseen(0, a_plan(a_target(canary="42"), strategy=a_strategy())) == Outlook()


def test_a_dry_run_shows_the_quietest_targets_and_all_findings() -> None:
    plan = a_plan(*(a_target(f"f-{n}") for n in range(30)), strategy=a_strategy())
    traffic = {f"f-{n}:live": ExpectedTraffic({NOON - 60: 1000 - n}) for n in range(30)}
    shown = outlook(plan, traffic, NOON).shown("release them", "slowly", "")
    assert [each["target"] for each in shown["targets"][:2]] == ["f-29:live", "f-28:live"]
    assert (len(shown["targets"]), shown["findings"], shown["decision"]) == (10, ["slowly"], "release them")
    assert shown["targets"][0]["findings"][0].startswith("5 %: a regression of 20 points")
    unread = Outlook(problem="it is down").shown("release")["findings"]
    assert unread == ["It is unknown what the schedule can detect: CloudWatch could not be read (it is down)."]


def test_the_report_has_the_same_table() -> None:
    report = released().report()
    (target,) = report.targets
    cells = [each.cells for each in target.planned]
    assert cells[-1][-1] == "yes"
    assert all(f">{cell}<" in page(report) for row in cells for cell in row)
    lines = [" ".join(line.split()) for line in markdown(report).splitlines()]
    assert [" ".join(row) for row in (HEADER, *cells)] == lines[lines.index(" ".join(HEADER)) :][: len(cells) + 1]
    assert document(report)["targets"][0]["planned"] == [each.document() for each in target.planned]
