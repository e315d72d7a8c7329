"""The interval of the ratio of both rates."""

from math import inf, log

import numpy as np
import pytest

from tidegate.domain.judge import Minute
from tidegate.domain.judge.ratio import ratio_interval

RUNS = 400


@pytest.mark.parametrize("ratio", [0.3, 1.0, 4.0])
def test_the_true_ratio_is_inside_however_often_one_looks(ratio: float) -> None:
    """Baselines and shares change from minute to minute; only the ratio stays."""
    random, left_out = np.random.default_rng(11), 0
    for _ in range(RUNS):
        seen: list[Minute] = []
        outside = False
        for _ in range(12):
            rate, n1, n0 = random.uniform(0.001, 0.1), int(random.integers(1, 300)), int(random.integers(1, 600))
            seen.append(Minute(n1, int(random.binomial(n1, rate * ratio)), n0, int(random.binomial(n0, rate))))
            found = ratio_interval(seen)
            outside |= found is not None and not found.low <= ratio <= found.high
        left_out += outside
    assert left_out <= 0.05 * RUNS


def test_its_ends_are_the_ratios_at_which_the_likelihood_is_a_twentieth_of_the_average() -> None:
    minutes = [Minute(100, 7, 900, 20), Minute(300, 12, 700, 9)]
    found = ratio_interval(minutes)
    assert found is not None

    def likelihood(ratio: float) -> float:
        return sum(m.canary_bad * log(ratio) - m.bad * log(ratio * m.share + 1 - m.share) for m in minutes)

    average = np.logaddexp.reduce([likelihood(1000 ** (j / 20 - 1)) for j in range(41)]) - log(41)
    for end in (found.low, found.high):
        assert average - likelihood(end) == pytest.approx(log(2 / 0.05), abs=1e-6)


def test_more_calls_narrow_it_and_bursts_widen_it() -> None:
    few, many = ratio_interval([Minute(60, 2, 540, 4)]), ratio_interval([Minute(60, 2, 540, 4)] * 50)
    bursty = ratio_interval([Minute(60, 2, 540, 4)] * 50, dispersion=10)
    assert few
    assert many
    assert bursty
    assert few.low < bursty.low < many.low
    assert many.high < bursty.high < few.high


def test_it_is_open_where_one_version_had_no_bad_call() -> None:
    only_canary, only_stable = ratio_interval([Minute(60, 9, 540, 0)]), ratio_interval([Minute(60, 0, 540, 90)])
    assert only_canary
    assert only_stable
    assert only_canary.high == inf
    assert only_canary.low > 1
    assert only_stable.low == 0
    assert only_stable.high < 1


@pytest.mark.parametrize("minutes", [[], [Minute(60, 0, 540, 0)], [Minute(5, 5, 0, 0)], [Minute(5, 1, 9, 1, 1.0)]])
def test_there_is_none_where_nothing_can_be_compared(minutes: list[Minute]) -> None:
    assert ratio_interval(minutes) is None


def test_a_start_that_was_chosen_late_widens_it() -> None:
    minutes = [Minute(60, 9, 540, 9)]
    first, late = ratio_interval(minutes), ratio_interval(minutes, start=1000)
    assert first
    assert late
    assert late.low < first.low < first.high < late.high
