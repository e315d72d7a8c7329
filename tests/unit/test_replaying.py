"""Judging a past release again."""

from dataclasses import replace

import pytest

from tests.builders import NOON, a_plan, a_reading, a_request, a_shift, a_target, by_start
from tidegate.domain.analysis.baseline import Baseline
from tidegate.domain.analysis.readings import Reading
from tidegate.domain.analysis.user_lines import UserLine
from tidegate.domain.analysis.users import Users
from tidegate.domain.judge import Minute
from tidegate.domain.ledger_items import ReleaseItems
from tidegate.domain.metric import PlannedMetric
from tidegate.domain.plan import ReleasePlan
from tidegate.domain.rollout.next_move import MoveKind
from tidegate.domain.rollout.replay import Replayed, replay, with_settings
from tidegate.domain.rollout.replay_answer import Past, answer
from tidegate.domain.routing import Routing
from tidegate.domain.schedule import LAG
from tidegate.domain.strategy import Step

TARGET = "checkout:live"
SHIFTS = (a_shift(NOON, 10), a_shift(NOON + 300, 50))
TWO_STEPS = (Step(10, 3), Step(50, 3))


def minutes(count: int, *, failing: int = 0) -> Reading:
    """Give a thousand calls a minute, divided by the weights; so many of the canary's fail, and nine of stable's."""
    canary = [100 if n < 5 else 500 for n in range(count)]
    return a_reading(by_start(*(Minute(calls, failing, 1000 - calls, 9) for calls in canary)))


def played(plan: ReleasePlan, reading: Reading, count: int) -> list[Replayed]:
    return list(replay(plan, {TARGET: reading}, {TARGET: Baseline()}, SHIFTS, NOON + 60 * count + LAG))


def test_each_minute_is_judged_on_those_that_could_be_read_by_then() -> None:
    found = played(a_plan(steps=TWO_STEPS), minutes(10), 10)
    assert [each.at for each in found] == [NOON + 60 * n + 90 for n in range(1, 11)]
    totals = [each.verdicts[0].document()["canary"][1] for each in found]
    assert totals == [100, 200, 300, 400, 500, 1000, 1500, 2000, 2500, 3000]


def test_the_weights_are_those_that_were() -> None:
    found = played(a_plan(steps=TWO_STEPS), minutes(10), 10)
    assert [each.weight for each in found] == [10, 10, 10, 50, 50, 50, 50, 50, 50, 50]


def test_it_ends_with_the_first_roll_back() -> None:
    found = played(a_plan(steps=TWO_STEPS), minutes(10, failing=30), 10)
    assert [each.move.kind.value for each in found] == ["roll_back"]
    assert found[-1].document()["why"].startswith("checkout:live: 10 % on 43: 30 of 100 failed")


def test_routed_users_are_judged_as_far_as_they_had_failed_by_then() -> None:
    plan = a_plan(steps=TWO_STEPS, routing=Routing("salt"))
    lines = [
        UserLine(NOON + 15 * number, "checkout", f"{number:016x}", 10.0, on_canary=True, failed=True)
        for number in range(1, 30)
    ]
    reading = minutes(10, failing=30)
    found = list(
        replay(plan, {TARGET: reading}, {TARGET: Baseline()}, SHIFTS, NOON + 600, users={TARGET: Users().add(lines)})
    )
    assert [each.move.kind.value for each in found] == ["bake", "roll_back"]
    assert found[-1].document()["why"].startswith("checkout:live: 10 % on 43: 15 of about 15 users failed")
    assert {each.move.kind for each in played(plan, reading, 10)} == {MoveKind.BAKE}


def test_a_release_that_its_logs_ended_before_the_first_tick_is_judged_at_its_end() -> None:
    plan = a_plan(a_target(looks_at_logs=True), steps=TWO_STEPS)
    slots = {NOON: Minute(100, 100, 900, 1), NOON + 10: Minute(100, 100, 900, 1)}
    reading = Reading({"errors": {}, "log": slots})
    (found,) = replay(plan, {TARGET: reading}, {TARGET: Baseline()}, SHIFTS[:1], NOON + 18)

    assert found.move.kind is MoveKind.ROLL_BACK
    assert found.document()["why"].startswith("checkout:live: 10 % on 43: 100 of 100 failed in the log")


@pytest.mark.parametrize(("alpha", "moves"), [(0.5, "roll_back"), (0.000001, "bake")])
def test_another_alpha_may_decide_otherwise(alpha: float, moves: str) -> None:
    plan = with_settings(a_plan(steps=TWO_STEPS), a_request(analysis={"alpha": alpha}).analysis, {"alpha"})
    assert played(plan, minutes(2, failing=6), 2)[-1].move.kind.value == moves


