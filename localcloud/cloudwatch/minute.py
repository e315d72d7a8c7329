"""What one metric saw in one minute."""

from collections.abc import Iterable
from dataclasses import dataclass, field


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

    def add(self, value: float, times: float = 1.0) -> None:
        self.values[value] = self.values.get(value, 0.0) + times
        self._widen(times, value * times, value, value)

    def add_set(self, count: float, total: float, minimum: float, maximum: float) -> None:
        if minimum == maximum:
            self.add(minimum, count)
            return
        self.exact = False
        self._widen(count, total, minimum, maximum)

    def _widen(self, count: float, total: float, minimum: float, maximum: float) -> None:
        self.count += count
        self.total += total
        self.minimum = min(self.minimum, minimum)
        self.maximum = max(self.maximum, maximum)


def merged(minutes: Iterable[Minute]) -> Minute:
    """Make one of several, for a period longer than a minute."""
    whole = Minute()
    for minute in minutes:
        whole._widen(minute.count, minute.total, minute.minimum, minute.maximum)
        whole.exact = whole.exact and minute.exact
        for value, times in minute.values.items():
            whole.values[value] = whole.values.get(value, 0.0) + times
    return whole
