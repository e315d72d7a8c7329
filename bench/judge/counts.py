"""Simulated counts per minute of many releases at once."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bench.judge.fast import Floats, Ints, dispersions
from bench.judge.release import plan_of
from tidegate.domain.judge import Combined, Metric, Minute, judge_metrics
from tidegate.domain.metric import ERRORS

HOUR, DAY = 60, 1440
"""In minutes."""


@dataclass(frozen=True)
class Counts:
    """Calls and bad ones of both versions: one row a release, one column a minute.

    `weights` has, for each minute, the least share of the bad ones that is fair (NaN where the calls' own share is);
    `phi` the dispersion that the product found in the hour before each release.
    """

    canary_total: Ints
    canary_bad: Ints
    stable_total: Ints
    stable_bad: Ints
    weights: Floats
    phi: Floats

    @property
    def shape(self) -> tuple[int, int]:
        rows, columns = self.canary_total.shape
        return rows, columns

    def until(self, minute: int) -> "Counts":
        """Give the first so many minutes, which is what is seen at that look."""
        return replace(
            self,
            canary_total=self.canary_total[:, :minute],
            canary_bad=self.canary_bad[:, :minute],
            stable_total=self.stable_total[:, :minute],
            stable_bad=self.stable_bad[:, :minute],
            weights=self.weights[:minute],
        )

    def only(self, rows: slice) -> "Counts":
        return replace(
            self,
            canary_total=self.canary_total[rows],
            canary_bad=self.canary_bad[rows],
            stable_total=self.stable_total[rows],
            stable_bad=self.stable_bad[rows],
            phi=self.phi[rows],
        )

    def minutes(self, row: int) -> list[Minute]:
        """Give one release as the judge reads it."""
        columns = (self.canary_total, self.canary_bad, self.stable_total, self.stable_bad)
        floors = [None if np.isnan(weight) else float(weight) for weight in self.weights]
        rows = zip(*(column[row].tolist() for column in columns), strict=True)
        return [Minute(n1, x1, n0, x0, floor) for (n1, x1, n0, x0), floor in zip(rows, floors, strict=True)]


SHARE = next(each.weight for each in plan_of("guarded").metrics if each.name == ERRORS)
"""The part of alpha that errors have in the default request."""


def judged(minutes: Iterable[Minute], *, alpha: float = 0.05, **settings: Any) -> Combined:
    """Judge errors alone, minute by minute, with their part of alpha."""
    seen = {60 * k: each for k, each in enumerate(minutes)}
    return judge_metrics([Metric(ERRORS, seen, **settings)], alpha=alpha * SHARE)


def bad_of(random: np.random.Generator, totals: Ints, rates: Floats | float, burst: int = 1) -> Ints:
    """Draw how many are bad; with a burst, they come so many at a time."""
    if burst == 1:
        return random.binomial(totals, rates)
    return np.minimum(totals, burst * random.poisson(totals * rates / burst))


def restlessness(
    random: np.random.Generator, releases: int, rps: float, rate: float, *, burst: int = 1, floor: float = 1.0
) -> Floats:
    """Give the dispersion in stable's hour before each release, or in the day where the hour does not tell."""
    totals = random.poisson(60 * rps, (releases, HOUR))
    bad = bad_of(random, totals, rate, burst)
    found = dispersions(totals, bad, floor)
    quiet = np.flatnonzero(bad.sum(axis=1) < 20) if rate else np.zeros(0, np.int64)
    if len(quiet):
        earlier = random.poisson(60 * rps, (len(quiet), DAY - HOUR))
        day = np.concatenate([earlier, totals[quiet]], axis=1)
        bad_day = np.concatenate([bad_of(random, earlier, rate, burst), bad[quiet]], axis=1)
        found[quiet] = dispersions(day, bad_day, floor)
    return found
