"""Counts of both versions by minute, from CloudWatch and from complete hours."""

from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf

from tidegate.domain.analysis.measure import Measure
from tidegate.domain.judge import Minute
from tidegate.domain.schedule import HOUR, MINUTE, minute_of
from tidegate.domain.strategy import WHOLE

Minutes = Mapping[int, Minute]
"""By their starts (seconds since 1970), in order of time."""


@dataclass(frozen=True)
class Reading:
    """Counts of one target by the name of the measure.

    `problem` says why CloudWatch's answer is incomplete. Missing measures have no entry in `counts`.
    `counted` are those with a count of bad calls, be it 0, in any minute.
    """

    counts: Mapping[str, Minutes] = field(default_factory=dict)
    problem: str | None = None
    counted: frozenset[str] = frozenset()

    def of(self, measure: str) -> Minutes:
        return self.counts.get(measure, {})

    def has(self, measures: Iterable[Measure]) -> bool:
        """Return whether CloudWatch returned all of them."""
        return self.problem is None and all(each.name in self.counts for each in measures)

    def within(self, start: int, end: float = inf) -> "Reading":
        """Return the minutes from `start` up to `end` (exclusive)."""
        kept = {name: {at: each for at, each in of.items() if start <= at < end} for name, of in self.counts.items()}
        return replace(self, counts=kept)


@dataclass(frozen=True)
class Shift:
    """A change of weight (percent), in progress from `at` to `until` (seconds since 1970), of one wave or of all."""

    at: int
    weight: float
    until: int
    wave: int | None = None


def shifts_of(wave: int, shifts: Sequence[Shift]) -> tuple[Shift, ...]:
    """Return the changes of weight of a wave's targets."""
    return tuple(shift for shift in shifts if shift.wave in {None, wave})


def compared(wave: int, shifts: Sequence[Shift], reading: Reading) -> tuple[Sequence[Shift], Reading]:
    """Return a wave's changes of weight while its traffic was split, and the minutes of that time.

    In the minutes before its first shift and after its promotion there is nothing to compare.
    """
    own = shifts_of(wave, shifts)
    split = tuple(shift for shift in own if shift.weight < WHOLE)
    if len(split) == len(shifts) or not split:
        return split, reading
    promoted = [minute_of(shift.at) for shift in own if shift not in split]
    return split, reading.within(minute_of(split[0].at), *promoted[:1])


def weights_in(start: int, shifts: Sequence[Shift]) -> list[float]:
    """Return the canary's weights (fractions) in the minute that begins at `start`; several where it changed."""
    changed = [shift.weight / 100 for shift in shifts if minute_of(shift.at) < start + MINUTE and shift.until >= start]
    before = [shift.weight / 100 for shift in shifts if shift.until < start]
    return [*changed, before[-1] if before else 0.0] if changed else before[-1:]


WARM_CALLS, WARM_MINUTES = 10, 15
"""So many calls of the canary in so many minutes before: with fewer, most calls are the first ones of a sandbox."""


def warm_minutes(minutes: Minutes) -> list[int]:
    """Return the starts of the minutes in which the canary's sandboxes are warm, by its calls before them.

    The first calls of a sandbox are often slow: caches are empty, connections are opened, code is compiled. Few of
    stable's sandboxes are fresh; a canary that is called rarely runs in a fresh one most of the time. Only the number
    of calls decides, never how many were slow, so an e-value of these minutes stays one.
    """
    found, recent, calls = list[int](), deque[tuple[int, int]](), 0
    for start, minute in minutes.items():
        while recent and recent[0][0] < start - WARM_MINUTES * MINUTE:
            calls -= recent.popleft()[1]
        if calls >= WARM_CALLS:
            found.append(start)
        recent.append((start, minute.canary_total))
        calls += minute.canary_total
    return found


LATE = HOUR
"""How long after its end an hour is still read again. A point comes when its call has ended, a quarter of an hour
after its start at most (Lambda quotas); the rest is for what CloudWatch itself, or whoever counts, is late."""

Readings = Mapping[str, Reading]
"""By target name."""


def hour_of(seconds: int) -> int:
    """Start of the hour that `seconds` lies in."""
    return seconds - seconds % HOUR


def read_since(first_shift: int, kept: Collection[int]) -> int:
    """Return the first minute to read from CloudWatch: the start of the first hour that is not kept."""
    hour = hour_of(first_shift)
    while hour in kept:
        hour += HOUR
    return max(hour, minute_of(first_shift))


def joined(kept: Mapping[int, Readings], since: int, fresh: Readings) -> dict[str, Reading]:
    """Put the kept hours before `since` in front of the new readings.

    A measure that is missing in the new readings is omitted completely.
    """
    hours = [kept[hour] for hour in sorted(kept) if hour < since]
    return {name: _joined([of[name] for of in hours if name in of], reading) for name, reading in fresh.items()}


def _joined(parts: Sequence[Reading], fresh: Reading) -> Reading:
    counts = {name: _together([part.of(name) for part in parts], minutes) for name, minutes in fresh.counts.items()}
    return replace(fresh, counts=counts, counted=fresh.counted.union(*(part.counted for part in parts)))


def _together(kept: Iterable[Minutes], fresh: Minutes) -> Minutes:
    return {start: minute for minutes in (*kept, fresh) for start, minute in minutes.items()}


def complete_hours(
    fresh: Readings, expected: Mapping[str, Sequence[Measure]], since: int, until: int
) -> dict[int, dict[str, Reading]]:
    """Return the hours to keep from the readings between `since` and `until`: old hours with all measures.

    An hour without calls is also kept, without counts.
    """
    whole = bool(fresh) and all(fresh[name].has(measures) for name, measures in expected.items())
    hours = range(hour_of(since), until - HOUR - LATE + 1, HOUR) if whole else ()
    return {hour: {name: reading.within(hour, hour + HOUR) for name, reading in fresh.items()} for hour in hours}
