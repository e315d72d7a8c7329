"""CloudWatch's statistics, from Sum to PR(:300).

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Part:
    """The part of a minute's values that a range names: from rank `start` (excluded) to `end`."""

    minute: Minute
    start: float
    end: float

    @property
    def count(self) -> float:
        return max(0.0, self.end - self.start)

    @property
    def total(self) -> float:
        if not self.count:
            return 0.0
        ranked = self.minute.ranked
        return ranked.total_of_first(self.end) - ranked.total_of_first(self.start)

    @property
    def mean(self) -> float | None:
        return self.total / self.count if self.count else None

    @property
    def winsorised(self) -> float | None:
        """The mean of all, with what is out of range put at the range's ends."""
        if not self.count:
            return None
        ranked, count = self.minute.ranked, self.minute.count
        low, high = ranked.at_rank(self.start + 1e-6), ranked.at_rank(self.end)
        return (low * self.start + self.total + high * (count - self.end)) / count


KINDS: dict[str, Callable[[Part], float | None]] = {
    "TC": lambda part: part.count,
    "TS": lambda part: part.total,
    "TM": lambda part: part.mean,
    "WM": lambda part: part.winsorised,
    "PR": lambda part: 100 * part.count / part.minute.count,
}


@lru_cache(maxsize=1_000)
def statistic(name: str) -> Statistic:
    """Read a statistic's name; raises ValueError if CloudWatch has none of that name."""
    return SIMPLE[name] if name in SIMPLE else _remembered(name, _read(name))


def _remembered(name: str, take: Statistic) -> Statistic:
    """Answer once for each minute, and only where its values are known."""

    def answer(minute: Minute) -> float | None:
        if name not in minute.answers:
            minute.answers[name] = take(minute) if minute.exact else None
        return minute.answers[name]

    return answer


def _read(name: str) -> Statistic:
    if match := PERCENTILE.fullmatch(name):
        return _percentile(_percent(match[1]))
    if name.upper() == "IQM":
        return _by_rank("TM", 25.0, 75.0)
    if match := SHORT.fullmatch(name):
        return _by_rank(match[1].upper(), 0.0, _percent(match[2]))
    if (match := RANGE.fullmatch(name)) and (match[2] or match[3]):
        return _ranged(match[1].upper(), match[2], match[3])
    raise ValueError(f"The value {name} for parameter Stat is not supported.")


def _percent(text: str) -> float:
    if float(text.rstrip("%")) > 100:
        raise ValueError(f"The percentage {text} is above 100.")
    return float(text.rstrip("%"))


def _percentile(percent: float) -> Statistic:
    """Take the smallest value that at least so many percent do not exceed."""
    return lambda minute: minute.ranked.at_rank(minute.count * percent / 100)


def _ranged(kind: str, low: str | None, high: str | None) -> Statistic:
    """Take what is above `low` up to and including `high`; in percent these are ranks, otherwise values."""
    in_percent = {bound.endswith("%") for bound in (low, high) if bound}
    if len(in_percent) > 1 or (kind == "PR" and in_percent == {True}):
        raise ValueError("A range has values at both ends, or (except for PR) percentages at both.")
    if in_percent == {True}:
        return _by_rank(kind, _percent(low or "0"), _percent(high or "100"))
    return _by_value(kind, float(low) if low else None, float(high) if high else None)


def _by_rank(kind: str, low: float, high: float) -> Statistic:
    return lambda minute: KINDS[kind](Part(minute, minute.count * low / 100, minute.count * high / 100))


def _by_value(kind: str, low: float | None, high: float | None) -> Statistic:
    def take(minute: Minute) -> float | None:
        start = 0.0 if low is None else minute.ranked.count_up_to(low)
        end = minute.count if high is None else minute.ranked.count_up_to(high)
        return KINDS[kind](Part(minute, start, end))

    return take
