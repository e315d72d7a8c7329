"""Counts of calls by the minute."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tidegate.domain.schedule import HOUR, MINUTE


@dataclass(frozen=True, slots=True)
class Minute:
    """Calls of both versions in one minute, and how many of them were bad.

    `weight` is a fraction: the larger of the canary's weights if it changed within the minute, or
    the canary's weight if calls of the minute may still be running; otherwise None.

    Raises
    ------
    ValueError
        A count is not a whole number or is below zero, or more were bad than there were.
    """

    canary_total: int = 0
    canary_bad: int = 0
    stable_total: int = 0
    stable_bad: int = 0
    weight: float | None = None

    def __post_init__(self) -> None:
        check_counts("canary", self.canary_total, self.canary_bad)
        check_counts("stable", self.stable_total, self.stable_bad)
        if self.weight is not None and not 0 <= self.weight <= 1:
            raise ValueError(f"weight is a fraction from 0 to 1, not {self.weight!r}")

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """The canary's calls and bad ones, then stable's."""
        return self.canary_total, self.canary_bad, self.stable_total, self.stable_bad

    @property
    def total(self) -> int:
        return self.canary_total + self.stable_total

    @property
    def bad(self) -> int:
        return self.canary_bad + self.stable_bad

    @property
    def comparable(self) -> bool:
        """Return whether both versions ran; a minute with only one version allows no comparison."""
        return self.canary_total > 0 and self.stable_total > 0

    @property
    def weighed(self) -> bool:
        """Return whether it counts as evidence.

        If calls may still be running, the canary may have run without a call that ended: bad calls of stable then speak
        for it. Without such minutes, those would remain in which the canary failed at once.
        """
        return self.stable_total > 0 and (self.canary_total > 0 or bool(self.weight))

    @property
    def size(self) -> float:
        """The weight of the minute's difference of rates; only where both versions ran."""
        return self.canary_total * self.stable_total / self.total

    @property
    def difference(self) -> float:
        """The difference of the versions' rates of bad calls, times `size`."""
        return (self.canary_bad * self.stable_total - self.stable_bad * self.canary_total) / self.total

    @property
    def share(self) -> float:
        """The canary's share of the invocations."""
        return self.canary_total / self.total

    @property
    def fair_share(self) -> float:
        """The canary's expected share of the bad ones if both versions fail equally often.

        If the weight changed within the minute, it is at least the larger weight: a short
        brown-out may meet a split that the minute's totals do not show. If calls may still be
        running, it is at least the weight: the errors of a slow canary appear before its other calls.
        """
        return self.share if self.weight is None else max(self.share, self.weight)


def check_counts(version: str, total: int, bad: int) -> None:
    for name, count in (("total", total), ("bad", bad)):
        if not isinstance(count, int) or isinstance(count, bool) or count < 0:
            raise ValueError(f"{version}_{name} is a whole number from 0 up, not {count!r}")
    if bad > total:
        raise ValueError(f"{version}_bad is {bad} of only {total} invocations; take max(Invocations, Errors)")


def totals(minutes: Sequence[Minute]) -> Minute:
    """Add up all minutes, only for people; judged data is never pooled."""
    return Minute(
        sum(minute.canary_total for minute in minutes),
        sum(minute.canary_bad for minute in minutes),
        sum(minute.stable_total for minute in minutes),
        sum(minute.stable_bad for minute in minutes),
    )


_LARGEST = 50.0
_ENOUGH_BAD, _FEWEST_BAD = 20, 2
RETRIED_EVENTS_FLOOR = 2.0
"""Least dispersion where the alias receives asynchronous or stream events: a bad event comes back as often as it is
retried, and whether a retry draws its version again is not documented."""


@dataclass(frozen=True, slots=True)
class Calls:
    """Invocations of one version in one minute, and how many of them were bad.

    Raises
    ------
    ValueError
        A count is not a whole number or is below zero, or more were bad than there were.
    """

    total: int
    bad: int = 0

    def __post_init__(self) -> None:
        check_counts("calls", self.total, self.bad)


def dispersion(before: Mapping[int, Calls], *, floor: float = 1.0) -> float:
    """How many times more than by chance stable's rate of bad calls varies from minute to minute.

    `before` has stable's minutes before the release, by their starts (seconds since 1970): a day of them, of which the
    newest hour counts if 20 calls were bad in it, and all of them otherwise. A quiet function may have no burst in
    an hour, and the next burst would look like a regression. Only adjacent minutes are compared, so a slow
    drift of the rate does not count. From `floor` to 50; `floor` if fewer than two calls were bad. A brown-out
    that began or ended in that time also counts as dispersion: the judge is then slower, never less strict.
    """
    newest = max(before, default=0) - HOUR
    hour = {start: calls for start, calls in before.items() if start > newest}
    enough = sum(calls.bad for calls in hour.values()) >= _ENOUGH_BAD
    return min(_LARGEST, max(floor, _jumps(hour if enough else before)))


def _jumps(minutes: Mapping[int, Calls]) -> float:
    """Return the mean of the squared differences, each divided by its expectation."""
    total, bad = sum(each.total for each in minutes.values()), sum(each.bad for each in minutes.values())
    if bad < _FEWEST_BAD or bad == total:
        return 0.0
    rate = bad / total
    jumps = [
        (now.bad / now.total - then.bad / then.total) ** 2 / (rate * (1 - rate) * (1 / now.total + 1 / then.total))
        for start, now in minutes.items()
        if now.total and (then := minutes.get(start - MINUTE)) and then.total
    ]
    return sum(jumps) / len(jumps) if jumps else 0.0
