"""What a schedule can see, from last week's traffic."""

from math import log

import pytest

from tests.builders import NOON
from tests.judging import judged, of_errors
from tidegate.domain.judge import Minute
from tidegate.domain.planning.forecast import foresee
from tidegate.domain.strategy import Step, stepwise, strategy_named

WEEK = 7 * 86_400


def steady(rps: float, start: int = NOON - 8 * 86_400, end: int = NOON) -> dict[int, int]:
    return {minute: round(60 * rps) for minute in range(start, end, 60)}


def test_a_quiet_function_is_told_what_its_first_step_cannot_see() -> None:
    found = foresee(steady(3), now=NOON, strategy=strategy_named("guarded"), max_bake_minutes=15)
    assert found.steps[0].sees == pytest.approx(0.1, abs=0.005)
    assert found.traffic.startswith("180 calls a minute are expected (")
    assert found.warnings == ()


def test_what_a_step_sees_is_what_the_judge_has_enough_information_for() -> None:
    strategy = stepwise([Step(10, 4), Step(50, 2)])
    found = foresee(steady(100), now=NOON, strategy=strategy, max_bake_minutes=15, baseline=0.01)
    minutes = [Minute(600, 6, 5400, 54)] * 4 + [Minute(3000, 30, 3000, 30)] * 2
    for step, seen in zip(found.steps, (minutes[:4], minutes), strict=True):
        assert step.sees is not None
        assert of_errors(judged(seen, mde=step.sees)).information == pytest.approx(log(20) + 5, rel=1e-6)


def test_a_step_takes_as_long_as_the_judge_needs() -> None:
    strategy = stepwise([Step(10, 3), Step(50, 3)])
    found = foresee(steady(1), now=NOON, strategy=strategy, max_bake_minutes=30)
    minutes = [Minute(6, 0, 54, 0)]
    for step, calls in zip(found.steps, ((6, 54), (30, 30)), strict=True):
        assert step.minutes is not None
        before = minutes[:-1] if step.weight == 10 else minutes
        minutes = before + [Minute(calls[0], 0, calls[1], 0)] * step.minutes
        assert of_errors(judged(minutes, mde=step.must_see)).information >= log(20) + 5
        assert of_errors(judged(minutes[:-1], mde=step.must_see)).information < log(20) + 5


def test_steps_that_follow_see_with_what_came_before() -> None:
    after = foresee(steady(3), now=NOON, strategy=stepwise([Step(10, 5), Step(50, 1)]), max_bake_minutes=15).steps[1]
    alone = foresee(steady(3), now=NOON, strategy=stepwise([Step(50, 1)]), max_bake_minutes=15).steps[0]
    assert after.sees is not None
    assert alone.sees is not None
    assert after.sees < alone.sees


def test_a_difference_that_does_not_matter_is_not_promised_to_be_seen() -> None:
    found = foresee(steady(5000), now=NOON, strategy=strategy_named("guarded"), max_bake_minutes=15, min_effect=0.005)
    assert found.steps[-1].sees == 0.005


def test_a_blind_step_is_said_to_be_blind() -> None:
    found = foresee(steady(0.05), now=NOON, strategy=strategy_named("canary-10-5m"), max_bake_minutes=15)
    assert found.steps[0].sees is None
    assert found.warnings == (
        "10 %: a regression of 10 points probably cannot be detected: bake longer or start with a higher weight",
    )


def test_a_step_that_would_bake_on_in_vain_is_warned_of() -> None:
    found = foresee(steady(0.1), now=NOON, strategy=strategy_named("guarded"), max_bake_minutes=15)
    assert found.steps[0].minutes is None
    assert found.warnings[0] == (
        "5 %: a regression of 20 points probably cannot be ruled out within max_bake: the step stays inconclusive"
    )


def test_a_release_without_steps_or_without_calls_is_warned_of() -> None:
    at_once = foresee(steady(9), now=NOON, strategy=strategy_named("all-at-once"), max_bake_minutes=15)
    assert at_once.warnings == ("all-at-once compares nothing: every call goes to the new version at once",)


def test_where_no_call_is_expected_that_is_said_once() -> None:
    silent = foresee({}, now=NOON, strategy=strategy_named("guarded"), max_bake_minutes=15)
    assert silent.traffic == "no calls are expected (the last hour's mean)."
    assert silent.warnings == ("Nothing can be detected: release when there is traffic",)


def test_what_bursts_of_errors_cost_is_said() -> None:
    def told(dispersion: float) -> str:
        strategy = strategy_named("guarded")
        return foresee(steady(3), now=NOON, strategy=strategy, max_bake_minutes=15, dispersion=dispersion).traffic

    assert "unevenly" not in told(1.4)
    assert (
        "In the last hour, errors were 12 times as uneven as chance explains (as in a brown-out), "
        "so it takes 12 times as many calls to detect the same."
    ) in told(12)


def test_the_lower_one_of_last_week_and_the_last_hour_is_expected() -> None:
    strategy = strategy_named("canary-10-5m")
    quiet_hour = {**steady(5), **steady(1, NOON - 3600)}
    assert foresee(quiet_hour, now=NOON, strategy=strategy, max_bake_minutes=15).calls_per_minute == 60
    quiet_then = {**steady(5), **steady(2, NOON - WEEK, NOON - WEEK + 600)}
    found = foresee(quiet_then, now=NOON, strategy=strategy, max_bake_minutes=15)
    assert found.calls_per_minute == 120
    assert found.basis == "the mean at this time of last week; in the last hour it was 300"


def test_an_alias_that_is_younger_than_a_week_goes_by_its_last_hour() -> None:
    found = foresee(steady(5, NOON - 7200), now=NOON, strategy=strategy_named("canary-10-5m"), max_bake_minutes=15)
    assert (found.calls_per_minute, found.basis) == (300, "the last hour's mean")


def test_bursts_and_many_targets_ask_for_more() -> None:
    def sees(**settings: float) -> float:
        found = foresee(steady(3), now=NOON, strategy=strategy_named("guarded"), max_bake_minutes=15, **settings)
        assert found.steps[0].sees is not None
        return found.steps[0].sees

    assert sees() < sees(alpha=0.05 / 100) < sees(dispersion=4)
