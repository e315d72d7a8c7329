"""How many times as often the canary fails: an interval that holds however often one looks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, inf, log, log1p

from tidegate.domain.judge.minutes import Minute

_POINTS = 41
_WIDEST = log(1000)
_GRID = tuple(_WIDEST * (2 * j / (_POINTS - 1) - 1) for j in range(_POINTS))
_HALVINGS = 36
_FARTHEST = 30.0
"""Log of a ratio beyond which no end of an interval is looked for."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """The canary's rate of bad calls over stable's lies from `low` to `high`."""

    low: float
    high: float


def ratio_interval(
    minutes: Sequence[Minute], *, start: int = 1, dispersion: float = 1.0, error: float = 0.05
) -> Ratio | None:
    """Give the interval of the ratio of the two rates, taken as the same in all these minutes.

    Of m bad calls of a minute, x1 fall on the canary as a binomial with odds r n1 : n0 if its rate is r times
    stable's. The likelihood of r against its average over a grid of 41 ratios (log-spaced from 0.001 to 1000) is
    an e-process, and the interval holds all r that it does not reject (a confidence sequence: Howard,
    Ramdas et al. 2021): over all looks the chance to leave out the true ratio is at most `error`. `start` says
    which comparable minute of a release the first of these is: it may be chosen by what was seen, since the i-th one
    gets 1/(i(i+1)) of the error. The share of minutes whose weight changed, or that are provisional, is the
    larger one, as in the rule: the interval is moved down a little then, never up.

    None if nothing was bad, or the versions never ran in the same minute.
    """
    compared = [minute for minute in minutes if minute.comparable and minute.bad and minute.fair_share < 1]
    if not compared:
        return None
    bad = sum(minute.canary_bad for minute in compared)
    rows = [(minute.bad, minute.fair_share / (1 - minute.fair_share)) for minute in compared]

    equal = sum([m * log1p(odds) for m, odds in rows])

    def likelihood(log_ratio: float) -> float:
        ratio = exp(log_ratio)
        return (bad * log_ratio + equal - sum([m * log1p(ratio * odds) for m, odds in rows])) / dispersion

    values = [likelihood(each) for each in _GRID]
    peak = max(values)
    average = peak + log(sum([exp(value - peak) for value in values]) / _POINTS)
    least = average - log(start * (start + 1) / error)
    best = _best(bad, rows)
    low = 0.0 if best == -inf else exp(_crossing(likelihood, least, best, -_FARTHEST))
    high = inf if best == inf else exp(_crossing(likelihood, least, best, _FARTHEST))
    return Ratio(low, high)


def _best(bad: int, rows: Sequence[tuple[int, float]]) -> float:
    """Find the log ratio of the largest likelihood, where as many bad calls are expected on the canary as were seen."""
    if bad == 0:
        return -inf
    if bad == sum(m for m, _ in rows):
        return inf
    low, high = -_FARTHEST, _FARTHEST
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        ratio = exp(middle)
        if sum([m * ratio * odds / (ratio * odds + 1) for m, odds in rows]) < bad:
            low = middle
        else:
            high = middle
    return low


def _crossing(likelihood: Callable[[float], float], least: float, best: float, end: float) -> float:
    """Find where the likelihood, which falls from its best on, has come down to `least`."""
    inside = max(-_FARTHEST, min(_FARTHEST, best))
    for _ in range(_HALVINGS):
        middle = (inside + end) / 2
        if likelihood(middle) >= least:
            inside = middle
        else:
            end = middle
    return end
