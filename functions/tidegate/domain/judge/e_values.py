"""The evidence of the minutes against the canary: e-values and the excess.

Given the totals of a minute and how many were bad in all, the canary's share of the bad ones is hypergeometric
if both versions fail equally often; a binomial dominates it (Hoeffding 1963), so each minute's
factor has expectation at most 1 and the running product is a supermartingale (Ville's inequality): the
probability of ever reaching 1/alpha is at most alpha, for any baseline and any number of checks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, log1p
from typing import Protocol

from tidegate.domain.judge.minutes import Minute

_POINTS = 40
_LOWEST, _HIGHEST = log(0.03), log(1000)
GAINS = tuple(exp(_LOWEST + (_HIGHEST - _LOWEST) * j / (_POINTS - 1)) for j in range(_POINTS))
"""theta - 1 of each alternative; theta is the canary's rate of bad ones over stable's."""
LOG_THETAS = tuple(log1p(gain) for gain in GAINS)
_NEVER = float("-inf")
_NEGLIGIBLE = 38.0
"""exp(-38) added to 1 is 1."""


class Compared(Protocol):
    """A minute of one target, or of several; see `Minute`."""

    @property
    def comparable(self) -> bool: ...
    @property
    def weighed(self) -> bool: ...
    @property
    def canary_total(self) -> int: ...
    @property
    def size(self) -> float: ...
    @property
    def difference(self) -> float: ...


def log_factors(minute: Minute, dispersion: float) -> list[float]:
    """Log of the minute's likelihood ratios, "theta times as bad" to "both alike", for each theta.

    Empty if all of them are 1: nothing was bad, or only one of the versions ran.
    """
    if not (minute.bad and minute.weighed):
        return []
    canary_bad, bad, share = minute.canary_bad / dispersion, minute.bad / dispersion, minute.fair_share
    return [
        canary_bad * log_theta - bad * log1p(share * gain) for log_theta, gain in zip(LOG_THETAS, GAINS, strict=True)
    ]


def log_e_values(minutes: Sequence[Compared], factors: Sequence[list[float]]) -> list[float]:
    """Natural log of the e-value after each minute, from the minutes' `log_factors`.

    A regression may start in any minute: the k-th weighed one has the prior 1/(k(k+1)), and what is
    left of the prior after k of them, 1/(k+1), stays at the value 1.
    """
    values: list[float] = []
    grown = Growing()
    for minute, logs in zip(minutes, factors, strict=True):
        grown.count(comparable=minute.weighed)
        grown.take(logs)
        values.append(grown.log_e_value)
    return values


class Growing:
    """The e-value of the minutes so far: `count` a minute, then `take` its `log_factors`."""

    def __init__(self) -> None:
        self.log_e_value = 0.0
        self._k, self._waiting = 0, 0.0
        self._products = [_NEVER] * _POINTS

    def count(self, *, comparable: bool) -> None:
        if comparable:
            self._k += 1
            self._waiting += 1 / (self._k * (self._k + 1))

    def take(self, logs: Sequence[float]) -> None:
        if logs:  # otherwise every factor is 1, and the e-value stays as it was
            self._products = [p + f for p, f in zip(self.products(), logs, strict=True)]
            self._waiting = 0.0
            self.log_e_value = _log_add(log_mean(self._products), -log(self._k + 1))

    def products(self) -> list[float]:
        """Log of the multiplier for the factors of the minute that was just counted."""
        prior = log(self._waiting)
        small = prior - _NEGLIGIBLE
        # `_log_add(prior, p)` written out: a fifth of what a tick computes goes into this line.
        return [
            prior if p < small else p + log1p(exp(prior - p)) if p > prior else prior + log1p(exp(p - prior))
            for p in self._products
        ]

    def needed(self, log_e_value: float) -> float:
        """Log of the average product for such an e-value; the prior of later starts is worth 1."""
        rest = 1 / (self._k + 1)
        return log_e_value + log1p(-rest * exp(-log_e_value)) if exp(log_e_value) > rest else _NEVER


@dataclass(frozen=True, slots=True)
class Worse:
    """The excess of the canary's bad calls (a difference of rates), and its start.

    `since` is the place of a minute among those given, `start` its number among the weighed ones, from 1;
    both are None if there is no evidence against the canary. `lasting` is the excess without the forgiven calls.
    """

    excess: float = 0.0
    since: int | None = None
    start: int | None = None
    lasting: float = 0.0


def worse(minutes: Sequence[Compared], factors: Sequence[list[float]], forgiven: int = 0) -> Worse:
    """Compare within the minutes: a difference of rates, and the start that explains the evidence best.

    The excess is the largest over all starts from which the product of factors, averaged over the
    alternatives, is at least 1; from the beginning alone, a day of baking would dilute a new regression. 0
    if there is no such start: a product of 1 or more means a difference of 0 or more, since
    ln(1 + q(theta - 1)) is at least q ln(theta). For the same reason no start in a minute without a bad call
    can be the largest. The largest excess is often that of the last minute alone, so the reported start comes
    from the e-value: the start with the largest part in it.

    `lasting` is the largest excess that is left if so many bad calls of the canary are `forgiven`.
    """
    excess, lasting, difference, size, calls = 0.0, 0.0, 0.0, 0.0, 0
    weightiest, since, start = _NEVER, None, None
    k = sum(minute.weighed for minute in minutes)
    sums = [0.0] * _POINTS
    for place in range(len(minutes) - 1, -1, -1):
        minute, logs = minutes[place], factors[place]
        if minute.comparable:
            size += minute.size
            calls += minute.canary_total
        if logs:
            difference += minute.difference
            sums = [s + f for s, f in zip(sums, logs, strict=True)]
            highest, prior = max(sums), log(k * (k + 1))
            without = difference / size - forgiven / calls if size else 0.0
            larger = highest > weightiest + prior or difference > excess * size or without > lasting
            if size and highest >= 0 and larger:
                product = log_mean(sums)  # no mean is above the highest
                if product >= 0:
                    excess, lasting = max(excess, difference / size), max(lasting, without)
                if product >= max(0.0, weightiest + prior):
                    weightiest, since, start = product - prior, place, k
        k -= minute.weighed
    return Worse(excess, since, start, lasting) if excess else Worse()


@dataclass(frozen=True, slots=True)
class Weighing:
    """The evidence of a metric's minutes, before any setting turns it into a verdict.

    `log_e_values` has one value a minute. Several metrics are averaged by these, minute by minute.
    """

    minutes: Sequence[Minute]
    log_e_values: Sequence[float]
    worse: Worse

    @property
    def log_e_value(self) -> float:
        """The largest so far, from 0 (nothing) up."""
        return max(0.0, *self.log_e_values) if self.log_e_values else 0.0


def weigh(minutes: Sequence[Minute], dispersion: float, forgiven: int = 0) -> Weighing:
    """Compute the evidence of minutes in order of time; for `forgiven` see `worse`.

    Raises
    ------
    ValueError
        The dispersion is below 1 or infinite.
    """
    if not 1 <= dispersion < float("inf"):
        raise ValueError(f"dispersion is 1 or more, not {dispersion!r}")
    factors = [log_factors(minute, dispersion) for minute in minutes]
    return Weighing(minutes, log_e_values(minutes, factors), worse(minutes, factors, forgiven))


def _log_add(one: float, other: float) -> float:
    if one < other:
        one, other = other, one
    return one + log1p(exp(other - one))


def log_mean(logs: Sequence[float]) -> float:
    largest = max(logs)
    return largest + log(sum([exp(each - largest) for each in logs]) / _POINTS)
