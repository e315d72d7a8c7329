"""What a schedule can see, in words."""

from dataclasses import dataclass

from tidegate.domain.alias import percent
from tidegate.domain.judge.sentence import many

BLIND = "nothing, not even a version that fails every call"

UNEVEN = 1.5
"""Dispersion from which on a person should know why so little is seen."""

MOST_STEPS = 4
"""Steps that are told one by one."""


@dataclass(frozen=True, slots=True)
class StepForecast:
    """What one step can see at `calls_per_minute`.

    `sees` is the smallest regression (a difference of rates) that matters and is found four times in five by the end
    of the step's bake, on all minutes since the first shift; None: not even if every call failed. `must_see` is what a
    pass asks for at this weight, `minutes` how many of the step's own will likely pass until it is known; None:
    more than the step may take.
    """

    weight: float
    bake_minutes: int
    sees: float | None
    must_see: float
    minutes: int | None
    calls_per_minute: float

    @property
    def stay(self) -> str:
        return f"{percent(self.weight / 100)} for {many(self.bake_minutes, 'minute')}"

    @property
    def rate(self) -> str:
        return f"At {rounded(self.calls_per_minute / 60)} rps,"

    @property
    def summary(self) -> str:
        sight = BLIND if self.sees is None else f"nothing smaller than {rounded(100 * self.sees)} points"
        return f"{self.rate} {self.stay} sees {sight}"


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the whole schedule can see, at `calls_per_minute`; `basis` says where that comes from.

    It takes `dispersion` times as many calls to see as much, because stable's errors came in bursts.
    """

    calls_per_minute: float
    basis: str
    steps: tuple[StepForecast, ...]
    warnings: tuple[str, ...]
    dispersion: float = 1.0

    @property
    def summary(self) -> str:
        """Say what is expected, and what the steps see of it: the first and the last one, where there are many."""
        shown = self.steps if len(self.steps) <= MOST_STEPS else (self.steps[0], self.steps[-1])
        return " ".join([self._traffic, *(_told(shown) if self.calls_per_minute else [])])

    @property
    def _traffic(self) -> str:
        if not self.calls_per_minute:
            return f"no calls are expected ({self.basis})."
        expected = f"{rounded(self.calls_per_minute)} calls a minute are expected ({self.basis})."
        if self.dispersion < UNEVEN:
            return expected
        times = f"{rounded(self.dispersion)} times as"
        return (
            f"{expected} In the last hour errors came {times} unevenly as by chance (a brown-out does that), so it "
            f"takes {times} many calls to see as much."
        )


def _told(steps: tuple[StepForecast, ...]) -> list[str]:
    """Say of each step what it sees; of all that see nothing at once."""
    blind = [step for step in steps if step.sees is None]
    if len(blind) < 2:
        return [f"{step.summary}." for step in steps]
    stays = [step.stay for step in blind]
    together = f"{blind[0].rate} {', '.join(stays[:-1])} and {stays[-1]} see {BLIND}."
    return [together, *(f"{step.summary}." for step in steps if step.sees is not None)]


def rounded(value: float) -> str:
    return f"{value:.2g}" if value < 10 else f"{value:.0f}"
