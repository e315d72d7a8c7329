"""E-values and dispersions of many releases at once: vectorised copies, which a test holds to the product's."""

import numpy as np
from numpy.typing import NDArray

from tidegate.domain.judge.e_values import GAINS

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_GAINS = np.array(GAINS)
_LOG_THETAS = np.log1p(_GAINS)


def log_e_values(canary: tuple[Ints, Ints], stable: tuple[Ints, Ints], floors: Floats, phi: Floats) -> Floats:
    """Give the log of the e-value after each minute: one row a release, one column a minute.

    `canary` and `stable` are calls and bad ones; `floors` has the least fair share of a minute or NaN, `phi` the
    dispersion of each release.
    """
    (n1, x1), (n0, x0) = canary, stable
    releases, minutes = n1.shape
    products = np.full((releases, len(_GAINS)), -np.inf)
    comparable = np.zeros(releases)
    values = np.zeros((releases, minutes))
    for minute in range(minutes):
        both = (n0[:, minute] > 0) & ((n1[:, minute] > 0) | (floors[minute] > 0))
        comparable += both
        share = np.fmax(n1[:, minute] / np.maximum(n1[:, minute] + n0[:, minute], 1), floors[minute])
        bad = x1[:, minute] + x0[:, minute]
        factors = x1[:, minute, None] * _LOG_THETAS - bad[:, None] * np.log1p(share[:, None] * _GAINS)
        prior = -np.log(np.maximum(comparable * (comparable + 1), 1))
        grown = np.logaddexp(products, prior[:, None]) + factors / phi[:, None]
        products = np.where(both[:, None], grown, products)
        peak = np.maximum(products.max(axis=1), -1e300)
        with np.errstate(divide="ignore"):  # nothing compared yet: the log of 0
            mean = peak + np.log(np.exp(products - peak[:, None]).mean(axis=1))
        values[:, minute] = np.logaddexp(mean, -np.log(comparable + 1))
    return values


def dispersions(totals: Ints, bad: Ints, floor: float = 1.0) -> Floats:
    """Give the dispersion of many series at once: one row each, one column a minute."""
    calls, failed = totals.sum(axis=1), bad.sum(axis=1)
    known = (failed >= 2) & (failed < calls)
    rate = np.where(known, failed / np.maximum(calls, 1), 0.5)[:, None]
    rates = bad / np.maximum(totals, 1)
    with np.errstate(divide="ignore"):  # a minute without calls is left out below
        parts = 1 / totals
    spread = rate * (1 - rate) * (parts[:, 1:] + parts[:, :-1])
    pairs = np.isfinite(spread)
    jumps = np.where(pairs, np.diff(rates, axis=1) ** 2 / spread, 0.0).sum(axis=1) / np.maximum(pairs.sum(axis=1), 1)
    return np.where(known, np.clip(jumps, floor, 50.0), floor)
