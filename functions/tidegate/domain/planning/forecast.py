"""The planner: what each step of a schedule can detect at a rate of calls."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tidegate.domain.alias import percent
from tidegate.domain.judge import needed_information, planned_information, step_mde
from tidegate.domain.planning.step_table import rounded
from tidegate.domain.schedule import HOUR, MINUTE, WEEK, minute_of
from tidegate.domain.strategy import Step, Strategy

UNEVEN = 1.5
"""Dispersion from which on the forecast explains why so little is detected."""


@dataclass(frozen=True, slots=True)
class StepForecast:
    """What one step can detect at the expected traffic.

    `sees` is the smallest regression (a difference of rates) that is detected four times out of five by the end
    of the step, with all minutes since the first shift; None: not even if every call fails. `must_see` is the
    regression that a pass must rule out at this weight; `minutes` of this step are probably needed for that; None:
    more than the step may take.
    """

    weight: float
    bake_minutes: int
    sees: float | None
    must_see: float
    minutes: int | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the whole schedule can detect at `calls_per_minute`; `basis` is the source of that number.

    It needs `dispersion` times as many calls to detect the same, because stable's errors came in bursts.
    """

    calls_per_minute: float
    basis: str
    steps: tuple[StepForecast, ...]
    warnings: tuple[str, ...]
    dispersion: float = 1.0

    @property
    def traffic(self) -> str:
        """Describe the expected traffic, and what makes it hard to judge."""
        if not self.calls_per_minute:
            return f"no calls are expected ({self.basis})."
        expected = f"{rounded(self.calls_per_minute)} calls a minute are expected ({self.basis})."
        if self.dispersion < UNEVEN:
            return expected
        times = f"{rounded(self.dispersion)} times as"
        return (
            f"{expected} In the last hour, errors were {times} uneven as chance explains (as in a brown-out), so it "
            f"takes {times} many calls to detect the same."
        )


def longest_bakes(strategy: Strategy, max_bake_minutes: int) -> list[int]:
    """Return the minutes of each step while the evidence stays inconclusive."""
    return [step.longest(max_bake_minutes if strategy.bakes_on else 0) for step in strategy.steps]


def canary_calls(calls: Mapping[int, int], *, now: int, strategy: Strategy, max_bake_minutes: int) -> float:
    """Return the calls of the canary to expect over the whole schedule, at most; for the parameters see `foresee`.

    At the larger of the two means, not the lower one: a function is idle only if it is not called at this hour either.
    """
    longest = longest_bakes(strategy, max_bake_minutes)
    rate = max(_means(calls, now, max(1, sum(longest))))
    return rate * sum(step.weight / 100 * stay for step, stay in zip(strategy.steps, longest, strict=True))


_HALVINGS = 40


def foresee(
    calls: Mapping[int, int],
    *,
    now: int,
    strategy: Strategy,
    max_bake_minutes: int,
    alpha: float = 0.05,
    baseline: float = 0.0,
    min_effect: float = 0.001,
    mde: float = 0.02,
    dispersion: float = 1.0,
) -> Forecast:
    """Return for each step of a schedule what it can detect and its probable duration.

    Parameters
    ----------
    calls
        Invocations of the alias in each minute of the last eight days, by the minutes' starts (seconds since 1970);
        a missing minute had none.
    now
        When the release would start. The expected traffic is the lower of two means: at this time of last week, over
        the longest duration of the release (if the alias was called then), and over the last hour. A mean, because
        information is additive in calls; the lower one, because the warning is about a schedule that is too short for
        its traffic.
    max_bake_minutes
        Longest time of a step while the evidence is inconclusive, if its strategy bakes longer.
    alpha
        That of one target and one metric: the release's over its targets, times the metric's share.
    baseline
        Stable's rate of bad calls; below 0.01 % it is taken as that.
    min_effect, mde, dispersion
        As in `judge`; `mde` is what must be seen at 50 %.
    """
    longest = longest_bakes(strategy, max_bake_minutes)
    rate, basis = _expected(calls, now, max(1, sum(longest)))
    sight = _Sight(rate, baseline, min_effect, mde, needed_information(alpha) * dispersion)
    steps = [sight.through(step, most) for step, most in zip(strategy.steps, longest, strict=True)]
    return Forecast(rate, basis, tuple(steps), tuple(_warnings(strategy, steps, rate)), dispersion)


@dataclass
class _Sight:
    """The data collected through the steps: `periods` of weight and calls so far."""

    rate: float
    base: float
    min_effect: float
    mde: float
    needed: float
    periods: list[tuple[float, float]] = field(default_factory=list)

    def through(self, step: Step, longest: int) -> StepForecast:
        must_see = step_mde(step.weight, self.mde)
        minutes = self._minutes(step, must_see, longest)
        stay = max(step.bake_minutes, longest if minutes is None else minutes)
        sees = self._smallest(step, stay)
        self.periods.append((step.weight / 100, self.rate * stay))
        return StepForecast(step.weight, step.bake_minutes, sees, must_see, minutes)

    def _known(self, step: Step, minutes: int, difference: float) -> float:
        periods = [*self.periods, (step.weight / 100, self.rate * minutes)]
        return planned_information(periods, base=self.base, mde=difference)

    def _minutes(self, step: Step, must_see: float, longest: int) -> int | None:
        return next((n for n in range(1, longest + 1) if self._known(step, n, must_see) >= self.needed), None)

    def _smallest(self, step: Step, minutes: int) -> float | None:
        seen = 1.0 - self.base
        if seen <= 0 or self._known(step, minutes, seen) < self.needed:
            return None
        unseen = 0.0
        for _ in range(_HALVINGS):
            middle = (seen + unseen) / 2
            if self._known(step, minutes, middle) >= self.needed:
                seen = middle
            else:
                unseen = middle
        return max(seen, self.min_effect)


def _expected(calls: Mapping[int, int], now: int, minutes: int) -> tuple[float, str]:
    """Return the calls a minute to expect, and where the number comes from."""
    hour, *earlier = _means(calls, now, minutes)
    if not earlier:
        return hour, "the last hour's mean"
    (week,) = earlier
    if hour <= week:
        return hour, f"the last hour's mean; at this time of last week it was {rounded(week)}"
    return week, f"the mean at this time of last week; in the last hour it was {rounded(hour)}"


def _means(calls: Mapping[int, int], now: int, minutes: int) -> list[float]:
    """Return the calls a minute in the last hour and, if the alias was called then, at this time of last week."""
    then = minute_of(now) - WEEK
    hour = _mean(calls, minute_of(now) - HOUR, HOUR // MINUTE)
    if not calls or min(calls) >= then + minutes * MINUTE:
        return [hour]
    return [hour, _mean(calls, then, minutes)]


def _mean(calls: Mapping[int, int], start: int, minutes: int) -> float:
    return sum(calls.get(start + MINUTE * n, 0) for n in range(minutes)) / minutes


def _warnings(strategy: Strategy, steps: Sequence[StepForecast], rate: float) -> Iterator[str]:
    if not steps:
        yield f"{strategy.name} compares nothing: every call goes to the new version at once"
        return
    if not rate:
        yield "Nothing can be detected: release when there is traffic"
        return
    for step in steps:
        asked = f"{percent(step.weight / 100)}: a regression of {rounded(100 * step.must_see)} points"
        if step.minutes is None and strategy.bakes_on:
            yield f"{asked} probably cannot be ruled out within max_bake: the step stays inconclusive"
        elif step.minutes is None:
            yield f"{asked} probably cannot be detected: bake longer or start with a higher weight"
