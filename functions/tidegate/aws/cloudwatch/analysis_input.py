"""Reading the counts that the versions are compared by."""

from collections.abc import Mapping, Sequence

from tidegate.aws.cloudwatch import metric_data
from tidegate.aws.cloudwatch.baselines import OneVersion
from tidegate.aws.cloudwatch.baselines import calls as calls_of
from tidegate.aws.cloudwatch.baselines import read as read_baselines
from tidegate.aws.cloudwatch.metric_data import CountSeries, MetricData, Series, series_of
from tidegate.aws.ledger import analysis_state
from tidegate.aws.ledger.records import Release
from tidegate.domain.analysis.after_promotion import Retrospect, Window, look_back
from tidegate.domain.analysis.baseline import Baseline
from tidegate.domain.analysis.measure import Measure, measures
from tidegate.domain.analysis.readings import Minutes, Reading
from tidegate.domain.judge import Minute
from tidegate.domain.metric import PlannedMetric
from tidegate.domain.plan import TargetPlan
from tidegate.domain.schedule import HOUR, MINUTE, minute_of, visible_until


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


Both = tuple[CountSeries, CountSeries]
"""Series of stable and of the canary."""


def _pairs(measure: Measure, target: TargetPlan) -> Both:
    *_, carrier = target.aliases
    # If users are routed, each alias has one version, and series of its own.
    named = not target.channel or measure.metric.custom
    stable, canary = (version if named else None for version in target.versions())
    return series_of(measure, target, stable), series_of(measure, carrier, canary)


def _series(both: Both) -> list[Series]:
    return [series for pair in both for series in (pair.bad, pair.total)]


def _reading(pairs: Mapping[Measure, Both], data: MetricData) -> Reading:
    """Return the counts. Metrics that are not needed may be missing."""
    problems = {measure: data.problem(_series(both)) for measure, both in pairs.items()}
    decisive = [problem for each, problem in problems.items() if problem and each.needed]
    return Reading(
        {measure.name: _minutes(both, data) for measure, both in pairs.items() if not problems[measure]},
        decisive[0] if decisive else None,
        frozenset(each.name for each, both in pairs.items() if any(data.of(pair.bad) for pair in both)),
    )


def _minutes(both: Both, data: MetricData) -> Minutes:
    stable, canary = both
    starts = sorted({start for series in _series(both) for start in data.of(series)})
    return {start: Minute(*_count(canary, data, start), *_count(stable, data, start)) for start in starts}


def _count(pair: CountSeries, data: MetricData, start: int) -> tuple[int, int]:
    return pair.count(data.of(pair.bad).get(start, 0.0), data.of(pair.total).get(start, 0.0))


def retrospect(release: Release, now: int, since: int) -> list[Retrospect]:
    """Read the look back of every target: the minutes from `since` on that can be read at `now`.

    Raises
    ------
    Unreadable
        When CloudWatch's answer is incomplete.
    """
    plan, targets = release.plan, release.plan.shifting
    began = minute_of(release.shifts[0].at) if release.shifts else since - MINUTE
    baselines = analysis_state.kept(release).baselines or read_baselines(targets, plan.metrics, began)
    wanted = {
        each.name: [m for m in measures(plan.metrics, baselines[each.name].thresholds) if m.metric.gates and m.needed]
        for each in targets
    }
    then = Window(began - HOUR, HOUR // MINUTE)
    after = Window(since, max(0, min(plan.after_minutes, (visible_until(now) - since) // MINUTE)))
    was = calls_of([OneVersion(each, each.stable, wanted[each.name]) for each in targets], then.start, then.end)
    is_now = calls_of([OneVersion(each, each.canary, wanted[each.name]) for each in targets], after.start, after.end)
    return [
        look_back(plan, each, wanted[each.name], baselines[each.name], before=(then, old), after=(after, new))
        for each, old, new in zip(targets, was, is_now, strict=True)
    ]
