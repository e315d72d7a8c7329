"""One minute of counts, as the judge reads it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Minute:
    """Invocations of both versions in one minute, and how many of them were bad.

    `weight` is a fraction: the larger of the canary's weights where it changed within the minute, and the canary's
    weight where calls of the minute may still be running. None where neither is so.

    Raises
    ------
    ValueError
        A count is no whole number, is below zero, or more were bad than there were.
    """

    canary_total: int
    canary_bad: int
    stable_total: int
    stable_bad: int
    weight: float | None = None

    def __post_init__(self) -> None:
        check_counts("canary", self.canary_total, self.canary_bad)
        check_counts("stable", self.stable_total, self.stable_bad)
        if self.weight is not None and not 0 <= self.weight <= 1:
            raise ValueError(f"weight is a fraction from 0 to 1, not {self.weight!r}")

    @property
    def total(self) -> int:
        return self.canary_total + self.stable_total

    @property
    def bad(self) -> int:
        return self.canary_bad + self.stable_bad

    @property
    def comparable(self) -> bool:
        """Whether both versions ran; a minute in which one did says nothing of the other."""
        return self.canary_total > 0 and self.stable_total > 0

    @property
    def share(self) -> float:
        """The canary's part of the invocations."""
        return self.canary_total / self.total

    @property
    def fair_share(self) -> float:
        """The part of the bad ones that the canary may have if both fail alike.

        Where the weight changed within the minute it is never taken below the larger weight: a short
        brown-out just then falls on a split that the minute's totals do not show. Where calls may still be
        running, never below the weight: of a canary that has become slow, the errors are there before the rest.
        """
        return self.share if self.weight is None else max(self.share, self.weight)


def check_counts(version: str, total: int, bad: int) -> None:
    for name, count in ((f"{version}_total", total), (f"{version}_bad", bad)):
        if not isinstance(count, int) or isinstance(count, bool) or count < 0:
            raise ValueError(f"{name} is a whole number from 0 up, not {count!r}")
    if bad > total:
        raise ValueError(f"{version}_bad is {bad} of only {total} invocations; take max(Invocations, Errors)")
