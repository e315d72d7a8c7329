"""The judge's promise, by simulation with fixed seeds: how often it is wrong, judged at every tick."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from tests.judging import judged
from tidegate.domain.judge import Minute, Verdict, step_mde

Rate = Callable[[int], float]
RUNS = 120


def steady(rate: float) -> Rate:
    return lambda minute: rate


def brown_out(minute: int) -> float:
    return 0.3 if 2 <= minute < 4 else 0.005


def releases(seed: int, rps: float, *, canary: Rate, stable: Rate, minutes: int = 8) -> Iterator[int | None]:
    """Release with a canary at 10 %, and give the minute in which each failed."""
    random = np.random.default_rng(seed)
    for _ in range(RUNS):
        seen: list[Minute] = []
        for minute in range(minutes):
            calls = random.poisson(rps * 60)
            n1 = int(random.binomial(calls, 0.1))
            n0 = int(calls) - n1
            x1, x0 = random.binomial(n1, canary(minute)), random.binomial(n0, stable(minute))
            seen.append(Minute(n1, int(x1), n0, int(x0)))
            if judged(seen, mde=step_mde(10)).verdict is Verdict.FAIL:
                yield minute + 1
                break
        else:
            yield None


@pytest.mark.parametrize("rps", [1, 10, 300])
@pytest.mark.parametrize("rate", [steady(0.01), steady(0.05), brown_out], ids=["1 %", "5 %", "brown-out"])
def test_a_healthy_canary_fails_no_more_often_than_alpha(rps: float, rate: Rate) -> None:
    failed = [each for each in releases(1, rps, canary=rate, stable=rate) if each]
    assert len(failed) <= 0.05 * RUNS


@pytest.mark.parametrize("rps", [1, 10, 300])
def test_a_fix_is_never_rolled_back(rps: float) -> None:
    assert not any(releases(2, rps, canary=steady(0.001), stable=steady(0.05)))


@pytest.mark.parametrize(("rps", "missed"), [(10, 0.3), (100, 0.0)])
def test_two_points_more_are_caught_where_there_is_traffic(rps: float, missed: float) -> None:
    ended = list(releases(3, rps, canary=steady(0.025), stable=steady(0.005)))
    assert ended.count(None) <= missed * RUNS


def test_a_canary_that_fails_every_call_is_stopped_after_one_minute() -> None:
    assert set(releases(4, 10, canary=steady(1.0), stable=steady(0.005))) == {1}


@pytest.mark.parametrize("share", [0.05, 0.1, 0.25, 0.5])
def test_a_regression_that_must_be_seen_before_a_pass_is_seen_four_times_in_five(share: float) -> None:
    random, mde, caught = np.random.default_rng(5), step_mde(100 * share), 0
    for _ in range(RUNS):
        seen: list[Minute] = []
        verdict = Verdict.INCONCLUSIVE
        while verdict is Verdict.INCONCLUSIVE:
            n1, n0 = int(random.binomial(600, share)), int(random.binomial(600, 1 - share))
            x1, x0 = random.binomial(n1, 0.005 + mde), random.binomial(n0, 0.005)
            seen.append(Minute(n1, int(x1), n0, int(x0)))
            verdict = judged(seen, mde=mde).verdict
        caught += verdict is Verdict.FAIL
    assert caught >= 0.8 * RUNS
