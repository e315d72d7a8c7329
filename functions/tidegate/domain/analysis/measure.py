"""The counts per minute for one target: bad calls and all calls of each metric."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tidegate.domain.metric import ERRORS, INIT_DURATION, LATENCY, LOG, THROTTLES, PlannedMetric

FAILED_IN_LOG = "failed in the log"

PERCENTILES = ("p95", "p99")
"""Of stable's durations the day before: what counts as slow where the request gives no bound."""


_COLD_MINUTES = 2
_FRESH_CALLS = 5
_TOLD_SLOW = 0.01


@dataclass(frozen=True)
class Measure:
    """A counted metric. `over_ms` is the bound of a slow call, `part` its share of the metric's weight."""

    name: str
    metric: PlannedMetric
    over_ms: float | None = None
    part: float = 1.0

    @property
    def weight(self) -> float:
        return self.metric.weight * self.part

    @property
    def noun(self) -> str:
        """Describe what a bad call did: "0 of 812 calls failed"."""
        if self.metric.name == LATENCY:
            return f"took over {self.over_ms:.6g} ms"
        return {ERRORS: "failed", LOG: FAILED_IN_LOG, THROTTLES: "were throttled"}.get(
            self.metric.name, f"counted as {self.metric.name}"
        )

    @property
    def unit(self) -> str:
        return "event" if self.metric.custom else "call"

    @property
    def of_latency(self) -> bool:
        return self.metric.name == LATENCY

    @property
    def cold_minutes(self) -> int:
        """Return how many minutes after the first shift do not count: many inits then, no sign of slow code."""
        return _COLD_MINUTES if self.of_latency else 0

    @property
    def forgiven(self) -> int:
        """Return the canary's slow calls that are no sign of gross slowness: those of one sandbox that starts later."""
        return _FRESH_CALLS if self.metric.only_gross else 0

    @property
    def told_from(self) -> float | None:
        """Return the difference of rates from which slowness is told, though it may not decide."""
        return _TOLD_SLOW if self.of_latency else None

    @property
    def needed(self) -> bool:
        """Return whether a tick without it has no evidence: it decides, or shows whether the canary answers."""
        return self.metric.name == ERRORS or (self.metric.gates and not self.metric.only_gross)

    @property
    def waits(self) -> bool:
        """Return whether a pass needs enough information about it.

        Throttles count the same calls as errors. Gross slowness shows with fewer calls than a step needs for errors.
        """
        return self.metric.name != THROTTLES and not self.metric.only_gross


def measures(metrics: Sequence[PlannedMetric], thresholds: Mapping[str, float]) -> tuple[Measure, ...]:
    """Return the counted measures; errors are always included, because they show whether the canary answers at all.

    `thresholds` are stable's percentiles of duration in milliseconds, by name; without them, latency without its
    own bound cannot be counted.
    """
    found = [each for metric in metrics for each in _of(metric, thresholds)]
    if all(each.metric.name != ERRORS for each in found):
        found.append(Measure(ERRORS, PlannedMetric(ERRORS, gates=False, weight=0.0)))
    return tuple(found)


def needs_thresholds(metrics: Sequence[PlannedMetric]) -> bool:
    return any(metric.name == LATENCY and metric.over_ms is None for metric in metrics)


def _of(metric: PlannedMetric, thresholds: Mapping[str, float]) -> Iterator[Measure]:
    if metric.name == INIT_DURATION:
        return
    if metric.name != LATENCY or metric.over_ms is not None:
        yield Measure(metric.name, metric, metric.over_ms)
        return
    bounds = {bound: name for name, bound in sorted(thresholds.items(), reverse=True)}  # both the same: p95
    for bound, name in sorted(bounds.items()):
        yield Measure(f"{LATENCY}-{name}", metric, bound, 1 / len(bounds))
