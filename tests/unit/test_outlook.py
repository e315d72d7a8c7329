"""What Plan says of what a release can see."""

import json

from tests.builders import NOON, a_plan, a_target
from tests.failing import refused
from tests.fakes.cloudwatch import CloudWatch, cloudwatch
from tidegate.aws.cloudwatch.expected_traffic import look_ahead
from tidegate.domain.planning.outlook import ExpectedTraffic, outlook
from tidegate.domain.strategy import Step, strategy_named

WEEK = 7 * 86_400
ALIAS = {"FunctionName": "checkout", "Resource": "checkout:live"}
TWO_STEPS = (Step(10, 5), Step(50, 5))


def busy(ours: CloudWatch, calls: int, *, failing: int = 0) -> None:
    """Have so many calls a minute in the last hour, and twice as many at this time of last week."""
    hour = range(NOON - 3600, NOON, 60)
    ours.put("Invocations", dict.fromkeys(hour, calls), **ALIAS)
    ours.put("Errors", dict.fromkeys(hour, failing), **ALIAS)
    ours.put("Invocations", dict.fromkeys(range(NOON - WEEK, NOON - WEEK + 3600, 60), 2 * calls), **ALIAS)


def test_what_a_schedule_can_see_comes_from_the_last_hour_and_this_time_of_last_week() -> None:
    with cloudwatch() as ours:
        busy(ours, 6000, failing=6)
        found = look_ahead(a_plan(steps=TWO_STEPS), NOON)
    assert found.sentence.startswith("checkout:live: 6,000 calls a minute are expected (the last hour's mean; ")
    assert [call["MetricDataQueries"][0]["MetricStat"]["Period"] for call in ours.calls] == [60, 60, 86_400]
    (row,) = found.rows().values()
    assert [step[0] for step in row["steps"]] == [10, 50]
    assert all(step[1] is not None and step[2] == 1 for step in row["steps"])
    assert row["warnings"] == []


def test_a_schedule_that_is_blind_is_warned_of() -> None:
    with cloudwatch() as ours:
        busy(ours, 20)
        found = look_ahead(a_plan(strategy=strategy_named("canary-10-5m"), max_bake_minutes=0, mde=0.001), NOON)
    assert "probably cannot be detected: bake longer or start with a higher weight." in found.sentence


def test_a_hundred_targets_take_three_calls() -> None:
    with cloudwatch() as ours:
        found = look_ahead(a_plan(*(a_target(f"function-{n}") for n in range(100)), steps=TWO_STEPS), NOON)
    assert (len(ours.calls), len(found.forecasts)) == (3, 100)


def test_of_many_targets_and_steps_the_quietest_are_foreseen() -> None:
    plan = a_plan(*(a_target(f"function-{n}") for n in range(100)), strategy=strategy_named("linear-1-1m"))
    traffic = {f"function-{n}:live": ExpectedTraffic({NOON - 60: 1000 - n}) for n in range(100)}
    found = outlook(plan, traffic, NOON)
    assert set(found.forecasts) == {"function-98:live", "function-99:live"}
    assert len(json.dumps(found.rows())) < 20_000
    assert len(found.sentence) < 1200


def test_aliases_that_are_yet_to_be_created_are_not_asked_for() -> None:
    with cloudwatch() as ours:
        found = look_ahead(a_plan(a_target(snapshot=None)), NOON)
    assert (ours.calls, found.sentence) == ([], "")


def test_plan_goes_on_where_cloudwatch_cannot_be_read_and_says_so() -> None:
    with cloudwatch() as ours:
        busy(ours, 10)
        ours.statuses[next(iter(ours.series))] = "PartialData"
        found = look_ahead(a_plan(), NOON)
    assert found.sentence == (
        "It is unknown what the schedule can detect: CloudWatch could not be read (the answer was incomplete)."
    )
    with cloudwatch() as ours:
        ours.refusal = refused("AccessDenied")
        assert "(An error occurred (AccessDenied)" in look_ahead(a_plan(), NOON).sentence
