"""The counts of both versions, per minute and in total, for each metric."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tidegate.domain.judge import Minute, adjusted, difference


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

    @property
    def minute(self) -> Minute:
        return Minute(self.canary.total, self.canary.bad, self.stable.total, self.stable.bad)

    def __add__(self, other: "BothVersions") -> "BothVersions":
        return BothVersions(self.stable + other.stable, self.canary + other.canary)


@dataclass(frozen=True)
class MetricCounts:
    """The counts of one metric: bad calls of each minute, and in total (`whole`).

    `what` describes a bad `unit` ("failed", "took over 400 ms"). `whole` is None before the metric's first minute; it
    counts from `since` on (seconds since 1970), None for all minutes since the first shift; `within` is the mean
    difference of the rates within its minutes. `log_e_value` is the natural log of the metric's evidence, `limit` the
    limit for all metrics of the target; `share` is the metric's part in that evidence. A metric that does not gate is
    only shown. `fails_from` has, for each minute, the lowest canary rate that would have failed it, if there is one.
    """

    name: str
    what: str
    minutes: Mapping[int, BothVersions]
    whole: BothVersions | None
    since: int | None = None
    within: float | None = None
    unit: str = "call"
    share: float = 1.0
    log_e_value: float | None = None
    limit: float | None = None
    verdict: str | None = None
    gates: bool = True
    fails_from: Mapping[int, float] = field(default_factory=dict)

    @property
    def versions(self) -> tuple[CallCounts | None, CallCounts | None]:
        """Stable's counts and the canary's."""
        return (self.whole.stable, self.whole.canary) if self.whole else (None, None)

    @property
    def difference(self) -> float | None:
        """The canary's rate minus stable's, from the totals."""
        return difference(self.whole.minute) if self.whole else None

    @property
    def adjusted(self) -> float | None:
        """The difference within the minutes, if the totals give a wrong impression because weights or rates changed."""
        return adjusted(self.difference, self.within)
