"""Reading stable's baseline before the release."""

from collections.abc import Mapping, Sequence

from tidegate.aws.cloudwatch import metric_data
from tidegate.aws.cloudwatch.metric_data import (
    LAMBDA,
    CountSeries,
    MetricData,
    Points,
    Series,
    lambda_dimensions,
    series_of,
    slow,
)
from tidegate.domain.analysis import baseline
from tidegate.domain.analysis.baseline import Baseline, Observation
from tidegate.domain.analysis.measure import PERCENTILES, Measure, measures, needs_thresholds
from tidegate.domain.judge import RETRIED_EVENTS_FLOOR, Calls, dispersion
from tidegate.domain.metric import ERRORS, LATENCY, PlannedMetric
from tidegate.domain.plan import TargetPlan
from tidegate.domain.schedule import DAY, HOUR, MINUTE, minute_of

RETRIED_EVENTS = ("AsyncEventsReceived", "IteratorAge")
"""Metrics of an alias that receives asynchronous or stream events (AWS Lambda guide, "Types of metrics")."""


class Unreadable(Exception):
    """CloudWatch's answer is incomplete; the message says why."""


MOST_POINTS = 200_000
"""Most points per reading: two pages of GetMetricData, a second or two."""


def read(targets: Sequence[TargetPlan], metrics: Sequence[PlannedMetric], first_shift: int) -> dict[str, Baseline]:
    """Read the baselines of targets, by name: up to a day of minutes, less for many targets.

    Raises
    ------
    Unreadable
        When CloudWatch's answer is incomplete.
    """
    end = minute_of(first_shift)
    bounds = _thresholds(targets, end) if needs_thresholds(metrics) else {}
    looks = [OneVersion(each, each.stable, measures(metrics, bounds.get(each.name, {}))) for each in targets]
    wanted = [series for look in looks for series in (*look.series(), *look.signs())]
    data = _whole(metric_data.read(wanted, end - _span(len(set(wanted))), end), wanted)
    return {look.target.name: look.baseline(data, bounds.get(look.target.name, {}), end) for look in looks}


def _span(series: int) -> int:
    """Return as many whole hours as the points allow: seconds, from an hour to a day."""
    hours = MOST_POINTS // (max(1, series) * (HOUR // MINUTE))
    return min(DAY, max(1, hours) * HOUR)


def calls(looks: Sequence["OneVersion"], start: int, end: int) -> list[dict[str, dict[int, Calls]]]:
    """Read the calls of versions in a window, for each by measure and minute; raises Unreadable."""
    wanted = [series for look in looks for series in look.series()]
    data = _whole(metric_data.read(wanted, start, end), wanted)
    return [{each.name: look.calls(each, data) for each in look.measures} for look in looks]


def _whole(data: MetricData, wanted: Sequence[Series]) -> MetricData:
    problem = data.problem(wanted)
    if problem:
        raise Unreadable(problem)
    return data


class OneVersion:
    """A version that serves, or served, an alias alone.

    Lambda's guide does not say whether an alias without weights has series by version; after the version's last point,
    the alias's series counts, because the alias then has only this version.
    """

    def __init__(self, target: TargetPlan, version: str | None, wanted: Sequence[Measure]) -> None:
        self.target = target
        self.version = version
        self.measures = tuple(wanted)
        self._pairs = {each: [series_of(each, target, version), *self._fallback(each)] for each in wanted}
        whole = lambda_dimensions(target, None)
        self._events = [Series(LAMBDA, metric, "SampleCount", whole) for metric in RETRIED_EVENTS]
        self._durations = [
            Series(LAMBDA, "Duration", stat, lambda_dimensions(target, each))
            for each in (version, None)
            for stat in ("SampleCount", slow(0.0))
        ]

    def _fallback(self, measure: Measure) -> list[CountSeries]:
        return [] if measure.metric.custom else [series_of(measure, self.target, None)]

    def series(self) -> list[Series]:
        return [series for pairs in self._pairs.values() for pair in pairs for series in (pair.bad, pair.total)]

    def signs(self) -> list[Series]:
        """Return the series that show the kinds of calls, and whether slow calls are counted."""
        of_latency = any(each.metric.name == LATENCY for each in self.measures)
        return [*self._events, *(self._durations if of_latency else [])]

    def calls(self, measure: Measure, data: MetricData) -> dict[int, Calls]:
        """Return the version's own calls: before its last point, other calls of the alias belong to another version."""
        own, *alias = (counted(pair, data) for pair in self._pairs[measure])
        last = max(own, default=0)
        return own | {minute: calls for of in alias for minute, calls in of.items() if minute > last}

    def _restlessness(self, measure: Measure, data: MetricData, floor: float) -> float:
        """Return the dispersion, including earlier versions: callers and dependencies cause most bursts."""
        own, *alias = (counted(pair, data) for pair in self._pairs[measure])
        return round(dispersion({**(alias[0] if alias else {}), **own}, floor=floor), 4)

    def baseline(self, data: MetricData, thresholds: Mapping[str, float], end: int) -> Baseline:
        retried = any(value > 0 for series in self._events for value in data.of(series).values())
        floor = RETRIED_EVENTS_FLOOR if retried else 1.0
        errors = next(each for each in self.measures if each.metric.name == ERRORS)
        return Baseline(
            thresholds,
            {each.name: self._restlessness(each, data, floor) for each in self.measures},
            {minute: calls for minute, calls in self.calls(errors, data).items() if minute >= end - HOUR},
            retried,
            self._counts_slow(data),
        )

    def _counts_slow(self, data: MetricData) -> bool | None:
        """Return whether durations have counts above 0 ms."""
        durations, counts = self._durations[::2], self._durations[1::2]
        if not any(data.of(series) for series in durations):
            return None
        return any(data.of(series) for series in counts)


