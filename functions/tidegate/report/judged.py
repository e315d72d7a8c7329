"""How each metric was judged: sentences, rows, and the rate that would have failed."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import log

from tidegate.domain.analysis.baseline import UNKNOWN, Baseline
from tidegate.domain.analysis.comparison import Comparison
from tidegate.domain.analysis.exposure import Exposure, edge_name, edges, exposure, observed
from tidegate.domain.analysis.measure import Measure, measures
from tidegate.domain.analysis.readings import Reading
from tidegate.domain.analysis.verdict import counted
from tidegate.domain.judge import Metric as Judged
from tidegate.domain.judge import Minute, failing_from, shown
from tidegate.domain.ledger_items import Item, ReleaseItems
from tidegate.domain.metric import ERRORS, USERS, PlannedMetric
from tidegate.domain.plan import ReleasePlan, TargetPlan
from tidegate.domain.schedule import MINUTE
from tidegate.domain.waves import has_split
from tidegate.report.axis import MOST_COLUMNS
from tidegate.report.counts import BothVersions, CallCounts, MetricCounts
from tidegate.report.model import JudgedTick, TargetTick


def with_failing_rates(
    metrics: Sequence[MetricCounts], plan: ReleasePlan, target: TargetPlan, items: ReleaseItems
) -> tuple[MetricCounts, ...]:
    """Add `fails_from` to the metrics that gate, unless the release is so long that a column has several minutes."""
    ticks, shifts = items.ticks, items.shifts
    if (
        not ticks
        or not has_split(target, shifts)
        or max((len(metric.minutes) for metric in metrics), default=0) > MOST_COLUMNS
    ):
        return tuple(metrics)
    reading = Reading({metric.name: _counts(metric.minutes) for metric in metrics})
    known = items.baselines.get(target.name)
    comparison = Comparison(
        plan, target, reading, Baseline.of(known) if known else UNKNOWN, shifts, max(tick["at"] for tick in ticks)
    )
    read = {each.name: each for each in comparison.metrics}
    return tuple(_with(metric, read[metric.name]) if metric.name in read else metric for metric in metrics)


def _with(metric: MetricCounts, read: Judged) -> MetricCounts:
    if metric.limit is None or not metric.gates or read.seconds < MINUTE:  # a column has several slots
        return metric
    starts = sorted(read.minutes)
    minutes = [read.minutes[start] for start in starts]
    fewest = failing_from(
        minutes,
        limit=metric.limit - log(metric.share),
        min_effect=read.min_effect,
        dispersion=read.dispersion,
        forgiven=read.forgiven,
    )
    found = zip(starts, minutes, fewest, strict=True)
    rates = {start: bad / minute.canary_total for start, minute, bad in found if bad is not None}
    return replace(metric, fails_from=rates)


def _counts(minutes: Mapping[int, BothVersions]) -> dict[int, Minute]:
    return {start: pair.minute for start, pair in minutes.items()}


Minutes = dict[int, BothVersions]


def ticks(items: ReleaseItems) -> tuple[JudgedTick, ...]:
    """Read every `judged` event; fields that an older Compare did not write are omitted."""
    return tuple(
        JudgedTick(
            at=item["at"],
            weight=float(item.get("weight", 0)),
            verdict=item.get("verdict", "no_data"),
            summary=item.get("summary", ""),
            held=bool(item.get("held")),
            targets=tuple(_of_target(each) for each in item.get("verdicts", [])),
        )
        for item in items.ticks
    )


def _of_target(verdict: Item) -> TargetTick:
    own = {each["name"]: float(each["log_e_value"]) for each in verdict.get("metrics", [])}
    log_e_value = verdict.get("log_e_value")
    if verdict.get("metric") == USERS:
        own[USERS] = float(log_e_value or 0)
    return TargetTick(verdict["target"], verdict["verdict"], None if log_e_value is None else float(log_e_value), own)


def last_verdict(target: str, items: ReleaseItems) -> Item:
    """Return what the last tick wrote of a target; empty before the first."""
    found = [each for item in items.ticks for each in item.get("verdicts", []) if each["target"] == target]
    return found[-1] if found else {}


def ambers(items: ReleaseItems) -> tuple[str, ...]:
    """Return what the last tick found worse without failing the version, by target."""
    verdicts = items.ticks[-1].get("verdicts", []) if items.ticks else []
    named = [(each["target"], one) for each in verdicts for one in each.get("amber", [])]
    return tuple(f"{target}: {one}." if len(verdicts) > 1 else f"{one[:1].upper()}{one[1:]}." for target, one in named)


def exposures(plan: ReleasePlan, items: ReleaseItems) -> Iterator[Exposure]:
    """Return, for every known call between two targets of a release that has ended, what met another version.

    It is counted if users are routed, and otherwise estimated. The last tick counts as the end: the record is closed
    only after a look back that may roll back.
    """
    ended = int((items.record or {}).get("ended_at") or 0)
    until = min([ended, *(int(tick["at"]) for tick in items.ticks[-1:])])
    known = edges(plan.targets) if until and items.shifts else []
    if plan.routing:
        yield from (observed(edge, items.users(edge_name(edge))) for edge in known)
        return
    counts = {name: _all_calls(name, items) for name in {end.name for edge in known for end in edge}}
    for edge in known:
        if found := exposure(edge, counts, items.shifts, until):
            yield found


def _all_calls(target: str, items: ReleaseItems) -> Mapping[int, Minute]:
    """Return the minutes of the measure that counts most calls."""
    found: dict[str, dict[int, Minute]] = defaultdict(dict)
    for name, start, each in items.counts(target):
        found[name][start] = each
    return max(found.values(), key=lambda minutes: sum(_total(each) for each in minutes.values()), default={})


def _total(minute: Minute) -> int:
    return minute.canary_total + minute.stable_total


def metrics_of(target: str, plan: ReleasePlan, items: ReleaseItems) -> tuple[MetricCounts, ...]:
    """Return all judged minutes of a target, with the last reading of each: late data corrects it."""
    last = last_verdict(target, items)
    by_minute = _by_minute(target, items)
    measured = {each.name: each for each in measures(plan.metrics, _baseline(target, items).get("thresholds", {}))}
    said = {each["name"]: each for each in last.get("metrics", [])} or ({ERRORS: last} if "canary" in last else {})
    names = [name for name in measured if name in {*by_minute, *said}]
    names += [name for name in {**by_minute, **said} if name not in names]
    return tuple(
        _metric(
            measured.get(name) or Measure(name, PlannedMetric(name)), said.get(name, {}), by_minute[name], plan, last
        )
        for name in names
    )


def _metric(measure: Measure, said: Item, minutes: Minutes, plan: ReleasePlan, last: Item) -> MetricCounts:
    """Return one metric as its last tick wrote it, or its minutes if that tick could not compare."""
    share = said.get("share", 1.0)
    gates = bool(share) and measure.metric.gates
    limit = plan.limit if gates else None
    log_e_value = said.get("log_e_value")
    told = said or _counted_here(minutes)
    whole = BothVersions(CallCounts(*told["stable"]), CallCounts(*told["canary"])) if "canary" in told else None
    return MetricCounts(
        measure.name,
        measure.noun,
        minutes,
        whole,
        told.get("since"),
        told.get("within"),
        unit=measure.unit,
        share=share,
        log_e_value=log_e_value,
        limit=limit,
        verdict="worse" if said.get("amber") else _verdict(log_e_value, limit, last.get("verdict"), whole),
        gates=gates,
    )


def _verdict(
    log_e_value: float | None, limit: float | None, of_target: str | None, whole: BothVersions | None
) -> str | None:
    """Return the verdict of one metric: its evidence shows whether it failed.

    A target without a call at its present weight may have calls from the steps before.
    """
    if limit is None or log_e_value is None:
        return None
    if of_target == "no_data" and whole and whole.canary.total:
        return "inconclusive"
    if log_e_value >= limit:
        return of_target if of_target != "pass" else "inconclusive"
    return None if of_target == "fail" else of_target


def _counted_here(minutes: Minutes) -> Item:
    starts = sorted(minutes)
    return counted(shown(starts, [minutes[start].minute for start in starts], evidence=0.0, limit=None))


def _baseline(target: str, items: ReleaseItems) -> Item:
    """Return stable's baseline before the release, as read then; empty if it was not read."""
    return items.baselines.get(target, {})


def before(target: str, items: ReleaseItems) -> Minutes:
    """Return stable's calls and failed ones in the hour before the first shift."""
    rows = _baseline(target, items).get("before", [])
    return {start: BothVersions(stable=CallCounts(bad, total)) for start, total, bad in rows if total}


def _by_minute(target: str, items: ReleaseItems) -> dict[str, Minutes]:
    found: dict[str, Minutes] = defaultdict(dict)
    for name, start, each in items.counts(target):
        if each.canary_total or each.stable_total:
            stable, canary = (
                CallCounts(each.stable_bad, each.stable_total),
                CallCounts(each.canary_bad, each.canary_total),
            )
            found[name][start] = BothVersions(stable, canary)
    return defaultdict(dict, {name: dict(sorted(minutes.items())) for name, minutes in found.items()})
