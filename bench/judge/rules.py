"""The rules that are compared: the product's, and those that people use."""

from abc import ABC, abstractmethod
from math import log

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from bench.judge.counts import Counts, judged
from bench.judge.fast import Floats, Ints, log_e_values
from bench.judge.ranks import is_high
from tidegate.domain.judge import Verdict

Bools = NDArray[np.bool_]


class Rule(ABC):
    """A rule looks once a minute; it sees every minute so far."""

    name: str
    most: int | None = None
    """How many releases of a cell it is run on, where it is slow."""

    @abstractmethod
    def fails(self, seen: Counts) -> Bools:
        """Say which releases are rolled back at the newest minute's look."""

    def first(self, counts: Counts) -> Ints:
        """Give the first minute (from 1) whose look fails each release, 0 where none does."""
        releases, minutes = counts.shape
        found = np.zeros(releases, np.int64)
        for minute in range(1, minutes + 1):
            failed = self.fails(counts.until(minute))
            found[(found == 0) & failed] = minute
        return found


class Tidegate(Rule):
    """The product's judge, at each look on all minutes so far."""

    def __init__(self, alpha: float = 0.05) -> None:
        self.alpha = alpha
        self.name = f"Tidegate, alpha {alpha:g}"

    def fails(self, seen: Counts) -> Bools:
        minutes = seen.shape[1]
        return np.array([self._fails(seen, row, minutes) for row in range(seen.shape[0])])

    def first(self, counts: Counts) -> Ints:
        """Ask the judge only where the e-value is large enough."""
        releases, minutes = counts.shape
        canary, stable = (counts.canary_total, counts.canary_bad), (counts.stable_total, counts.stable_bad)
        values = log_e_values(canary, stable, counts.weights, counts.phi)
        largest = np.maximum.accumulate(values, axis=1)
        large = largest >= log(1 / self.alpha) - 1e-6
        found = np.zeros(releases, np.int64)
        for row in np.flatnonzero(large[:, -1]):
            looks = range(int(large[row].argmax()) + 1, minutes + 1)
            found[row] = next((look for look in looks if self._fails(counts, int(row), look)), 0)
        return found

    def _fails(self, counts: Counts, row: int, look: int) -> bool:
        minutes = counts.until(look).minutes(row)
        return judged(minutes, alpha=self.alpha, dispersion=float(counts.phi[row])).verdict is Verdict.FAIL


class AliasErrors(Rule):
    """CodeDeploy with an alarm on the alias: Errors >= 1 in a minute."""

    name = "CodeDeploy, alarm on alias errors >= 1"

    def fails(self, seen: Counts) -> Bools:
        return np.asarray(seen.canary_bad[:, -1] + seen.stable_bad[:, -1] >= 1)


class AliasRate(Rule):
    """CodeDeploy with an alarm on the alias: more than 5 % of a minute's calls."""

    name = "CodeDeploy, alarm on alias rate > 5 %"

    def fails(self, seen: Counts) -> Bools:
        bad = seen.canary_bad[:, -1] + seen.stable_bad[:, -1]
        return np.asarray(bad > 0.05 * (seen.canary_total[:, -1] + seen.stable_total[:, -1]))


class VersionRate(Rule):
    """An alarm on the new version by itself: more than 5 % of a minute's calls."""

    name = "alarm on the version's rate > 5 %"

    def fails(self, seen: Counts) -> Bools:
        return np.asarray(seen.canary_bad[:, -1] > 0.05 * seen.canary_total[:, -1])


class SuccessRate(Rule):
    """Argo Rollouts and Flagger: canary's success rate 99 % a minute, and no more than two failed measurements."""

    name = "Argo/Flagger, success >= 99 %, limit 2"

    def fails(self, seen: Counts) -> Bools:
        return np.asarray((seen.canary_bad > 0.01 * seen.canary_total).sum(axis=1) > 2)


class MannWhitney(Rule):
    """Kayenta's NetflixACAJudge on both versions' error rates by minute, from the third minute on, once a minute."""

    name = "Kayenta (Mann-Whitney), each minute"
    most = 300

    def fails(self, seen: Counts) -> Bools:
        if seen.shape[1] < 3:
            return np.zeros(seen.shape[0], np.bool_)
        return is_high(_rates(seen.canary_bad, seen.canary_total), _rates(seen.stable_bad, seen.stable_total))


class PooledTest(Rule):
    """A one-sided test of two proportions at 5 %, on the totals so far, at every look."""

    name = "pooled test at 5 %, each minute"

    def fails(self, seen: Counts) -> Bools:
        n1, n0 = np.maximum(seen.canary_total.sum(axis=1), 1), np.maximum(seen.stable_total.sum(axis=1), 1)
        x1, x0 = seen.canary_bad.sum(axis=1), seen.stable_bad.sum(axis=1)
        both = (x1 + x0) / (n1 + n0)
        spread = np.sqrt(both * (1 - both) * (1 / n1 + 1 / n0))
        return np.asarray(x1 / n1 - x0 / n0 > norm.ppf(0.95) * spread)


def _rates(bad: Ints, totals: Ints) -> Floats:
    return np.where(totals > 0, bad / np.maximum(totals, 1), np.nan)


OURS = Tidegate()
RULES: tuple[Rule, ...] = (
    AliasErrors(),
    AliasRate(),
    VersionRate(),
    SuccessRate(),
    MannWhitney(),
    PooledTest(),
    OURS,
    Tidegate(0.20),
)
