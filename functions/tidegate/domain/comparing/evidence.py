"""What is known of both versions by the minute: counts of calls, and when the weights changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tidegate.domain.comparing.measure import Measure
from tidegate.domain.schedule import MINUTE, minute_of


@dataclass(frozen=True)
class Counts:
    """Calls and bad ones of both versions in the minute that begins at `start`."""

    start: int
    canary_total: int = 0
    canary_bad: int = 0
    stable_total: int = 0
    stable_bad: int = 0

    def row(self) -> list[int]:
        return [self.start, self.canary_total, self.canary_bad, self.stable_total, self.stable_bad]


@dataclass(frozen=True)
class Reading:
    """Counts of one target by the name of the measure.

    `problem` says why CloudWatch did not answer whole. Measures that it did not answer have no entry in `counts`.
    `counted` are those with a count of bad calls, be it 0, in any minute.
    """

    counts: Mapping[str, tuple[Counts, ...]] = field(default_factory=dict)
    problem: str | None = None
    counted: frozenset[str] = frozenset()

    def of(self, measure: str) -> tuple[Counts, ...]:
        return self.counts.get(measure, ())

    def has(self, measures: Iterable[Measure]) -> bool:
        """Whether all of them were answered."""
        return self.problem is None and all(each.name in self.counts for each in measures)

    def within(self, start: int, end: int) -> "Reading":
        """Give the minutes from `start` up to `end` (exclusive)."""
        kept = {name: tuple(each for each in of if start <= each.start < end) for name, of in self.counts.items()}
        return replace(self, counts=kept)


@dataclass(frozen=True)
class Shift:
    """A change of weight (percent), under way from `at` to `until` (seconds since 1970)."""

    at: int
    weight: float
    until: int


def weights_in(start: int, shifts: Sequence[Shift]) -> list[float]:
    """Give the canary's weights (fractions) in the minute that begins at `start`; several where it changed."""
    changed = [shift.weight / 100 for shift in shifts if minute_of(shift.at) < start + MINUTE and shift.until >= start]
    before = [shift.weight / 100 for shift in shifts if shift.until < start]
    return [*changed, before[-1] if before else 0.0] if changed else before[-1:]
