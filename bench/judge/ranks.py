"""Kayenta's Mann-Whitney classifier, for many releases at once.

As its MannWhitney.scala and MannWhitneyClassifier.scala have it: the interval of the shift between two series at 98 %,
by the normal approximation with corrections for ties and continuity; "high" where its lower end is above a quarter
of the Hodges-Lehmann estimate. Where even the lowest shift is not significant, the lower end is that shift,
canary's least minus stable's largest: with up to four minutes, "high" means that the series do not overlap.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from bench.judge.fast import Floats

_QUANTILE = float(norm.ppf(0.99))
_TOLERANCE = 0.25


def is_high(canary: Floats, stable: Floats) -> NDArray[np.bool_]:
    """Say for each row whether the canary's series lies above stable's; NaN where a minute had no calls."""
    known = ~(np.isnan(canary).all(axis=1) | np.isnan(stable).all(axis=1))
    found = np.zeros(len(canary), np.bool_)
    x, y = canary[known], stable[known]
    if not len(x):
        return found
    differences = (x[:, :, None] - y[:, None, :]).reshape(len(x), -1)
    estimate = np.nanmedian(differences, axis=1)
    lowest, least = np.nanmin(differences, axis=1), _TOLERANCE * np.abs(estimate)
    significant = _statistic(x, y, lowest) > _QUANTILE
    high = np.where(significant, (least <= lowest) | (_statistic(x, y, least) > _QUANTILE), lowest > least)
    found[known] = high & (np.nanmax(differences, axis=1) > 0)
    return found


def _statistic(x: Floats, y: Floats, shift: Floats) -> Floats:
    """Give the standardised rank sum of x - shift over y."""
    moved = x - shift[:, None]
    above = (moved[:, :, None] > y[:, None, :]) + 0.5 * (moved[:, :, None] == y[:, None, :])
    m, n = (~np.isnan(x)).sum(axis=1), (~np.isnan(y)).sum(axis=1)
    distance = above.sum(axis=(1, 2)) - m * n / 2
    pooled = np.concatenate([moved, y], axis=1)
    alike = (pooled[:, :, None] == pooled[:, None, :]).sum(axis=2)  # NaN equals nothing
    ties = np.where(alike > 0, alike**2 - 1, 0).sum(axis=1)
    variance = m * n / 12 * ((m + n + 1) - ties / np.maximum((m + n) * (m + n - 1), 1))
    corrected = distance - 0.5 * np.sign(distance)
    return np.where(variance > 0, corrected / np.sqrt(np.maximum(variance, 1e-300)), 0.0)