def counted(pair: CountSeries, data: MetricData) -> dict[int, Calls]:
    """Return the calls of a pair of series by minute; none if both have no point."""
    bad, total = data.of(pair.bad), data.of(pair.total)
    return {at: Calls(*pair.count(bad.get(at, 0.0), total.get(at, 0.0))) for at in {*bad, *total}}


def _thresholds(targets: Sequence[TargetPlan], end: int) -> dict[str, dict[str, float]]:
    """Return stable's percentiles of duration the day before, in milliseconds, by target name."""
    stats = ("SampleCount", *PERCENTILES)
    named = {
        target.name: [
            {stat: Series(LAMBDA, "Duration", stat, lambda_dimensions(target, version)) for stat in stats}
            for version in (target.stable, None)
        ]
        for target in targets
    }
    wanted = [series for looks in named.values() for look in looks for series in look.values()]
    data = _whole(metric_data.read(wanted, end - DAY, end, DAY), wanted)
    return {name: _bounds(looks, data) for name, looks in named.items()}


def _bounds(looks: Sequence[Mapping[str, Series]], data: MetricData) -> dict[str, float]:
    """Use the version's data if there are any, otherwise the alias's.

    Of two parts of a day, the one with more calls.
    """
    for look in looks:
        samples: Points = data.of(look["SampleCount"])
        if samples:
            busiest = max(samples, key=samples.__getitem__)
            bounds = {stat: data.of(look[stat]).get(busiest) for stat in PERCENTILES}
            return {stat: round(bound, 3) for stat, bound in bounds.items() if bound}
    return {}


KEPT = 15 * DAY
"""How long CloudWatch keeps points of one minute (CloudWatch user guide, "Metrics retention")."""

STATISTICS = {
    baseline.CALLS: ("Invocations", "Sum"),
    baseline.ERRORS: ("Errors", "Sum"),
    **{name: ("Duration", name) for name in baseline.PERCENTILES},
}


def observe(targets: Sequence[TargetPlan], start: int, end: int) -> tuple[dict[str, Observation], str | None]:
    """Read the minutes from `start` up to `end` by target name; the second value says why some are missing."""
    wanted = {(target.name, role): _series(target, role) for target in targets for role in ("stable", "canary")}
    every = [series for of_version in wanted.values() for series in of_version.values()]
    data = metric_data.read(every, minute_of(start), minute_of(end) + MINUTE)
    seen = {
        target.name: Observation(*(_points(wanted[target.name, role], data) for role in ("stable", "canary")))
        for target in targets
    }
    return seen, data.problem(every)


def _series(target: TargetPlan, role: str) -> dict[str, Series]:
    version = dict(zip(("stable", "canary"), target.versions(), strict=True))[role]
    alias = {each.channel: each for each in target.aliases}.get(role, target)
    dimensions = lambda_dimensions(alias, None if target.channel else version)
    return {name: Series(LAMBDA, *what, dimensions) for name, what in STATISTICS.items()}


def _points(series: Mapping[str, Series], data: MetricData) -> dict[str, Mapping[int, float]]:
    found = {name: dict(sorted(data.of(one).items())) for name, one in series.items()}
    return {name: points for name, points in found.items() if points}
