"""Every metric by minute; points become visible some time after they were made."""

import heapq
from collections.abc import Callable, Iterable
from itertools import count
from threading import Lock
from typing import NamedTuple, TypeVar

from localcloud.cloudwatch.minute import Minute, merged

SECONDS = 60
T = TypeVar("T")
Dimensions = frozenset[tuple[str, str]]


class Key(NamedTuple):
    """Identifies a metric: another set of dimensions is another metric."""

    namespace: str
    name: str
    dimensions: Dimensions


class Point(NamedTuple):
    """One value, `times` times; `at` is emulated epoch seconds."""

    key: Key
    at: float
    value: float
    unit: str = "None"
    times: float = 1.0


class Store:
    """Points by metric and minute. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._minutes: dict[Key, dict[int, Minute]] = {}
        self._units: dict[Key, str] = {}
        self._late: list[tuple[float, int, tuple[Point, ...]]] = []
        self._order = count()

    def put(self, points: Iterable[Point]) -> None:
        """Keep points that can be seen at once."""
        with self._lock:
            self._keep(points)

    def put_late(self, points: Iterable[Point], visible_at: float) -> None:
        """Keep points that can be seen from `visible_at` on."""
        with self._lock:
            heapq.heappush(self._late, (visible_at, next(self._order), tuple(points)))

    def put_set(self, point: Point, total: float, minimum: float, maximum: float) -> None:
        """Keep a statistic set; `point` says of what and how many."""
        with self._lock:
            self._minute(point).add_set(point.times, total, minimum, maximum)

    def publish(self, now: float) -> None:
        """Make visible what is due by `now`."""
        with self._lock:
            while self._late and self._late[0][0] <= now:
                self._keep(heapq.heappop(self._late)[2])

    def read(
        self, key: Key, window: tuple[float, float], period: int, take: Callable[[Minute], T]
    ) -> list[tuple[int, T]]:
        """Return what `take` makes of each period with data that begins in the window, the oldest first.

        The window has its start (rounded down to the minute) and not its end.
        """
        with self._lock:
            minutes = self._minutes.get(key)
            if not minutes:
                return []
            first = int(window[0] // SECONDS) * SECONDS
            covered = _covered(minutes, first, window[1])
            known = [(minute, minutes[minute]) for minute in covered if minute in minutes]
            periods = known if period == SECONDS else _grouped(known, period)
            return [(begin, take(seen)) for begin, seen in periods]

    def unit(self, key: Key) -> str:
        return self._units.get(key, "None")

    def known(self) -> list[Key]:
        with self._lock:
            return list(self._minutes)

    def clear(self) -> None:
        with self._lock:
            self._minutes.clear()
            self._units.clear()
            self._late.clear()

    def _keep(self, points: Iterable[Point]) -> None:
        for point in points:
            self._minute(point).add(point.value, point.times)

    def _minute(self, point: Point) -> Minute:
        self._units.setdefault(point.key, point.unit)
        start = int(point.at // SECONDS) * SECONDS
        return self._minutes.setdefault(point.key, {}).setdefault(start, Minute())


def _covered(minutes: dict[int, Minute], first: int, end: float) -> Iterable[int]:
    """Name the minutes to look at, by the shorter way: the window's or the known ones."""
    window = range(first, int(-(-end // 1)), SECONDS)
    if len(window) <= len(minutes):
        return window
    return sorted(minute for minute in minutes if first <= minute < end)


def _grouped(known: list[tuple[int, Minute]], period: int) -> list[tuple[int, Minute]]:
    groups: dict[int, list[Minute]] = {}
    for start, minute in known:
        groups.setdefault(start - start % period, []).append(minute)
    return [(start, merged(minutes)) for start, minutes in groups.items()]
