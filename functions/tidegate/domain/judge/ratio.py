"""How many times as often the canary fails: an interval that is valid for any number of checks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, inf, log, log1p

from tidegate.domain.judge.minutes import Minute

_POINTS = 41
_WIDEST = log(1000)
_GRID = tuple(_WIDEST * (2 * j / (_POINTS - 1) - 1) for j in range(_POINTS))
_STEPS, _CLOSE = 60, 1e-10
"""Most steps of a search for a root, and the step at which it ends."""
_FARTHEST = 30.0
"""Log of a ratio beyond which no end of an interval is looked for."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """The ratio of the canary's rate of bad calls to stable's is between `low` and `high`."""

    low: float
    high: float


def ratio_interval(
    minutes: Sequence[Minute], *, start: int = 1, dispersion: float = 1.0, error: float = 0.05
) -> Ratio | None:
    """Return the interval of the ratio of the two rates, assumed equal in all these minutes.

    Of m bad calls of a minute, x1 fall on the canary as a binomial with odds r n1 : n0 if its rate is r times
    stable's. The likelihood of r against its average over a grid of 41 ratios (log-spaced from 0.001 to 1000) is
    an e-process, and the interval holds all r that it does not reject (a confidence sequence: Howard,
    Ramdas et al. 2021): over all checks, the probability of excluding the true ratio is at most `error`. `start` says
    which comparable minute of a release the first of these is: it may depend on the data, because the i-th one gets
    1/(i(i+1)) of the error. For minutes whose weight changed, or that are provisional, the larger
    share counts, as in the rule: this moves the interval slightly down, never up.

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
    top = values.index(peak)
    low = 0.0 if bad == 0 else exp(_crossing(likelihood, least, _GRID[: top + 1], values[: top + 1], -_FARTHEST))
    lost = bad == sum([m for m, _ in rows])
    high = inf if lost else exp(_crossing(likelihood, least, _GRID[top:][::-1], values[top:][::-1], _FARTHEST))
    return Ratio(low, high)


def _crossing(
    likelihood: Callable[[float], float], least: float, points: Sequence[float], values: Sequence[float], end: float
) -> float:
    """Find the log ratio at which the likelihood rises to `least`, on the way from `end` to its largest value.

    The grid's points on that way, with their likelihoods, are known. The likelihood is concave, so it rises once,
    and its value at the last point is above the average, so above `least`.
    """
    place = next(place for place, value in enumerate(values) if value >= least)
    if place:
        outside, below = points[place - 1], values[place - 1] - least
    else:
        outside, below = end, likelihood(end) - least
        if below >= 0:
            return end
    return _root(likelihood, least, (outside, below), (points[place], values[place] - least))


def _root(
    likelihood: Callable[[float], float], least: float, below: tuple[float, float], above: tuple[float, float]
) -> float:
    """Search by false position (Illinois), which takes a fifth of the steps of halving."""
    (a, low), (b, high) = below, above
    found, side = b, 0
    for _ in range(_STEPS):
        middle = b - high * (b - a) / (high - low)
        close, found = abs(middle - found) < _CLOSE, middle
        if close:
            break
        value = likelihood(middle) - least
        if value < 0:
            a, low, high, side = middle, value, high / (2 if side < 0 else 1), -1
        else:
            b, high, low, side = middle, value, low / (2 if side > 0 else 1), 1
    return found
