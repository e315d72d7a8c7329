"""The values of one metric in one minute."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import accumulate


@dataclass(frozen=True)
class Ranked:
    """Values in order; `counts` and `totals` are how many, and how much, up to each and including it."""

    values: list[float]
    counts: list[float]
    totals: list[float]

    def at_rank(self, rank: float) -> float:
        """Return the smallest value that `rank` values or more do not exceed."""
        return self.values[min(self._index(rank), len(self.values) - 1)]

    def count_up_to(self, value: float) -> float:
        place = bisect_right(self.values, value)
        return self.counts[place - 1] if place else 0.0

    def total_of_first(self, rank: float) -> float:
        """Return the sum of the `rank` smallest values, the last of them in part where the rank is not whole."""
        place = min(self._index(rank), len(self.values) - 1)
        before = self.counts[place - 1] if place else 0.0
        return (self.totals[place - 1] if place else 0.0) + (rank - before) * self.values[place]

    def _index(self, rank: float) -> int:
        return bisect_left(self.counts, rank - 1e-9)


@dataclass
class Minute:
    """Aggregates, and the raw values with how often each came.

    `exact` is False once a statistic set went in, of which the single values are not known: then percentiles
    and trimmed statistics have no answer, as in CloudWatch.
    """

    count: float = 0.0
    total: float = 0.0
    minimum: float = float("inf")
    maximum: float = float("-inf")
    values: dict[float, float] = field(default_factory=dict)
    exact: bool = True
    answers: dict[str, float | None] = field(default_factory=dict)
    """Statistics that were asked for already, by name: a page of queries asks for thousands."""
    _ranked: Ranked | None = None

    def add(self, value: float, times: float = 1.0) -> None:
        self.values[value] = self.values.get(value, 0.0) + times
        self._widen(times, value * times, value, value)

    def add_set(self, count: float, total: float, minimum: float, maximum: float) -> None:
        if minimum == maximum:
            self.add(minimum, count)
            return
        self.exact = False
        self._widen(count, total, minimum, maximum)

    def add_all(self, other: "Minute") -> None:
        for value, times in other.values.items():
            self.values[value] = self.values.get(value, 0.0) + times
        self.exact = self.exact and other.exact
        self._widen(other.count, other.total, other.minimum, other.maximum)

    @property
    def ranked(self) -> Ranked:
        """Put the values in order, once until another comes."""
        if self._ranked is None:
            values = sorted(self.values)
            counts = [self.values[value] for value in values]
            totals = [value * times for value, times in zip(values, counts, strict=True)]
            self._ranked = Ranked(values, list(accumulate(counts)), list(accumulate(totals)))
        return self._ranked

    def _widen(self, count: float, total: float, minimum: float, maximum: float) -> None:
        self.count += count
        self.total += total
        self.minimum = min(self.minimum, minimum)
        self.maximum = max(self.maximum, maximum)
        self._ranked = None
        self.answers.clear()


def merged(minutes: Iterable[Minute]) -> Minute:
    """Merge several minutes into a longer period."""
    whole = Minute()
    for minute in minutes:
        whole.add_all(minute)
    return whole
