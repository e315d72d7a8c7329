"""What a release can detect and what traffic it expects, for all its targets, as text and as ledger items."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tidegate.domain.analysis.guards import Guard
from tidegate.domain.judge import alpha_of_target
from tidegate.domain.metric import ERRORS
from tidegate.domain.plan import IDLE, ReleasePlan, TargetPlan
from tidegate.domain.planning.forecast import Forecast, canary_calls, foresee
from tidegate.domain.planning.step_table import PlannedStay, in_words, patience, planned_stays
from tidegate.domain.rollout.pauses import AROUND_A_STEP
from tidegate.domain.strategy import Strategy
from tidegate.domain.truncation import and_more, first_sentences
from tidegate.domain.waves import in_order

EFFORT = 20_000
"""Most targets * steps * steps that are computed: a second or two in Plan."""

NAMED = 2
"""Most warnings in a sentence."""

MOST_SHOWN, MOST_FINDINGS = 10, 10
"""Targets in the table of a dry run, and warnings of each."""

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
    """Forecasts and steps by target name; `problem` says why there are none. `guards` say what each alarm can detect.

    `idle` are the targets for which fewer than ten calls of the canary are expected over the whole schedule, with that
    number.
    """

    forecasts: Mapping[str, Forecast] = field(default_factory=dict)
    stays: Mapping[str, tuple[PlannedStay, ...]] = field(default_factory=dict)
    problem: str = ""
    guards: tuple[str, ...] = ()
    alarms: tuple[Guard, ...] = ()
    idle: Mapping[str, float] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """Describe what the metrics and the alarms can detect; empty if nothing is compared."""
        return " ".join(filter(None, [self._of_targets, self._of_guards]))

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
        name, quietest = self._quietest[0]
        warnings = [f"{warning}." for warning in quietest.warnings[:NAMED]]
        more = and_more(quietest.warnings, NAMED)
        steps = in_words(self.stays.get(name, ())) if quietest.calls_per_minute else ""
        told = [f"{name}: {quietest.traffic}", steps, *warnings, f"{more.capitalize()}." if more else ""]
        return " ".join(filter(None, told))

    @property
    def _quietest(self) -> list[tuple[str, Forecast]]:
        """The forecasts, that of the target with the least traffic first."""
        return sorted(self.forecasts.items(), key=lambda each: each[1].calls_per_minute)

    def rows(self) -> dict[str, dict[str, Any]]:
        """Return each forecast in short form, see `short_form`."""
        return {name: short_form(each) for name, each in self.forecasts.items()}

    def shown(self, decision: str, *findings: str) -> dict[str, Any]:
        """Return what a dry run shows: what a release would do, the steps of each target, and findings."""
        problem = self._of_targets if self.problem else ""
        told = [text for text in (*findings, problem, self._of_guards) if text]
        return {"decision": decision, "targets": self._table(), "findings": told}

    def _table(self) -> list[dict[str, Any]]:
        """Return the steps of the targets with the least traffic, and the findings about each."""
        return [
            {
                "target": name,
                "calls_per_minute": round(forecast.calls_per_minute, 4),
                "traffic": forecast.traffic,
                "steps": [each.document() for each in self.stays.get(name, ())],
                "findings": list(forecast.warnings[:MOST_FINDINGS]),
            }
            for name, forecast in self._quietest[:MOST_SHOWN]
        ]


def short_form(forecast: Forecast) -> dict[str, Any]:
    """Return calls per minute, warnings, and for each step its weight, detectable regression and minutes."""
    return {
        "calls_per_minute": round(forecast.calls_per_minute, 4),
        "basis": forecast.basis,
        "warnings": list(forecast.warnings[: NAMED * 2]),
        "steps": [[step.weight, step.sees, step.minutes] for step in forecast.steps],
    }


def outlook(plan: ReleasePlan, traffic: Mapping[str, ExpectedTraffic], now: int) -> Outlook:
    """Forecast the targets that are not live already; each has its share of alpha, and errors their share of that.

    To save time in Plan, many targets with many steps are reduced to those with the least traffic, which detect least.
    """
    live = {target.name for target in plan.targets if target.live}
    traffic = {name: each for name, each in traffic.items() if name not in live}
    waves = {target.name: target.wave for target in plan.targets}
    steps = {wave: plan.strategy.of_wave(wave) for wave in waves.values()}
    most = max(1, EFFORT // max(1, *(len(each.steps) for each in steps.values())) ** 2)
    quietest = sorted(traffic, key=lambda name: sum(traffic[name].calls.values()))[:most]
    expected = {
        name: canary_calls(each.calls, now=now, strategy=steps[waves[name]], max_bake_minutes=plan.max_bake_minutes)
        for name, each in traffic.items()
        if plan.strategy.steps
    }
    idle = {name: calls for name, calls in expected.items() if calls < IDLE}
    share = next((metric.weight for metric in plan.metrics if metric.name == ERRORS and metric.gates), 1.0)
    forecasts = {
        name: _forecast(plan, steps[waves[name]], traffic[name], now, share, idle=name in idle) for name in quietest
    }
    stays = {
        name: planned_stays(short_form(each), plan, waves[name], idle=name in idle) for name, each in forecasts.items()
    }
    return Outlook(forecasts, stays, idle=idle)


def _forecast(
    plan: ReleasePlan, strategy: Strategy, traffic: ExpectedTraffic, now: int, share: float, *, idle: bool
) -> Forecast:
    """Return what a release of this target can detect; of an idle one only the traffic matters, without warnings."""
    found = foresee(
        traffic.calls,
        now=now,
        strategy=strategy,
        max_bake_minutes=patience(plan, idle=idle),
        alpha=alpha_of_target(plan.alpha, len(plan.targets)) * share,
        baseline=traffic.failing,
        min_effect=plan.min_effect,
        mde=plan.mde,
        dispersion=traffic.dispersion,
    )
    return replace(found, warnings=()) if idle else found


def _one_after_the_other(plan: ReleasePlan) -> Iterator[Sequence[TargetPlan]]:
    """Yield the targets that take their steps together: those of a wave, or all."""
    sequential = any(step.promotes for step in plan.strategy.steps)
    yield from in_order(plan.targets) if sequential else [plan.targets]


def _steps(targets: Sequence[TargetPlan], ahead: Outlook) -> Iterator[Sequence[PlannedStay]]:
    """Yield the rows of each step of these targets, without the idle ones."""
    names = [target.name for target in targets if target.name not in ahead.idle]
    yield from zip(*(ahead.stays[name] for name in names if name in ahead.stays), strict=True)


def with_expectation(plan: ReleasePlan, ahead: Outlook) -> ReleasePlan:
    """Return the plan with its idle targets and its likely duration; unknown traffic changes nothing.

    Each step takes as long as it does for the slowest target that is not idle.
    """
    steps = [stays for wave in _one_after_the_other(plan) for stays in _steps(wave, ahead)]
    promotions = sum(step.bake_minutes + AROUND_A_STEP for step in plan.strategy.steps if step.promotes)
    minutes = [max(each.minutes for each in stays) for stays in steps] + ([promotions] if steps else [])
    undecided = tuple(dict.fromkeys(stays[0].weight for stays in steps if any(each.undecided for each in stays)))
    scheduled = sum(step.bake_minutes + AROUND_A_STEP for step in plan.strategy.steps)
    return replace(
        plan,
        targets=tuple(replace(each, idle=each.name in ahead.idle) for each in plan.targets),
        likely_minutes=sum(minutes) if undecided or sum(minutes) > scheduled else 0,
        likely_undecided=undecided,
    )
