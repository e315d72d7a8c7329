"""Reading both versions' counts from CloudWatch, minute by minute."""

from collections.abc import Mapping, Sequence

from tidegate.aws.cloudwatch import metric_data
from tidegate.aws.cloudwatch.metric_data import MetricData
from tidegate.aws.cloudwatch.series import Pair, Series, pair_of
from tidegate.domain.analysis.baseline import Baseline
from tidegate.domain.analysis.measure import Measure, measures
from tidegate.domain.analysis.readings import Counts, Reading
from tidegate.domain.metric import ERRORS, PlannedMetric
from tidegate.domain.plan import TargetPlan


def read(
    targets: Sequence[TargetPlan],
    metrics: Sequence[PlannedMetric],
    baselines: Mapping[str, Baseline],
    start: int,
    end: int,
) -> dict[str, Reading]:
    """Read the minutes from `start` up to `end` (exclusive), both on whole minutes, by target name."""
    pairs = {
        target.name: {each: _pairs(each, target) for each in measures(metrics, baselines[target.name].thresholds)}
        for target in targets
    }
    wanted = [series for of_target in pairs.values() for both in of_target.values() for series in _series(both)]
    data = metric_data.read(wanted, start, end)
    return {target.name: _reading(pairs[target.name], data) for target in targets}


Both = tuple[Pair, Pair]
"""Series of stable and of the canary."""


def _pairs(measure: Measure, target: TargetPlan) -> Both:
    stable, canary = target.versions()
    return pair_of(measure, target, stable), pair_of(measure, target, canary)


def _series(both: Both) -> list[Series]:
    return [series for pair in both for series in (pair.bad, pair.total)]


def _reading(pairs: Mapping[Measure, Both], data: MetricData) -> Reading:
    """Give what was counted. What is only reported may be missing; what decides may not."""
    problems = {measure: data.problem(_series(both)) for measure, both in pairs.items()}
    decisive = [
        problem for each, problem in problems.items() if problem and (each.metric.gates or each.metric.name == ERRORS)
    ]
    return Reading(
        {measure.name: counts_of(both, data) for measure, both in pairs.items() if not problems[measure]},
        decisive[0] if decisive else None,
        frozenset(each.name for each, both in pairs.items() if any(data.of(pair.bad) for pair in both)),
    )


def counts_of(both: Both, data: MetricData) -> tuple[Counts, ...]:
    minutes = sorted({minute for series in _series(both) for minute in data.of(series)})
    return tuple(Counts(minute, *_count(both[1], data, minute), *_count(both[0], data, minute)) for minute in minutes)


def _count(pair: Pair, data: MetricData, minute: int) -> tuple[int, int]:
    return pair.count(data.of(pair.bad).get(minute, 0.0), data.of(pair.total).get(minute, 0.0))
