"""Reading what stable was like before a release: the day, and the hour before its first shift."""

from collections.abc import Mapping, Sequence

from tidegate.aws import metric_data
from tidegate.aws.metric_data import MetricData, Points
from tidegate.aws.series import LAMBDA, Pair, Series, lambda_dimensions, pair_of, slow
from tidegate.domain.baseline import Baseline
from tidegate.domain.judge import RETRIED_EVENTS_FLOOR, Calls, dispersion
from tidegate.domain.measure import PERCENTILES, Measure, measures, needs_thresholds
from tidegate.domain.metric import ERRORS, LATENCY, PlannedMetric
from tidegate.domain.plan import TargetPlan
from tidegate.domain.schedule import DAY, minute_of

HOUR = 3600

RETRIED_EVENTS = ("AsyncEventsReceived", "IteratorAge")
"""Metrics of an alias that asynchronous or stream events come to (AWS Lambda guide, "Types of metrics")."""


class Unreadable(Exception):  # noqa: N818 - only said inside this layer
    """CloudWatch did not answer whole; the message says how."""


def read(targets: Sequence[TargetPlan], metrics: Sequence[PlannedMetric], first_shift: int) -> dict[str, Baseline]:
    """Read the baselines of targets by name: two calls for up to thirty targets and five metrics, or so.

    Raises
    ------
    Unreadable
        When CloudWatch answered in part.
    """
    end = minute_of(first_shift)
    bounds = _thresholds(targets, end) if needs_thresholds(metrics) else {}
    looks = [_Hour(target, measures(metrics, bounds.get(target.name, {}))) for target in targets]
    wanted = [series for look in looks for series in look.series()]
    data = _whole(metric_data.read(wanted, end - HOUR, end), wanted)
    return {look.target.name: look.baseline(data, bounds.get(look.target.name, {})) for look in looks}


def calls_before(target: TargetPlan, wanted: Sequence[Measure], end: int) -> dict[str, dict[int, Calls]]:
    """Read stable's calls in the hour before `end`, by measure and minute; raises Unreadable."""
    look = _Hour(target, tuple(wanted))
    series = look.series()
    data = _whole(metric_data.read(series, end - HOUR, end), series)
    return {each.name: look.calls(each, data) for each in wanted}


def _whole(data: MetricData, wanted: Sequence[Series]) -> MetricData:
    problem = data.problem(wanted)
    if problem:
        raise Unreadable(problem)
    return data


class _Hour:
    """The hour before of one target: by version, and of the alias as a whole.

    Whether an alias without weights has series by version, Lambda's guide does not say; where there is no point of
    the version's, that of the alias counts, which then had but one version.
    """

    def __init__(self, target: TargetPlan, wanted: Sequence[Measure]) -> None:
        self.target = target
        self.measures = wanted
        stable = target.stable
        self._pairs = {each: [pair_of(each, target, stable), *self._fallback(each)] for each in wanted}
        whole = lambda_dimensions(target, None)
        self._events = [Series(LAMBDA, metric, "SampleCount", whole) for metric in RETRIED_EVENTS]
        self._durations = [
            Series(LAMBDA, "Duration", stat, lambda_dimensions(target, version))
            for version in (stable, None)
            for stat in ("SampleCount", slow(0.0))
        ]

    def _fallback(self, measure: Measure) -> list[Pair]:
        return [] if measure.metric.custom else [pair_of(measure, self.target, None)]

    def series(self) -> list[Series]:
        named = [series for pairs in self._pairs.values() for pair in pairs for series in (pair.bad, pair.total)]
        of_latency = self._durations if any(each.metric.name == LATENCY for each in self.measures) else []
        return [*named, *self._events, *of_latency]

    def calls(self, measure: Measure, data: MetricData) -> dict[int, Calls]:
        found: dict[int, Calls] = {}
        for pair in reversed(self._pairs[measure]):
            for minute in {*data.of(pair.bad), *data.of(pair.total)}:
                counted = pair.count(data.of(pair.bad).get(minute, 0.0), data.of(pair.total).get(minute, 0.0))
                found[minute] = Calls(*counted)
        return found

    def baseline(self, data: MetricData, thresholds: Mapping[str, float]) -> Baseline:
        retried = any(value > 0 for series in self._events for value in data.of(series).values())
        floor = RETRIED_EVENTS_FLOOR if retried else 1.0
        calls = {each: self.calls(each, data) for each in self.measures}
        return Baseline(
            thresholds,
            {each.name: round(dispersion(of_it, floor=floor), 4) for each, of_it in calls.items()},
            next(of_it for each, of_it in calls.items() if each.metric.name == ERRORS),
            retried,
            self._counts_slow(data),
        )

    def _counts_slow(self, data: MetricData) -> bool | None:
        """Whether counts above 0 ms come where there are durations."""
        durations, counts = self._durations[::2], self._durations[1::2]
        if not any(data.of(series) for series in durations):
            return None
        return any(data.of(series) for series in counts)


def _thresholds(targets: Sequence[TargetPlan], end: int) -> dict[str, dict[str, float]]:
    """Give stable's percentiles of duration the day before, in milliseconds, by target name."""
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
    """Take the version's if it has any, else the alias's; of two parts of a day the one with more calls."""
    for look in looks:
        samples: Points = data.of(look["SampleCount"])
        if samples:
            busiest = max(samples, key=samples.__getitem__)
            bounds = {stat: data.of(look[stat]).get(busiest) for stat in PERCENTILES}
            return {stat: round(bound, 3) for stat, bound in bounds.items() if bound}
    return {}
