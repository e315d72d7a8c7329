"""Hours whose counts change no more: they are kept, and need not be read from CloudWatch again at every tick."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from tidegate.domain.comparing.evidence import Counts, Reading
from tidegate.domain.comparing.measure import Measure
from tidegate.domain.schedule import MINUTE, minute_of

HOUR = 60 * MINUTE

LATE = HOUR
"""How long after its end an hour is still read again. A point comes when its call has ended, a quarter of an hour
after its start at most (Lambda quotas); the rest is for what CloudWatch itself, or whoever counts, is late."""

Readings = Mapping[str, Reading]
"""By target name."""


def hour_of(seconds: int) -> int:
    """Start of the hour that `seconds` lies in."""
    return seconds - seconds % HOUR


def read_since(first_shift: int, kept: Collection[int]) -> int:
    """Give the first minute that CloudWatch has to be asked for: that of the first hour that is not kept."""
    hour = hour_of(first_shift)
    while hour in kept:
        hour += HOUR
    return max(hour, minute_of(first_shift))


def joined(kept: Mapping[int, Readings], since: int, fresh: Readings) -> dict[str, Reading]:
    """Put the kept hours before `since` in front of what was read afresh.

    A measure that CloudWatch did not answer just now is left out as a whole, as if all of it had been read.
    """
    hours = [kept[hour] for hour in sorted(kept) if hour < since]
    return {name: _joined([of[name] for of in hours if name in of], reading) for name, reading in fresh.items()}


def _joined(parts: Sequence[Reading], fresh: Reading) -> Reading:
    counts = {measure: (*_all(parts, measure), *minutes) for measure, minutes in fresh.counts.items()}
    return replace(fresh, counts=counts, counted=fresh.counted.union(*(part.counted for part in parts)))


def _all(parts: Iterable[Reading], measure: str) -> Iterable[Counts]:
    return (each for part in parts for each in part.of(measure))


def complete_hours(
    fresh: Readings, expected: Mapping[str, Sequence[Measure]], since: int, until: int
) -> dict[int, dict[str, Reading]]:
    """Give the hours to keep, of what was read from `since` up to `until`: old ones, once every measure was answered.

    An hour in which nothing was called is kept too, as one without counts.
    """
    whole = bool(fresh) and all(fresh[name].has(measures) for name, measures in expected.items())
    hours = range(hour_of(since), until - HOUR - LATE + 1, HOUR) if whole else ()
    return {hour: {name: reading.within(hour, hour + HOUR) for name, reading in fresh.items()} for hour in hours}
