"""How far the judge's own arithmetic is from scipy's."""

from collections.abc import Iterable

import numpy as np
from scipy.special import betaln
from scipy.stats import binom

from tidegate.domain.judge import Minute
from tidegate.domain.judge.e_values import GAINS, log_factors
from tidegate.domain.judge.traffic import log_split_factor


def factors(minutes: int = 300) -> float:
    """Give the largest difference to a ratio of binomial likelihoods, relative (absolute below 1)."""
    random, largest = np.random.default_rng(10), 0.0
    for _ in range(minutes):
        n1, n0 = random.integers(1, 3000, 2).tolist()
        x1, x0 = int(random.binomial(n1, 0.03)) + 1, int(random.binomial(n0, 0.02))
        q, thetas = n1 / (n1 + n0), 1 + np.array(GAINS)
        expected = binom.logpmf(x1, x1 + x0, q * thetas / (1 + q * (thetas - 1))) - binom.logpmf(x1, x1 + x0, q)
        largest = max(largest, _difference(log_factors(Minute(n1, min(x1, n1), n0, x0), 1.0), expected))
    return largest


def splits(minutes: int = 3000) -> float:
    """Give the same for the traffic check, against a ratio of beta functions."""
    random, largest = np.random.default_rng(11), 0.0
    for _ in range(minutes):
        w, (n1, n0) = float(random.uniform(0.001, 0.9)), random.integers(0, 100_000, 2).tolist()
        expected = betaln(100 * w + n1, 100 * (1 - w) + n0) - betaln(100 * w, 100 * (1 - w))
        expected -= n1 * np.log(w) + n0 * np.log1p(-w)
        largest = max(largest, _difference([log_split_factor(w, n1, n0)], [expected]))
    return largest


def _difference(found: Iterable[float], expected: Iterable[float]) -> float:
    pairs = zip(found, expected, strict=True)
    return max(abs(one - other) / max(1.0, abs(other)) for one, other in pairs)