def test_what_was_not_given_stays_as_it_was_planned() -> None:
    plan = a_plan(alpha=0.2, max_bake_minutes=7, on_inconclusive="rollback")
    assert with_settings(plan, a_request().analysis, ()) == plan


def test_a_min_effect_is_that_of_every_metric_counted_in_failures() -> None:
    plan = a_plan(metrics=(PlannedMetric("errors"), PlannedMetric("latency", min_effect=0.01)))
    changed = with_settings(plan, a_request(analysis={"min_effect": 0.05}).analysis, {"min_effect"})
    assert [metric.min_effect for metric in changed.metrics] == [0.05, 0.01]


def test_other_metrics_take_the_place_of_those_that_were() -> None:
    asked = a_request(analysis={"metrics": [{"name": "throttles"}]}).analysis
    assert [metric.name for metric in with_settings(a_plan(), asked, {"metrics"}).metrics] == ["throttles"]


def test_a_minute_that_was_not_read_whole_decides_nothing() -> None:
    unread = replace(minutes(10, failing=30), problem="the answer was incomplete")
    assert {each.move.kind.value for each in played(a_plan(steps=TWO_STEPS), unread, 10)} == {"bake"}


FINISHED = Past({(None, 10): NOON + 270, (None, 50): NOON + 690}, MoveKind.FINISH, NOON + 690, "released")
"""It left 10 % at the tick of 12:04:30, and finished at that of 12:11:30."""


@pytest.mark.parametrize(
    ("steps", "failing", "past", "said"),
    [
        (TWO_STEPS, 0, FINISHED, "It would have finished at 12:09 UTC instead of 12:11 UTC."),
        ((Step(10, 3), Step(50, 5)), 0, FINISHED, "It would have finished at 12:11 UTC, as it did."),
        (
            (Step(10, 9), Step(50, 3)),
            0,
            FINISHED,
            "It would have stayed longer at 10 % than until 12:04 UTC; the release finished at 12:11 UTC.",
        ),
        (
            TWO_STEPS,
            30,
            FINISHED,
            "It would have been rolled back at 12:02 UTC (10 %); the release finished at 12:11 UTC.",
        ),
        (
            TWO_STEPS,
            30,
            Past({}, MoveKind.ROLL_BACK, NOON + 210, "rolled-back"),
            "It would have been rolled back at 12:02 UTC (10 %) instead of 12:03 UTC.",
        ),
        (
            TWO_STEPS,
            30,
            Past({}, MoveKind.ROLL_BACK, NOON + 150, "rolled-back"),
            "It would have been rolled back at 12:02 UTC (10 %), as it was.",
        ),
        (
            TWO_STEPS,
            30,
            Past({}, MoveKind.ROLL_BACK, NOON + 175, "rolled-back"),
            "It would have been rolled back at 12:02 UTC (10 %), as it was.",
        ),
        (
            TWO_STEPS,
            0,
            Past({(None, 10): NOON + 270, (None, 50): NOON + 590}, MoveKind.FINISH, NOON + 590, "released"),
            "It would have finished at 12:09 UTC, as it did.",
        ),
        (
            (Step(10, 3), Step(50, 60)),
            0,
            Past({(None, 10): NOON + 270}, MoveKind.ROLL_BACK, NOON + 690, "rolled-back"),
            "It would not have been rolled back at 12:11 UTC, but stayed at 50 %.",
        ),
        (
            TWO_STEPS,
            0,
            Past({(None, 10): NOON + 270}, MoveKind.ROLL_BACK, NOON + 690, "rolled-back"),
            "It would not have been rolled back at 12:11 UTC, but gone on from 50 % at 12:09 UTC.",
        ),
    ],
)
def test_the_answer_says_when_it_would_have_ended(steps: tuple[Step, ...], failing: int, past: Past, said: str) -> None:
    assert answer(played(a_plan(steps=steps), minutes(10, failing=failing), 10), past) == said


def test_without_a_minute_there_is_no_answer() -> None:
    assert answer([], FINISHED) == "No minute could be judged; the release finished at 12:11 UTC."


def test_a_roll_back_that_is_not_replayed_is_named() -> None:
    record = {"sk": "record", "ended": "rolled-back"}
    reason = {"error": "AlarmRaised"}
    tick = {"sk": "event#1", "kind": "judged", "at": NOON + 690, "weight": 50.0, "next": "roll_back", "reason": reason}
    shift = {**tick, "at": NOON + 270, "weight": 10.0, "next": "shift", "reason": None}
    found = answer(played(a_plan(steps=TWO_STEPS), minutes(10), 10), Past.of(ReleaseItems([record, shift, tick])))
    assert found == (
        "It would have gone on from 50 % at 12:09 UTC; the release is rolled back (AlarmRaised, which is not replayed)."
    )
