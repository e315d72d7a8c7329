"""All targets judged as one: a regression that is too small in each, and what is none."""

import random
from dataclasses import replace

import pytest

from tests.builders import NOON, a_plan, a_reading, a_target, by_start
from tidegate.domain.analysis.baseline import UNKNOWN
from tidegate.domain.analysis.comparison import Comparison
from tidegate.domain.analysis.fleet import judge_all
from tidegate.domain.analysis.readings import Shift
from tidegate.domain.analysis.verdict import TargetVerdict, blame
from tidegate.domain.judge import FLEET_SHARE, Metric, Minute, Verdict, alpha_of_target, judge_fleet, judge_metrics
from tidegate.domain.metric import ERRORS
from tidegate.domain.strategy import Strategy

TARGETS = 30


def a_metric(*minutes: Minute) -> Metric:
    return Metric(ERRORS, by_start(*minutes))


def drawn(worse: float, minutes: int = 10, seed: int = 1) -> list[Metric]:
    """Give thirty targets at 10 %: 120 calls a minute each, of which 0.5 % fail, and `worse` more of the canary's."""
    rng = random.Random(seed)

    def bad(total: int, rate: float) -> int:
        return sum(rng.random() < rate for _ in range(total))

    return [
        a_metric(*(Minute(12, bad(12, 0.005 + worse), 108, bad(108, 0.005)) for _ in range(minutes)))
        for _ in range(TARGETS)
    ]


def test_a_regression_that_no_target_shows_alone_is_found_in_all_of_them() -> None:
    metrics = drawn(worse=0.012)
    alone = alpha_of_target(0.05, TARGETS)
    assert {judge_metrics([each], alpha=alone).verdict for each in metrics} == {Verdict.INCONCLUSIVE}
    found = judge_fleet(metrics, alpha=0.05 * FLEET_SHARE)
    assert found.fails
    assert found.summary.startswith("errors of 30 targets together: since 2027-01-15 12:0")
    assert 0.006 < found.excess < 0.05


@pytest.mark.parametrize("seed", range(20))
def test_healthy_targets_do_not_fail_together(seed: int) -> None:
    assert not judge_fleet(drawn(worse=0.0, seed=seed), alpha=0.05).fails


def test_a_brown_out_of_all_targets_is_no_evidence() -> None:
    brown_out = a_metric(*[Minute(12, 6, 108, 54)] * 10)
    assert judge_fleet([brown_out] * TARGETS, alpha=0.05).log_e_value < 1


def test_rates_that_differ_between_targets_are_not_pooled() -> None:
    """The canary serves more of the bad target's calls: pooled, it would look ten times as bad."""
    bad, good = a_metric(*[Minute(90, 9, 10, 1)] * 10), a_metric(*[Minute(10, 0, 990, 0)] * 10)
    assert not judge_fleet([bad, good], alpha=0.05).fails


def test_one_target_is_judged_as_if_alone() -> None:
    metric = drawn(worse=0.2)[0]
    assert judge_fleet([metric], alpha=0.05).log_e_value == pytest.approx(
        judge_metrics([metric], alpha=0.05).log_e_value
    )


def test_a_fail_needs_more_than_the_newest_minute() -> None:
    jump = [replace(each, minutes=by_start(Minute(12, 0, 108, 0), Minute(12, 12, 108, 0))) for each in drawn(0.0)]
    assert not judge_fleet(jump, alpha=0.05).fails


def test_a_tiny_excess_fails_nobody() -> None:
    metrics = [replace(each, min_effect=0.5) for each in drawn(worse=0.05)]
    assert not judge_fleet(metrics, alpha=0.05).fails


def test_the_shares_of_alpha_are_alpha() -> None:
    plan = a_plan(*(a_target(f"shop-{number}") for number in range(5)))
    assert 5 * plan.target_alpha + plan.fleet_alpha == pytest.approx(plan.alpha)
    steps = Strategy("steps", plan.strategy.steps, "hold", bakes_on=True).in_waves({1: 1, 2: 1}).steps
    in_waves = a_plan(*plan.targets, steps=steps)
    assert 5 * in_waves.target_alpha + 2 * in_waves.fleet_alpha == pytest.approx(plan.alpha)
    assert a_plan().target_alpha == plan.alpha


def verdicts_of(metrics: list[Metric]) -> list[TargetVerdict]:
    targets = [a_target(f"shop-{number}") for number in range(len(metrics))]
    plan = a_plan(*targets)
    return judge_all(
        plan,
        [
            Comparison(plan, target, a_reading(metric.minutes), UNKNOWN, [Shift(NOON, 10, NOON + 2)], NOON + 690)
            for target, metric in zip(targets, metrics, strict=True)
        ],
    )


def test_those_that_are_worse_fail_with_the_fleet_and_say_so() -> None:
    verdicts = verdicts_of(drawn(worse=0.012))
    together = [each for each in verdicts if each.of_all]
    assert {each.verdict for each in together} == {Verdict.FAIL}
    assert 5 < len(together) < TARGETS
    assert Verdict.FAIL not in {each.verdict for each in verdicts if not each.of_all}
    assert blame(together, 10).startswith("errors of 30 targets together")
    assert "fail with the other targets" in together[0].summary(10)


@pytest.mark.parametrize("minutes", [2, 3, 10])
def test_one_bad_target_is_blamed_alone(minutes: int) -> None:
    """What is released again after that must not be refused because of a neighbour."""
    bad = a_metric(*[Minute(120, 40, 1080, 0)] * minutes)
    verdicts = verdicts_of([bad, *[a_metric(*[Minute(120, 0, 1080, 0)] * minutes)] * (TARGETS - 1)])
    assert [each.target.name for each in verdicts if each.verdict is Verdict.FAIL] == ["shop-0:live"]
    assert not any(each.of_all for each in verdicts)


def test_what_only_the_newest_minute_shows_of_all_targets_waits_for_the_next_tick() -> None:
    quiet, jump = Minute(12, 0, 108, 0), Minute(12, 2, 108, 1)
    verdicts = verdicts_of([a_metric(quiet, jump)] * TARGETS)
    assert all(each.unconfirmed for each in verdicts)
    assert {each.verdict for each in verdicts} == {Verdict.INCONCLUSIVE}
    assert {each.verdict for each in verdicts_of([a_metric(quiet, jump, jump)] * TARGETS)} == {Verdict.FAIL}
