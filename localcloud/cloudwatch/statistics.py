"""CloudWatch's statistics, from Sum to PR(:300).

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
"""

import re
from collections.abc import Callable
from functools import lru_cache

from localcloud.cloudwatch.minute import Minute

Statistic = Callable[[Minute], float | None]

SIMPLE: dict[str, Statistic] = {
    "Sum": lambda minute: minute.total,
    "SampleCount": lambda minute: minute.count,
    "Average": lambda minute: minute.total / minute.count,
    "Minimum": lambda minute: minute.minimum,
    "Maximum": lambda minute: minute.maximum,
}
NUMBER = r"\d+(?:\.\d+)?"
PERCENTILE = re.compile(rf"p({NUMBER})", re.IGNORECASE)
SHORT = re.compile(rf"(TM|TC|TS|WM)({NUMBER})", re.IGNORECASE)
RANGE = re.compile(rf"(TM|TC|TS|WM|PR)\(({NUMBER}%?)?:({NUMBER}%?)?\)", re.IGNORECASE)

Weights = list[tuple[float, float]]
"""Values in order, each with how often it came."""


@lru_cache(maxsize=1_000)
def statistic(name: str) -> Statistic:
    """Read a statistic's name; raises ValueError if CloudWatch has none of that name."""
    if name in SIMPLE:
        return SIMPLE[name]
    if match := PERCENTILE.fullmatch(name):
        return _percentile(_at_most_100(match[1]))
    if name.upper() == "IQM":
        return _ranged("TM", "25%", "75%")
    if match := SHORT.fullmatch(name):
        _at_most_100(match[2])
        return _ranged(match[1].upper(), None, f"{match[2]}%")
    if (match := RANGE.fullmatch(name)) and (match[2] or match[3]):
        return _ranged(match[1].upper(), match[2], match[3])
    raise ValueError(f"The value {name} for parameter Stat is not supported.")


def _at_most_100(text: str) -> float:
    if float(text) > 100:
        raise ValueError(f"The percentile {text} is above 100.")
    return float(text)


def _percentile(percent: float) -> Statistic:
    """Take the smallest value that at least so many percent do not exceed."""

    def take(minute: Minute) -> float | None:
        if not minute.exact:
            return None
        rank, reached = minute.count * percent / 100, 0.0
        for value in sorted(minute.values):
            reached += minute.values[value]
            if reached >= rank - 1e-9:
                return value
        return minute.maximum

    return take


def _ranged(kind: str, low: str | None, high: str | None) -> Statistic:
    """Take what is above `low` up to and including `high`; in percent these are ranks, otherwise values."""
    if "%" in f"{low}{high}" and not all(bound is None or bound.endswith("%") for bound in (low, high)):
        raise ValueError("The bounds of a statistic are both percentages or both values.")
    if kind == "PR" and "%" in f"{low}{high}":
        raise ValueError("PR takes values, not percentages.")

    def take(minute: Minute) -> float | None:
        if not minute.exact:
            return None
        kept = _by_rank(minute, low, high) if "%" in f"{low}{high}" else _by_value(minute, low, high)
        return SHARES[kind](minute, kept)

    return take


def _by_value(minute: Minute, low: str | None, high: str | None) -> Weights:
    above = float(low) if low else float("-inf")
    up_to = float(high) if high else float("inf")
    return [(value, minute.values[value]) for value in sorted(minute.values) if above < value <= up_to]


def _by_rank(minute: Minute, low: str | None, high: str | None) -> Weights:
    start = minute.count * float((low or "0%")[:-1]) / 100
    end = minute.count * float((high or "100%")[:-1]) / 100
    kept, passed = [], 0.0
    for value in sorted(minute.values):
        times = minute.values[value]
        inside = min(end, passed + times) - max(start, passed)
        if inside > 0:
            kept.append((value, inside))
        passed += times
    return kept


def _mean(_minute: Minute, kept: Weights) -> float | None:
    count = sum(times for _, times in kept)
    return sum(value * times for value, times in kept) / count if count else None


def _winsorised(minute: Minute, kept: Weights) -> float | None:
    """Average with what is out of range put at the range's ends."""
    if not kept:
        return None
    low, high = kept[0][0], kept[-1][0]
    return sum(min(max(value, low), high) * times for value, times in minute.values.items()) / minute.count


SHARES: dict[str, Callable[[Minute, Weights], float | None]] = {
    "TC": lambda _minute, kept: sum(times for _, times in kept),
    "TS": lambda _minute, kept: sum(value * times for value, times in kept),
    "PR": lambda minute, kept: 100 * sum(times for _, times in kept) / minute.count,
    "TM": _mean,
    "WM": _winsorised,
}
