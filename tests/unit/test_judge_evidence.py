"""The judge's arithmetic, against scipy and against the formulas written out the slow way."""

from itertools import product
from math import exp, log

import pytest
from scipy.special import logsumexp
from scipy.stats import binom

from tests.judging import judged, of_errors
from tidegate.domain.judge import Minute
from tidegate.domain.judge.e_values import GAINS, log_factors

MINUTES = [
    Minute(60, 1, 540, 4),
    Minute(55, 0, 500, 0),
    Minute(0, 0, 12, 3),
    Minute(300, 12, 280, 2, weight=0.6),
    Minute(7, 7, 0, 0),
    Minute(310, 0, 290, 9),
    Minute(290, 25, 310, 6),
]


@pytest.mark.parametrize("minute", [m for m in MINUTES if m.bad and m.comparable], ids=str)
def test_each_factor_is_a_ratio_of_binomial_likelihoods(minute: Minute) -> None:
    """Of m bad calls x1 fell on the canary: with odds theta to 1 for each of its calls, or with its fair share."""
    q, m, x1 = minute.fair_share, minute.bad, minute.canary_bad
    for gain, factor in zip(GAINS, log_factors(minute, 1.0), strict=True):
        theta = 1 + gain
        worse = q * theta / (1 + q * gain)
        expected = binom.logpmf(x1, m, worse) - binom.logpmf(x1, m, q)
        assert factor == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_no_factor_gains_on_average_if_both_versions_fail_alike() -> None:
    """The promise of alpha rests on this: given the totals, and drawn without replacement, at most 1."""
    from scipy.stats import hypergeom

    for canary, stable, bad in product((1, 7, 40), (1, 30), (1, 5, 20)):
        if bad > canary + stable:
            continue
        most = min(bad, canary)
        drawn = [(x, hypergeom.pmf(x, canary + stable, canary, bad)) for x in range(most + 1) if bad - x <= stable]
        for index in range(len(GAINS)):
            mean = sum(chance * exp(log_factors(Minute(canary, x, stable, bad - x), 1.0)[index]) for x, chance in drawn)
            assert mean <= 1 + 1e-9


@pytest.mark.parametrize("dispersion", [1.0, 3.5])
@pytest.mark.parametrize("until", range(len(MINUTES) + 1))
def test_the_judgement_is_what_the_formulas_give_written_out(until: int, dispersion: float) -> None:
    judgement = of_errors(judged(MINUTES[:until], dispersion=dispersion))
    log_e_value, excess = _slowly(MINUTES[:until], dispersion)
    assert judgement.log_e_value == pytest.approx(log_e_value, rel=1e-9, abs=1e-12)
    assert judgement.excess == pytest.approx(excess, rel=1e-9, abs=1e-12)


def test_information_is_what_the_formula_gives_written_out() -> None:
    minutes = [Minute(100, 5, 900, 9), Minute(200, 0, 800, 2)]
    p0, mde = 11 / 1700, 0.05
    theta = (p0 + mde) / p0
    expected = sum(
        n * (w * (p0 + mde) * log(theta) - (w * (p0 + mde) + (1 - w) * p0) * log(1 + w * (theta - 1)))
        for n, w in ((1000, 0.1), (1000, 0.2))
    )
    assert of_errors(judged(minutes, mde=mde, dispersion=2)).information == pytest.approx(expected / 2, rel=1e-9)


def test_huge_counts_neither_overflow_nor_lose_the_answer() -> None:
    judgement = judged([Minute(10**6, 10**6, 10**7, 0)] * 50 + [Minute(10**6, 0, 10**7, 10**7)] * 200)
    assert judgement.verdict == "pass"
    assert judgement.log_e_value > 1e7


def _slowly(minutes: list[Minute], dispersion: float) -> tuple[float, float]:
    """Give the largest log e-value and the excess as the sums and maxima of their definition."""
    compared = [m for m in minutes if m.canary_total and m.stable_total]
    thetas = [1 + exp(log(0.03) + (log(1000) - log(0.03)) * j / 39) for j in range(40)]

    def log_product(first: int, last: int) -> float:
        rows = [
            sum(
                (m.canary_bad * log(t) - m.bad * log(1 + m.fair_share * (t - 1))) / dispersion
                for m in compared[first : last + 1]
            )
            for t in thetas
        ]
        return float(logsumexp(rows)) - log(40)

    largest = 0.0
    for k in range(1, len(compared) + 1):
        terms = [log_product(i - 1, k - 1) - log(i * (i + 1)) for i in range(1, k + 1)]
        largest = max(largest, float(logsumexp([*terms, -log(k + 1)])))
    excess = 0.0
    for first in range(len(compared)):
        if log_product(first, len(compared) - 1) >= 0:
            part = compared[first:]
            difference = sum((m.canary_bad * m.stable_total - m.stable_bad * m.canary_total) / m.total for m in part)
            excess = max(excess, difference / sum(m.canary_total * m.stable_total / m.total for m in part))
    return largest, excess
