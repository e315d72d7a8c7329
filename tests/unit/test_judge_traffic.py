"""Whether the canary completes its share of the calls."""

from math import log

import numpy as np
import pytest
from scipy.special import betaln

from tests.builders import NOON, by_start
from tidegate.domain.judge import Minute, SplitCheck, check_traffic
from tidegate.domain.judge.traffic import log_split_factor

Split = tuple[int, int, float | None]
"""Calls of the canary and of stable in a minute, and the canary's weight; None where it changed."""


def checked(*splits: Split, settled_before: int | None = None) -> SplitCheck:
    minutes = by_start(*(Minute(canary_total=canary, stable_total=stable) for canary, stable, _ in splits))
    weights = {start: weight for start, (*_, weight) in zip(minutes, splits, strict=True) if weight is not None}
    return check_traffic(minutes, weights, settled_before=settled_before)


@pytest.mark.parametrize("weight", [0.001, 0.05, 0.1, 0.5, 0.9])
@pytest.mark.parametrize(("canary", "stable"), [(0, 0), (0, 540), (60, 540), (3, 2), (100_000, 1_000_000)])
def test_the_factor_is_a_ratio_of_beta_functions(weight: float, canary: int, stable: int) -> None:
    a, b = 100 * weight, 100 * (1 - weight)
    expected = betaln(a + canary, b + stable) - betaln(a, b) - canary * log(weight) - stable * np.log1p(-weight)
    assert log_split_factor(weight, canary, stable) == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_over_steps_the_factors_of_each_weight_multiply() -> None:
    found = checked((50, 450, 0.1), (70, 430, 0.1), (160, 340, 0.25))
    starts = [
        log_split_factor(0.1, 120, 880) + log_split_factor(0.25, 160, 340) + log(1 / 2),
        log_split_factor(0.1, 70, 430) + log_split_factor(0.25, 160, 340) + log(1 / 6),
        log_split_factor(0.25, 160, 340) + log(1 / 12),
        log(1 / 4),
    ]
    assert found.log_e_value == pytest.approx(max(0.0, float(np.logaddexp.reduce(starts))), rel=1e-9)


def test_a_canary_that_hangs_fails_within_two_minutes() -> None:
    found = checked((0, 540, 0.1))
    assert found.fails
    assert found.summary == (
        "The canary completes less than its share of the calls: "
        "0 % of 540 since 2027-01-15 12:00 UTC (up to 12:01), but 10 % are sent to it."
    )


def test_one_that_hangs_after_hours_is_found_as_well_and_since_when() -> None:
    found = checked(*[(60, 540, 0.1)] * 300, (0, 540, 0.1), (1, 540, 0.1))
    assert (found.fails, found.since) == (True, NOON + 300 * 60)


def test_a_share_as_the_weight_says_is_nothing() -> None:
    found = checked(*[(60, 540, 0.1)] * 60)
    assert (found.fails, found.log_e_value, found.summary) == (False, 0.0, "")


def test_a_smaller_share_alone_is_no_hang_since_retries_swell_that_of_the_worse_version() -> None:
    """Stable fails, each failed event comes back to it twice, and the fix gets 7 % instead of 10."""
    found = checked(*[(600, 7500, 0.1)] * 30)
    assert found.log_e_value > log(1000)
    assert not found.fails


def test_a_larger_share_never_fails() -> None:
    assert not checked(*[(300, 300, 0.1)] * 10).fails


def test_minutes_whose_weight_changed_are_left_out() -> None:
    assert checked((0, 9000, None)).log_e_value == 0


def test_young_minutes_are_left_out_where_a_slow_canary_shows_nothing_yet() -> None:
    """Calls take three minutes on the canary: they appear when they end, in the minute in which they began."""
    slow = [*[(60, 540, 0.1)] * 5, *[(0, 540, 0.1)] * 3]
    assert checked(*slow).fails
    assert not checked(*slow, settled_before=NOON + 5 * 60).fails
    assert not checked(*slow, settled_before=NOON).fails


def test_an_alias_without_calls_is_not_judged() -> None:
    assert not checked(*[(0, 0, 0.1)] * 5).fails


@pytest.mark.parametrize("weight", [-0.1, 0.0, 1.0, float("nan")])
def test_weights_that_divide_nothing_are_refused(weight: float) -> None:
    with pytest.raises(ValueError, match="fraction"):
        checked((0, 0, weight))
