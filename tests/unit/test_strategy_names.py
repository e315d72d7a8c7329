"""Names of strategies, and durations as they occur in them."""

import re

import pytest

from tidegate.domain.schedule import duration_text, minutes_of
from tidegate.domain.strategy import Step, Strategy, stepwise, strategy_named


def plan(name: str) -> list[tuple[float, int]]:
    return [(step.weight, step.bake_minutes) for step in strategy_named(name).steps]


@pytest.mark.parametrize(
    ("name", "steps"),
    [
        ("guarded", [(5, 3), (10, 5), (25, 5), (50, 5)]),
        ("canary-10-5m", [(10, 5)]),
        ("canary-0.5-1h", [(0.5, 60)]),
        ("linear-25-2m", [(25, 2), (50, 2), (75, 2)]),
        ("linear-30-1m", [(30, 1), (60, 1), (90, 1)]),
        ("linear-19-1m", [(19, 1), (38, 1), (57, 1), (76, 1)]),
        ("linear-60-1h30m", [(60, 90)]),
        ("all-at-once", []),
    ],
)
def test_a_name_says_its_weights_and_bakes(name: str, steps: list[tuple[float, int]]) -> None:
    assert plan(name) == steps


@pytest.mark.parametrize("prefix", ["", "Lambda", "CodeDeployDefault.", "CodeDeployDefault.Lambda"])
@pytest.mark.parametrize(
    ("name", "same_as"),
    [
        ("AllAtOnce", "all-at-once"),
        ("Canary10Percent5Minutes", "canary-10-5m"),
        ("Canary10Percent10Minutes", "canary-10-10m"),
        ("Canary10Percent15Minutes", "canary-10-15m"),
        ("Canary10Percent30Minutes", "canary-10-30m"),
        ("Linear10PercentEvery1Minute", "linear-10-1m"),
        ("Linear10PercentEvery2Minutes", "linear-10-2m"),
        ("Linear10PercentEvery3Minutes", "linear-10-3m"),
        ("Linear10PercentEvery10Minutes", "linear-10-10m"),
    ],
)
def test_a_team_that_comes_from_codedeploy_keeps_its_names(prefix: str, name: str, same_as: str) -> None:
    strategy = strategy_named(prefix + name)
    assert strategy.name == prefix + name
    assert strategy.steps == strategy_named(same_as).steps


@pytest.mark.parametrize("name", ["canary-10-5m", "linear-10-1m", "all-at-once", "LambdaCanary10Percent5Minutes"])
def test_plain_strategies_promote_when_nothing_was_seen(name: str) -> None:
    strategy = strategy_named(name)
    assert (strategy.on_inconclusive, strategy.bakes_on) == ("promote", False)


def test_guarded_and_listed_steps_bake_on_and_then_hold() -> None:
    for strategy in (strategy_named("guarded"), stepwise([Step(10, 1)])):
        assert (strategy.on_inconclusive, strategy.bakes_on) == ("hold", True)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Canary10Percent5Minute", 'did you mean "Canary10Percent5Minutes"'),
        ("guraded", 'did you mean "guarded"'),
        ("blue-green", "there are: guarded, canary-10-5m"),
        ("", "there are: guarded"),
        ("canary-100-5m", "the promotion goes to 100"),
        ("linear-95-5m", "the promotion goes to 100"),
        ("canary-0-5m", "use 0.1 to 90"),
        ("linear-0-1m", "use 1 percent or more"),
        ("linear-0.5-1m", "more than 100 steps"),
        ("canary-10-90s", 'write "2m"'),
        ("canary-10-m", 'write "5m"'),
        ("CodeDeployDefault.ECSAllAtOnce", "did you mean"),
    ],
)
def test_a_name_that_is_none_is_answered_with_the_way_out(name: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        strategy_named(name)


@pytest.mark.parametrize("weights", [(10, 10), (50, 25)])
def test_weights_that_do_not_rise_are_no_strategy(weights: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="weights must rise"):
        Strategy("mine", tuple(Step(weight, 1) for weight in weights), on_inconclusive="hold", bakes_on=True)


@pytest.mark.parametrize(("weight", "bake"), [(0, 1), (0.05, 1), (90.5, 1), (100, 1), (float("nan"), 1), (10, 0)])
def test_a_step_that_could_not_be_compared_is_refused(weight: float, bake: int) -> None:
    with pytest.raises(ValueError, match=r"promotion|at least one minute"):
        Step(weight, bake)


@pytest.mark.parametrize(("text", "minutes"), [("3m", 3), ("60s", 1), ("1h", 60), ("1h30m", 90), ("1h1m60s", 62)])
def test_durations_are_read_as_people_write_them(text: str, minutes: int) -> None:
    assert minutes_of(text) == minutes


@pytest.mark.parametrize(("minutes", "text"), [(3, "3m"), (60, "1h"), (90, "1h30m")])
def test_durations_are_written_as_people_read_them(minutes: int, text: str) -> None:
    assert duration_text(minutes) == text


@pytest.mark.parametrize(
    ("text", "said"), [("90s", 'write "2m"'), ("0m", 'write "1m"'), ("", "not a duration"), ("5", "not a duration")]
)
def test_a_duration_that_is_no_whole_minutes_is_answered_with_one_that_is(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        minutes_of(text)
