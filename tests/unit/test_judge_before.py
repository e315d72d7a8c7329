"""Comparisons with stable's hour before the release: dispersion, environment, and the minutes after promotion."""

from math import inf

import numpy as np
import pytest
from scipy.stats import binom

from tests.builders import NOON, by_start
from tidegate.domain.judge import Calls, Minute, compare_environment, dispersion, judge_promoted
from tidegate.domain.judge.e_values import GAINS, log_factors
from tidegate.domain.judge.versus_before import _against

HOUR = [Calls(6000, 30)] * 60


def minutes(*calls: Calls, start: int = NOON) -> dict[int, Calls]:
    return {start + 60 * k: each for k, each in enumerate(calls)}


def drawn(seed: int, burst: int, rate: float = 0.01) -> dict[int, Calls]:
    random = np.random.default_rng(seed)
    return minutes(*[Calls(6000, burst * int(random.poisson(6000 * rate / burst))) for _ in range(60)])


def test_errors_that_come_by_chance_have_a_dispersion_of_about_one() -> None:
    found = [dispersion(drawn(seed, 1)) for seed in range(50)]
    assert np.mean(found) == pytest.approx(1.07, abs=0.07)  # values below 1 are taken as 1
    assert max(found) < 2


def test_errors_in_bursts_of_ten_have_a_dispersion_of_about_ten() -> None:
    assert np.mean([dispersion(drawn(seed, 10)) for seed in range(50)]) == pytest.approx(10, rel=0.1)


def test_a_slow_drift_is_no_restlessness() -> None:
    assert dispersion(minutes(*[Calls(60_000, 600 + 20 * k) for k in range(60)])) == 1


def test_dispersion_is_what_the_formula_gives_written_out() -> None:
    rate = 60 / 1500
    jumps = [(0.04 - 0.02) ** 2 / (1 / 500 + 1 / 500), (0.06 - 0.04) ** 2 / (1 / 500 + 1 / 500)]
    seen = minutes(Calls(500, 10), Calls(500, 20), Calls(500, 30))
    expected = sum(jumps) / 2 / (rate * (1 - rate))
    assert dispersion(seen) == pytest.approx(expected)


@pytest.mark.parametrize(
    "before",
    [
        {},
        minutes(Calls(100, 1), Calls(100)),
        minutes(Calls(40, 40), Calls(9, 9)),
        {NOON: Calls(50, 25), NOON + 300: Calls(9)},
    ],
    ids=["no minute", "fewer than two bad", "all bad", "no neighbours"],
)
def test_dispersion_is_its_floor_where_there_is_nothing_to_go_by(before: dict[int, Calls]) -> None:
    assert (dispersion(before), dispersion(before, floor=2)) == (1, 2)


def test_where_the_newest_hour_is_quiet_the_day_before_it_tells_of_bursts() -> None:
    day = minutes(*([Calls(60)] * 199 + [Calls(60, 10)]) * 6, *[Calls(60)] * 60)
    assert dispersion(day) == pytest.approx(10, rel=0.1)


def test_where_the_newest_hour_tells_enough_an_older_brown_out_does_not_matter() -> None:
    older = minutes(*[Calls(6000, 3000), Calls(6000, 60)] * 30, start=NOON - 3600)
    calm = minutes(*[Calls(6000, 60)] * 60)
    assert dispersion({**older, **calm}) == 1


def test_dispersion_is_fifty_at_most() -> None:
    assert dispersion(minutes(*[Calls(6000, 0), Calls(6000, 6000)] * 30)) == 50


def test_each_factor_after_promotion_is_a_ratio_of_binomial_likelihoods_with_twice_the_odds() -> None:
    minute = _against(Calls(600, 9), Calls(3600, 12))
    q = 2 * 600 / (2 * 600 + 3600)
    for gain, factor in zip(GAINS, log_factors(minute, 1.0), strict=True):
        expected = binom.logpmf(9, 21, q * (1 + gain) / (1 + q * gain)) - binom.logpmf(9, 21, q)
        assert factor == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_a_promoted_version_as_good_as_the_hour_before_does_not_alert() -> None:
    found = judge_promoted([Calls(6000, 30)] * 10, HOUR, bake_minutes=10)
    assert (found.alerts, found.log_e_value) == (False, 0.0)
    assert found.ratio is not None
    assert found.ratio.low < 1 < found.ratio.high


