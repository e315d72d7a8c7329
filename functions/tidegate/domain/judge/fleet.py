"""All targets of a release as one: evidence of a regression that is too small to be found in each.

Each target's calls are compared within the target, minute by minute; the factors of a minute are multiplied over the
targets. Every alias draws the version of each call for itself, so if no version is worse, the targets' shares of the
bad calls are independent given the totals, and the product is an e-value as each factor is. A brown-out of all of them
does not change that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import fsum, log

from tidegate.domain.judge import sentences
from tidegate.domain.judge.e_values import log_e_values, log_factors, worse
from tidegate.domain.judge.metrics import Metric
from tidegate.domain.judge.minutes import Minute, totals

SHARE = 0.2
"""The part of a release's alpha that its targets have together; they share the rest."""


def alpha_of_target(alpha: float, targets: int) -> float:
    """Return what each target has of a release's alpha."""
    return alpha * (1 - SHARE) / targets if targets > 1 else alpha


@dataclass(frozen=True)
class Strata:
    """One minute of several targets; a target in which only one version ran allows no comparison."""

    minutes: tuple[Minute, ...]

    @cached_property
    def _compared(self) -> tuple[Minute, ...]:
        return tuple(minute for minute in self.minutes if minute.weighed)

    @property
    def comparable(self) -> bool:
        return any(minute.comparable for minute in self._compared)

    @property
    def weighed(self) -> bool:
        return bool(self._compared)

    @property
    def canary_total(self) -> int:
        return sum(minute.canary_total for minute in self._compared)

    @property
    def size(self) -> float:
        return fsum(minute.size for minute in self._compared)

    @property
    def difference(self) -> float:
        return fsum(minute.difference for minute in self._compared)


@dataclass(frozen=True)
class Fleet:
    """The judgement of all targets as one; `summary` is for people, empty unless it `fails`.

    `unconfirmed`: they fail only with the newest minute.
    """

    log_e_value: float
    excess: float
    fails: bool
    summary: str = ""
    unconfirmed: bool = False


def judge_fleet(metrics: Sequence[Metric], *, alpha: float) -> Fleet:
    """Judge the same metric of several targets as one, on all their minutes.

    It fails once the e-value reaches 1/alpha, the excess over all targets is at least the largest `min_effect`, and
    both are so without the newest minute, whose calls may still be running.
    """
    starts = sorted({start for metric in metrics for start in metric.minutes})
    strata, factors = list[Strata](), list[list[float]]()
    for start in starts:
        present = [(metric.minutes[start], metric.dispersion) for metric in metrics if start in metric.minutes]
        logs = [one for minute, phi in present if (one := log_factors(minute, phi))]
        strata.append(Strata(tuple(minute for minute, _ in present)))
        factors.append([fsum(each) for each in zip(*logs, strict=True)])
    values = log_e_values(strata, factors)
    least, limit = max((metric.min_effect for metric in metrics), default=0.0), log(1 / alpha)
    found, before = worse(strata, factors), worse(strata[:-1], factors[:-1])
    fails = max(values[:-1], default=0.0) >= limit and min(found.excess, before.excess) >= least
    evidence = max(0.0, *values) if values else 0.0
    if not fails:
        return Fleet(evidence, found.excess, fails, unconfirmed=evidence >= limit and found.excess >= least)
    since = starts[found.since or 0]
    whole = totals([minute for metric in metrics for start, minute in metric.minutes.items() if start >= since])
    return Fleet(evidence, found.excess, fails, sentences.fleet(metrics, since, whole, found.excess, (evidence, limit)))
