"""The metrics that compare the versions of a release, in its plan."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # only Plan and a replay have a request; a tick is spared the import of its models
    from tidegate.domain.request.analysis import Analysis
    from tidegate.domain.request.metrics import MetricRequest

ERRORS, LATENCY, THROTTLES, INIT_DURATION = "errors", "latency", "throttles", "init_duration"
LOG = "log"
"""Failed calls in the logs, soon after a shift: no metric of CloudWatch, and none that a request names."""

USERS = "users"
"""Users who failed, if users are routed: no metric that a request names either."""

_PARTS = {ERRORS: 0.5, LATENCY: 0.25}
_PART_OF_THE_REST = 0.25
"""Shares of alpha, before normalisation to a sum of 1."""

_SLOW_POINTS = 0.01
"""Tolerated difference of the rates of slow calls."""

GROSS, PART_OF_GROSS = 0.2, 0.05
"""The same, and its part, where the request names no metrics: gross slowness needs a small share of alpha, so that
almost all of it is left for errors (docs/judge.md)."""


@dataclass(frozen=True)
class PlannedMetric:
    """One metric; `name` is a metric of Lambda or a custom one; the last four fields are for custom metrics.

    `weight` is its part among the metrics that gate, 0 where it does not. `over_ms`: see the request.
    """

    name: str
    gates: bool = True
    weight: float = 1.0
    min_effect: float = 0.001
    over_ms: float | None = None
    namespace: str = ""
    bad: str = ""
    total: str = ""
    dimensions: tuple[tuple[str, str], ...] = ()

    @property
    def only_gross(self) -> bool:
        """Return whether it stops only gross slowness, which shows by itself: nothing has to wait for it."""
        return self.name == LATENCY and self.min_effect >= GROSS

    @property
    def custom(self) -> bool:
        return bool(self.namespace)

    def document(self) -> dict[str, Any]:
        return {**asdict(self), "dimensions": dict(self.dimensions)}

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "PlannedMetric":
        return cls(**{**document, "dimensions": tuple(sorted(document["dimensions"].items()))})


USUAL = (PlannedMetric(ERRORS),)
"""The default if a plan lists no metrics: errors."""


def metrics_of(analysis: "Analysis") -> tuple[PlannedMetric, ...]:
    """Resolve names, defaults and weights; the weights of gating metrics add up to 1."""
    named = "metrics" in analysis.model_fields_set
    usual = _PARTS if named else {**_PARTS, LATENCY: PART_OF_GROSS}
    slow = _SLOW_POINTS if named else GROSS
    gating = [each for each in analysis.metrics if _has_part(each)]
    rest = sum(each.weight is None and each.name not in usual for each in gating)
    parts = {each.name: each.weight or usual.get(each.name, _PART_OF_THE_REST / max(1, rest)) for each in gating}
    whole = sum(parts.values())
    return tuple(
        _metric(each, parts.get(each.name, 0.0) / whole, slow if each.name == LATENCY else analysis.min_effect)
        for each in analysis.metrics
    )


def _has_part(asked: "MetricRequest") -> bool:
    """Return whether it shares alpha; the init time is compared once, with a bound."""
    return asked.gates and asked.name != INIT_DURATION


def _metric(asked: "MetricRequest", weight: float, effect: float) -> PlannedMetric:
    return PlannedMetric(
        name=asked.name,
        gates=asked.gates,
        weight=weight,
        min_effect=effect if asked.min_effect is None else asked.min_effect,
        over_ms=asked.over_ms,
        namespace=asked.namespace or "",
        bad=asked.bad or "",
        total=asked.total or "",
        dimensions=tuple(sorted((asked.dimensions or {}).items())),
    )
