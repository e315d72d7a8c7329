"""From which rate on each minute would have failed a metric: the judge's own answer, from what it had read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tidegate.domain.analysis.baseline import UNKNOWN, Baseline
from tidegate.domain.analysis.comparison import Comparison
from tidegate.domain.analysis.readings import Counts, Reading, Shift
from tidegate.domain.judge import Metric as Judged
from tidegate.domain.judge import failing_from
from tidegate.domain.plan import ReleasePlan, TargetPlan
from tidegate.report import judged
from tidegate.report.axis import MOST_COLUMNS
from tidegate.report.counts import BothVersions, MetricCounts

Item = Mapping[str, Any]


def with_failing_rates(
    metrics: Sequence[MetricCounts], plan: ReleasePlan, target: TargetPlan, items: Sequence[Item]
) -> tuple[MetricCounts, ...]:
    """Add `fails_from` to the metrics that decide; not to releases so long that a column is no minute any more."""
    ticks, shifts = judged.of_kind(items, "judged"), _shifts(items)
    if not ticks or not shifts or max((len(metric.minutes) for metric in metrics), default=0) > MOST_COLUMNS:
        return tuple(metrics)
    reading = Reading({metric.name: tuple(_counts(metric.minutes.items())) for metric in metrics})
    known = judged.baseline(target.name, items)
    comparison = Comparison(
        plan, target, reading, Baseline.of(known) if known else UNKNOWN, shifts, max(tick["at"] for tick in ticks)
    )
    read = {each.name: each for each in comparison.metrics}
    return tuple(_with(metric, read[metric.name]) if metric.name in read else metric for metric in metrics)


def _with(metric: MetricCounts, read: Judged) -> MetricCounts:
    if metric.limit is None or not metric.gates:
        return metric
    starts = sorted(read.minutes)
    minutes = [read.minutes[start] for start in starts]
    fewest = failing_from(minutes, limit=metric.limit, min_effect=read.min_effect, dispersion=read.dispersion)
    found = zip(starts, minutes, fewest, strict=True)
    rates = {start: bad / minute.canary_total for start, minute, bad in found if bad is not None}
    return replace(metric, fails_from=rates)


def _counts(minutes: Iterable[tuple[int, BothVersions]]) -> Iterable[Counts]:
    for start, pair in minutes:
        yield Counts(start, pair.canary.total, pair.canary.bad, pair.stable.total, pair.stable.bad)


def _shifts(items: Sequence[Item]) -> tuple[Shift, ...]:
    found = [item for item in items if item["sk"].startswith("shift#")]
    shifts = [Shift(item["at"], float(item["weight"]), item.get("until", item["at"])) for item in found]
    return tuple(sorted(shifts, key=lambda shift: shift.at))
