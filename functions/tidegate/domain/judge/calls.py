"""One version's calls in one minute, and how restless its failures were before the release."""

from collections.abc import Mapping
from dataclasses import dataclass

from tidegate.domain.judge.minute import check_counts

_LARGEST = 50.0
_FEWEST_BAD = 20
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

    `before` has stable's minutes of the hour before the release, by their starts (seconds since 1970). Only
    neighbours are compared, so a slow drift of the rate counts for nothing. From `floor` to 50, and `floor` where
    fewer than 20 were bad. A brown-out that began or ended in that hour counts as restlessness too: the
    judge is slower then, never rasher.
    """
    total, bad = sum(each.total for each in before.values()), sum(each.bad for each in before.values())
    if bad < _FEWEST_BAD or bad == total:
        return floor
    rate = bad / total
    jumps = [
        (now.bad / now.total - then.bad / then.total) ** 2 / (rate * (1 - rate) * (1 / now.total + 1 / then.total))
        for start, now in before.items()
        if now.total and (then := before.get(start - 60)) and then.total
    ]
    if not jumps:
        return floor
    return min(_LARGEST, max(floor, sum(jumps) / len(jumps)))
