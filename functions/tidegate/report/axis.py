"""The time axis that all charts of a report share."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from typing import TypeVar

from tidegate.domain.amounts import clock
from tidegate.domain.schedule import DAY, MINUTE, minute_of
from tidegate.report import words
from tidegate.report.counts import BothVersions
from tidegate.report.model import Report

MOST_COLUMNS = 180
"""Most columns; more minutes share a column: a screen has no more pixels, and the page stays small."""

BEFORE, AFTER = 2, 4
"""Minutes that are shown before the first shift and after the end."""

LABELS = 8
NICE_MINUTES = (1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 1440, 2880, 5760)

Value = TypeVar("Value")


@dataclass(frozen=True)
class Axis:
    """`columns` of `width` seconds each, from `start` on (a whole minute, seconds since 1970)."""

    start: int
    columns: int
    width: int = MINUTE

    @classmethod
    def of(cls, report: Report, *, most: int = MOST_COLUMNS) -> "Axis | None":
        """Return the axis from before the first shift to after the end, in `most` columns; None without a shift."""
        if not report.shifts:
            return None
        start = minute_of(report.shifts[0].at) - BEFORE * MINUTE
        after = 0 if report.ended is None else AFTER * MINUTE
        minutes = ceil((minute_of(report.until) + MINUTE + after - start) / MINUTE)
        together = ceil(minutes / most)
        return cls(start, ceil(minutes / together), together * MINUTE)

    @property
    def end(self) -> int:
        return self.start + self.columns * self.width

    def at(self, seconds: float) -> float:
        """Return the position of a moment, in columns."""
        return min(max(0.0, (seconds - self.start) / self.width), float(self.columns))

    def percent(self, seconds: float) -> str:
        return f"{100 * self.at(seconds) / self.columns:.4g}%"

    def written(self, seconds: int) -> str:
        """Format a moment for this axis: with its day if there are several days."""
        return clock(seconds) if self.end - self.start <= DAY else words.day_and_clock(seconds)

    def labels(self) -> Iterator[int]:
        """Return the moments to write below the charts: round ones, at most about eight."""
        span = (self.end - self.start) / MINUTE
        pause = next((each for each in NICE_MINUTES if span / each <= LABELS), NICE_MINUTES[-1]) * MINUTE
        first = ceil(self.start / pause) * pause
        yield from range(first, self.end, pause)

    def pairs(self, minutes: Mapping[int, BothVersions]) -> list[BothVersions]:
        """Add up minutes by column; a column without any is Pair()."""
        found = [BothVersions()] * self.columns
        for minute, pair in minutes.items():
            if self.start <= minute < self.end:
                column = (minute - self.start) // self.width
                found[column] += pair
        return found

    def largest(self, series: Mapping[int, float]) -> list[float | None]:
        """Return the largest value of each column, None if there is none: percentiles have no sum."""
        found: list[float | None] = [None] * self.columns
        for minute, value in series.items():
            if self.start <= minute < self.end:
                column = (minute - self.start) // self.width
                found[column] = max(value, found[column] or 0.0)
        return found
