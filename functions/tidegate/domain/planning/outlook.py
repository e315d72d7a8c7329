"""What a release can detect and what traffic it expects, for all its targets, as text and as ledger items."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tidegate.domain.metric import ERRORS
from tidegate.domain.plan import IDLE, ReleasePlan
from tidegate.domain.planning.forecast import Forecast, canary_calls, foresee, longest_bakes
from tidegate.domain.planning.plan_builder import AROUND_A_STEP
from tidegate.domain.truncation import and_more, first_sentences

EFFORT = 20_000
"""Most targets * steps * steps that are computed: a second or two in Plan."""

NAMED = 2
"""Most warnings in a sentence."""

NAMED_GUARDS = 3
"""Most alarms that a sentence describes."""


@dataclass(frozen=True)
class ExpectedTraffic:
    """Calls of an alias by the starts of minutes, and the rate of failed ones in the last hour."""

    calls: Mapping[int, int]
    failing: float = 0.0
    dispersion: float = 1.0


@dataclass(frozen=True)
class Outlook:
    """Forecasts by target name; `problem` says why there are none. `guards` say what each alarm can detect.

    `batches` says which failures the metrics of the versions do not count (batch_failures). `idle` are the targets
    for which fewer than ten calls of the canary are expected over the whole schedule, with that number.
    """

    forecasts: Mapping[str, Forecast] = field(default_factory=dict)
    problem: str = ""
    guards: tuple[str, ...] = ()
    batches: str = ""
    idle: Mapping[str, float] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """Describe what the metrics and the alarms can detect; empty if nothing is compared."""
        return " ".join(filter(None, [self._of_targets, self.batches, self._of_guards]))

    @property
    def _of_guards(self) -> str:
        if not self.guards:
            return ""
        return f"Alarms: {first_sentences(self.guards, NAMED_GUARDS)}."

    @property
    def _of_targets(self) -> str:
        """Describe the target with the least traffic, which detects least."""
        if self.problem:
            return f"It is unknown what the schedule can detect: CloudWatch could not be read ({self.problem})."
        if not self.forecasts:
            return ""
        name, quietest = min(self.forecasts.items(), key=lambda each: each[1].calls_per_minute)
        if name in self.idle:
            return f"{name}: {quietest.summary}"
        warnings = [f"{warning}." for warning in quietest.warnings[:NAMED]]
        more = and_more(quietest.warnings, NAMED)
        return " ".join([f"{name}: {quietest.summary}", *warnings, *([f"{more.capitalize()}."] if more else [])])

    def rows(self) -> dict[str, dict[str, Any]]:
        """Return each forecast in short form.

        Calls per minute, warnings, and for each step its weight, detectable regression and minutes.
        """
        return {
            name: {
                "calls_per_minute": round(each.calls_per_minute, 4),
                "basis": each.basis,
                "warnings": list(each.warnings[: NAMED * 2]),
                "steps": [[step.weight, step.sees, step.minutes] for step in each.steps],
            }
            for name, each in self.forecasts.items()
        }


def outlook(plan: ReleasePlan, traffic: Mapping[str, ExpectedTraffic], now: int) -> Outlook:
    """Forecast the targets with existing aliases; each has its share of alpha, and errors their share of that.

    To save time in Plan, many targets with many steps are reduced to those with the least traffic, which detect least.
    """
    most = max(1, EFFORT // max(1, len(plan.strategy.steps)) ** 2)
    quietest = sorted(traffic, key=lambda name: sum(traffic[name].calls.values()))[:most]
    expected = {
        name: canary_calls(each.calls, now=now, strategy=plan.strategy, max_bake_minutes=plan.max_bake_minutes)
        for name, each in traffic.items()
        if plan.strategy.steps
    }
    share = next((metric.weight for metric in plan.metrics if metric.name == ERRORS and metric.gates), 1.0)
    return Outlook(
        {
            name: foresee(
                traffic[name].calls,
                now=now,
                strategy=plan.strategy,
                max_bake_minutes=plan.max_bake_minutes,
                alpha=plan.alpha * share / max(1, len(plan.targets)),
                baseline=traffic[name].failing,
                min_effect=plan.min_effect,
                mde=plan.mde,
                dispersion=traffic[name].dispersion,
            )
            for name in quietest
        },
        idle={name: calls for name, calls in expected.items() if calls < IDLE},
    )


def with_expectation(plan: ReleasePlan, ahead: Outlook) -> ReleasePlan:
    """Return the plan with its idle targets and its likely duration; unknown traffic changes nothing."""
    targets = tuple(replace(each, idle=each.name in ahead.idle and not each.live) for each in plan.targets)
    busy = [forecast for name, forecast in ahead.forecasts.items() if name not in ahead.idle]
    minutes = list(_likely_minutes(plan, busy))
    undecided = tuple(step.weight for step, stay in zip(plan.strategy.steps, minutes, strict=True) if stay is None)
    longest = longest_bakes(plan.strategy, plan.max_bake_minutes)
    stays = [most if stay is None else stay for stay, most in zip(minutes, longest, strict=True)]
    late = undecided or any(stay > step.bake_minutes for stay, step in zip(stays, plan.strategy.steps, strict=True))
    return replace(
        plan,
        targets=targets,
        likely_minutes=sum(stays) + AROUND_A_STEP * len(stays) if late else 0,
        likely_undecided=undecided,
    )


def _likely_minutes(plan: ReleasePlan, forecasts: Sequence[Forecast]) -> Iterator[int | None]:
    """Yield the minutes of each step for the slowest target; None: more than the step may take."""
    for number, step in enumerate(plan.strategy.steps):
        needed = [forecast.steps[number].minutes for forecast in forecasts]
        yield None if None in needed else max([step.bake_minutes, *(each for each in needed if each is not None)])
