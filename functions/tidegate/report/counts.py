"""The counts of both versions, per minute and in total, for each metric."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class CallCounts:
    """Calls of one version, and how many of them were bad."""

    bad: int
    total: int

    @property
    def rate(self) -> float | None:
        """None without calls, which is not zero."""
        return self.bad / self.total if self.total else None

    def __add__(self, other: "CallCounts") -> "CallCounts":
        return CallCounts(self.bad + other.bad, self.total + other.total)


NOTHING = CallCounts(0, 0)


@dataclass(frozen=True)
class BothVersions:
    """Both versions in one minute, or in all of them."""

    stable: CallCounts = NOTHING
    canary: CallCounts = NOTHING

    def __add__(self, other: "BothVersions") -> "BothVersions":
        return BothVersions(self.stable + other.stable, self.canary + other.canary)


@dataclass(frozen=True)
class MetricCounts:
    """The counts of one metric: bad calls of each minute, and in total (`whole`).

    `what` describes a bad `unit` ("failed", "took over 400 ms"). `log_e_value` is the natural log of the largest
    e-value so far, `limit` the value at which this metric alone fails: its part of alpha. A metric that does not gate
    is only shown. `fails_from` has, for each minute, the lowest canary rate that would have failed it, if there is one.
    """

    name: str
    what: str
    minutes: Mapping[int, BothVersions]
    whole: BothVersions
    unit: str = "call"
    log_e_value: float | None = None
    limit: float | None = None
    verdict: str | None = None
    gates: bool = True
    fails_from: Mapping[int, float] = field(default_factory=dict)

    @property
    def difference(self) -> float | None:
        """The difference of the bad rates, compared within the minutes as the judge does.

        It differs from the difference of the total rates, because weights and load change from minute to minute.
        """
        both = [pair for pair in self.minutes.values() if pair.stable.total and pair.canary.total]
        size = sum(_size(pair) for pair in both)
        if not (size and self.whole.stable.total and self.whole.canary.total):
            return None
        return sum(_size(pair) * ((pair.canary.rate or 0.0) - (pair.stable.rate or 0.0)) for pair in both) / size


def _size(pair: BothVersions) -> float:
    return pair.stable.total * pair.canary.total / (pair.stable.total + pair.canary.total)
