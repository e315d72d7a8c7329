"""One version's calls in one minute, and how restless they were before the release."""

from collections.abc import Mapping
from dataclasses import dataclass

from tidegate.domain.judge.minute import check_counts

_LARGEST = 50.0
_HOUR = 3600
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
        A count is no whole number, is below zero, or more were bad than there were.
    """

    total: int
    bad: int = 0

    def __post_init__(self) -> None:
        check_counts("calls", self.total, self.bad)


def dispersion(before: Mapping[int, Calls], *, floor: float = 1.0) -> float:
    """How many times as much stable's rate of bad calls jumps from minute to minute as chance alone would have it.

    `before` has stable's minutes before the release, by their starts (seconds since 1970): a day of them, of which the
    newest hour counts if 20 calls were bad in it, and all of them otherwise. A quiet function may go an hour without
    one of its bursts, and would take the next one for a regression. Only neighbours are compared, so a slow
    drift of the rate counts for nothing. From `floor` to 50; `floor` where fewer than two calls were bad. A brown-out
    that began or ended in that time counts as restlessness too: the judge is slower then, never rasher.
    """
    newest = max(before, default=0) - _HOUR
    hour = {start: calls for start, calls in before.items() if start > newest}
    enough = sum(calls.bad for calls in hour.values()) >= _ENOUGH_BAD
    return min(_LARGEST, max(floor, _jumps(hour if enough else before)))


def _jumps(minutes: Mapping[int, Calls]) -> float:
    """Give the mean of the squared jumps, each over what chance would have it be."""
    total, bad = sum(each.total for each in minutes.values()), sum(each.bad for each in minutes.values())
    if bad < _FEWEST_BAD or bad == total:
        return 0.0
    rate = bad / total
    jumps = [
        (now.bad / now.total - then.bad / then.total) ** 2 / (rate * (1 - rate) * (1 / now.total + 1 / then.total))
        for start, now in minutes.items()
        if now.total and (then := minutes.get(start - 60)) and then.total
    ]
    return sum(jumps) / len(jumps) if jumps else 0.0
