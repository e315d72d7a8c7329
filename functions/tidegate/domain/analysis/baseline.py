"""Stable's baseline before the release, and the observed data of both versions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tidegate.domain.judge import Calls

Series = Mapping[int, float]
"""A value by the start of each minute (seconds since 1970). A minute without calls has none: never a zero."""

CALLS, ERRORS = "calls", "errors"
PERCENTILES = ("p50", "p95", "p99")
"""Of Duration, in milliseconds."""


@dataclass(frozen=True)
class Observation:
    """Series of each version by name: calls, errors, p50, p95, p99."""

    stable: Mapping[str, Series] = field(default_factory=dict)
    canary: Mapping[str, Series] = field(default_factory=dict)


@dataclass(frozen=True)
class Baseline:
    """One target's.

    `thresholds` are percentiles of stable's durations in milliseconds, by name (`p95`); `dispersions` are by the
    name of the measure; `before` are stable's calls and failed ones by the minute (seconds since 1970) in the hour
    before the first shift. `retried`: the alias receives events that are retried. `counts_slow`: CloudWatch counts
    slow calls; None if there were no calls to see that by.
    """

    thresholds: Mapping[str, float] = field(default_factory=dict)
    dispersions: Mapping[str, float] = field(default_factory=dict)
    before: Mapping[int, Calls] = field(default_factory=dict)
    retried: bool = False
    counts_slow: bool | None = None

    def dispersion(self, measure: str) -> float:
        return self.dispersions.get(measure, 1.0)

    def document(self) -> dict[str, Any]:
        minutes = [[start, calls.total, calls.bad] for start, calls in sorted(self.before.items())]
        return {
            "thresholds": dict(self.thresholds),
            "dispersions": dict(self.dispersions),
            "before": minutes,
            "retried": self.retried,
            "counts_slow": self.counts_slow,
        }

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Baseline":
        before = {start: Calls(total, bad) for start, total, bad in document["before"]}
        return cls(**{**document, "before": before})


UNKNOWN = Baseline()
"""That of a target of which nothing is known, or nothing was asked."""
