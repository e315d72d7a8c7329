"""What a release can detect, for all its targets, as text and as ledger items."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tidegate.domain.metric import ERRORS
from tidegate.domain.plan import ReleasePlan
from tidegate.domain.planning.forecast import Forecast, foresee
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

    `batches` says which failures the metrics of the versions do not count (batch_failures).
    """

    forecasts: Mapping[str, Forecast] = field(default_factory=dict)
    problem: str = ""
    guards: tuple[str, ...] = ()
    batches: str = ""

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
        }
    )