@pytest.mark.parametrize(("bad", "alerts"), [(54, False), (120, True)])
def test_it_alerts_only_beyond_twice_the_rate(bad: int, alerts: bool) -> None:
    assert judge_promoted([Calls(6000, bad)] * 10, HOUR, bake_minutes=10).alerts is alerts


def test_an_alert_says_how_much_worse_and_how_surely() -> None:
    found = judge_promoted([Calls(6000, 30)] * 3 + [Calls(6000, 300)], HOUR, bake_minutes=10)
    assert found.summary == (
        "errors from minute 4 after promotion on: 300 of 6000 calls failed (5 %), "
        "on stable in minutes 19 to 24 of the hour before 180 of 36000 (0.5 %): "
        "4.5 points worse, 6.6 to 16 times as often; "
        "if it were at most twice as bad, chance would show this less than once in 10^62."
    )


def test_each_minute_after_promotion_is_compared_with_its_own_slice_of_the_hour() -> None:
    """A brown-out in one slice covers up for nothing but its own minute, and each minute of the hour is used once."""
    hour = [Calls(6000, 3000)] * 6 + [Calls(6000, 30)] * 54
    assert not judge_promoted([Calls(6000, 300)], hour, bake_minutes=10).alerts
    assert judge_promoted([Calls(6000, 300)] * 2, hour, bake_minutes=10).alerts
    for bake in (1, 7, 60, 90):
        found = judge_promoted([Calls(0)] * bake, HOUR, bake_minutes=bake)
        assert not found.alerts
        assert "no call yet" in found.summary


def test_a_version_promoted_twice_as_bad_alerts_no_more_often_than_alpha() -> None:
    random, alerts = np.random.default_rng(3), 0
    for _ in range(300):
        hour = [Calls(600, int(random.binomial(600, 0.01))) for _ in range(60)]
        bake = [Calls(600, int(random.binomial(600, 0.02))) for _ in range(15)]
        alerts += judge_promoted(bake, hour, bake_minutes=15).alerts
    assert alerts <= 0.05 * 300


def test_a_bake_without_a_minute_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one minute"):
        judge_promoted([], HOUR, bake_minutes=0)


BEFORE = minutes(*[Calls(600, 3)] * 60, start=NOON - 3600)


BAD, FINE = Minute(60, 15, 540, 150), Minute(60, 0, 540, 3)


@pytest.mark.parametrize(
    ("seen", "worse"),
    [
        ([BAD] * 2, True),
        ([Minute(60, 15, 540, 3)] * 3, False),  # the canary alone
        ([Minute(60, 0, 540, 150)] * 3, False),  # stable alone
        ([Minute(60, 1, 540, 5)] * 3, False),  # not twice as bad
        ([BAD] * 3 + [FINE] * 3, False),  # over
        ([], False),
    ],
)
def test_the_environment_is_worse_when_both_versions_are(seen: list[Minute], worse: bool) -> None:
    found = compare_environment(by_start(*seen), BEFORE)
    assert found.worse is worse
    assert bool(found.summary) is worse


def test_a_significant_difference_of_less_than_a_point_leaves_the_weights_alone() -> None:
    seen = by_start(Minute(60_000, 300, 540_000, 2700))
    before = minutes(*[Calls(600_000, 60)] * 60, start=NOON - 3600)
    assert not compare_environment(seen, before).worse
    assert not compare_environment(seen, {}).worse


def test_a_worse_environment_is_told_with_its_rates() -> None:
    assert compare_environment(by_start(BAD), BEFORE).summary == (
        "Both versions are much worse than before the release: 27.8 % of stable's calls and 25 % of the canary's "
        "failed in the last 1 minute, 0.5 % in the hour before; the weights stay unchanged."
    )


def test_a_rate_that_goes_from_nothing_has_no_upper_end_of_its_ratio() -> None:
    found = judge_promoted([Calls(600, 60)], [Calls(600)] * 60, bake_minutes=1)
    assert found.ratio is not None
    assert found.ratio.high == inf
    assert "at least" in found.summary
