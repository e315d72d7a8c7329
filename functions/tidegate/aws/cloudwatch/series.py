"""The series of CloudWatch that a measure is counted from; named, never discovered."""

from dataclasses import dataclass

from tidegate.domain.analysis.measure import Measure
from tidegate.domain.metric import ERRORS, LATENCY, THROTTLES
from tidegate.domain.plan import TargetPlan

LAMBDA = "AWS/Lambda"


@dataclass(frozen=True)
class Series:
    """One statistic of one metric; dimensions as (name, value)."""

    namespace: str
    metric: str
    stat: str
    dimensions: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Pair:
    """The series that count the bad calls and the others; `added` where `total` leaves out the bad ones."""

    bad: Series
    total: Series
    added: bool = False

    def count(self, bad: float, total: float) -> tuple[int, int]:
        """Give all calls of a minute, and the bad ones. The points of one may come before the other's.

        A metric of one's own may be put with any value: what is below zero counts nothing.
        """
        bad, total = max(0.0, bad), max(0.0, total)
        return round(total + bad if self.added else max(total, bad)), round(bad)


def pair_of(measure: Measure, target: TargetPlan, version: str | None) -> Pair:
    """Name the series of a version behind an alias; without a version, those of the alias as a whole.

    FunctionName + Resource + ExecutedVersion is what Lambda keeps for calls through an alias (AWS Lambda guide,
    "Types of metrics").
    """
    if measure.metric.custom:
        return _custom(measure, target, version or "")
    dimensions = lambda_dimensions(target, version)

    def series(metric: str, stat: str = "Sum") -> Series:
        return Series(LAMBDA, metric, stat, dimensions)

    if measure.metric.name == LATENCY:
        return Pair(series("Duration", slow(measure.over_ms or 0.0)), series("Duration", "SampleCount"))
    if measure.metric.name == THROTTLES:
        return Pair(series("Throttles"), series("Invocations"), added=True)
    assert measure.metric.name == ERRORS
    return Pair(series("Errors"), series("Invocations"))


def slow(over_ms: float) -> str:
    """Name the statistic that counts values above a bound (CloudWatch guide, "Statistics definitions")."""
    return f"TC({f'{over_ms:.3f}'.rstrip('0').rstrip('.')}:)"


def lambda_dimensions(target: TargetPlan, version: str | None) -> tuple[tuple[str, str], ...]:
    whole = (("FunctionName", target.function), ("Resource", target.name))
    return (*whole, ("ExecutedVersion", version)) if version else whole


def _custom(measure: Measure, target: TargetPlan, version: str) -> Pair:
    places = {"{version}": version, "{function}": target.function, "{alias}": target.alias}
    filled: list[tuple[str, str]] = []
    for name, written in measure.metric.dimensions:
        value = written
        for place, meant in places.items():
            value = value.replace(place, meant)
        filled.append((name, value))
    bad, total = (
        Series(measure.metric.namespace, name, "Sum", tuple(filled))
        for name in (measure.metric.bad, measure.metric.total)
    )
    return Pair(bad, total)
