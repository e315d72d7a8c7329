"""A report as data: the output of `tidegate report --json`, which every page also contains."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from tidegate.domain.analysis.baseline import Observation
from tidegate.domain.execution import Passage
from tidegate.domain.foreign_text import as_json
from tidegate.domain.schedule import MINUTE, format_time, minute_of
from tidegate.domain.waves import in_wave
from tidegate.report.counts import BothVersions, MetricCounts
from tidegate.report.model import HELD, JudgedTick, Report, Target, TargetTick
from tidegate.report.words import sentence

VERSION = "1.4"
"""A new minor number adds fields; a reader ignores unknown ones, and refuses another major number."""


def document(report: Report) -> dict[str, Any]:
    """Return everything a report shows. Times are ISO 8601, weights percent; null is a minute without calls."""
    return {
        "type": "report",
        "version": VERSION,
        "release": report.release,
        "outcome": report.outcome,
        "proof": report.proof,
        "held": report.state == HELD,
        "sentence": sentence(report),
        "why": report.why,
        "left": report.left,
        "error": report.error,
        "execution": report.execution,
        "made": format_time(report.made),
        "started": format_time(report.started),
        "ended": _time(report.ended),
        "strategy": {
            "name": report.strategy,
            "steps": [{"weight": weight, "bake_minutes": minutes} for weight, minutes in report.steps],
        },
        "analysis": dict(report.settings),
        "limit": _rounded(report.limit),
        "targets": [_target(target, report.ticks) for target in report.targets],
        "shifts": [
            {"at": format_time(shift.at), "weight": shift.weight, **in_wave(shift.wave), "skew_seconds": shift.skew}
            for shift in report.shifts
        ],
        "ticks": [
            {"at": format_time(tick.at), "weight": tick.weight, "verdict": tick.verdict, "summary": tick.summary}
            for tick in report.ticks
        ],
        "events": [{"at": format_time(e.at), "type": e.kind, "text": e.text} for e in report.events],
        "way": None if report.way is None else _way(report),
        "logged": [{"target": e.target, "type": e.type, "count": e.count, "link": e.link} for e in report.logged],
        "after": {"summary": report.after.summary, "alerts": report.after.alerts} if report.after else None,
        "exposures": [each.document() for each in report.exposures],
        "labels": dict(report.labels),
        "request": report.request,
        "notes": list(report.notes),
        "findings": [each.document() for each in report.findings],
        "regions": [
            {**one.document(), "since": format_time(one.since), "unreached": _time(one.unreached or None)}
            for one in report.regions
        ],
    }


def _time(seconds: int | None) -> str | None:
    return None if seconds is None else format_time(seconds)


def _rounded(log_e_value: float | None) -> float | None:
    return None if log_e_value is None else round(log_e_value, 4)


def _target(target: Target, ticks: Sequence[JudgedTick]) -> dict[str, Any]:
    """Write one target; lists named `at_ticks` have an entry for each tick of the release."""
    told = [next((each for each in tick.targets if each.target == target.name), None) for tick in ticks]
    return {
        "target": target.name,
        "stable": target.stable,
        "canary": target.canary,
        "verdict": target.verdict,
        "log_e_value": _rounded(target.log_e_value),
        "explanation": target.explanation,
        "verdicts_at_ticks": [each.verdict if each else None for each in told],
        "log_e_values_at_ticks": [_rounded(each.log_e_value) if each else None for each in told],
        "probe": target.probe,
        "metrics": [_metric(metric, told) for metric in target.metrics],
        "starts": dict(target.starts),
        "planned": [each.document() for each in target.planned],
        "before": {name: rows for name, rows in _by_minute(target.before).items() if name != "canary_minutes"},
        "seen": {version: _seen(target.seen, version) for version in ("stable", "canary")},
    }


def _metric(metric: MetricCounts, told: Sequence[TargetTick | None]) -> dict[str, Any]:
    stable, canary = metric.versions
    return {
        "metric": metric.name,
        "what": metric.what,
        "verdict": metric.verdict,
        "gates": metric.gates,
        "limit": _rounded(metric.limit),
        "log_e_value": _rounded(metric.log_e_value),
        "since": _time(metric.since),
        "stable": stable and [stable.bad, stable.total],
        "canary": canary and [canary.bad, canary.total],
        "log_e_values_at_ticks": [_rounded(each.of_metrics.get(metric.name)) if each else None for each in told],
        "difference": None if metric.difference is None else round(metric.difference, 6),
        "difference_within_minutes": metric.within,
        **_by_minute(metric.minutes),
        "fails_from_minutes": _fails_from(metric),
    }


def _by_minute(minutes: Mapping[int, BothVersions]) -> dict[str, Any]:
    """Write [bad, total] of each minute from `start` on, null without calls; a log has several slots in one."""
    if not minutes:
        return {"start": None, "stable_minutes": [], "canary_minutes": []}
    whole = defaultdict[int, BothVersions](BothVersions)
    for start, counts in minutes.items():
        whole[minute_of(start)] += counts
    every = range(min(whole), max(whole) + MINUTE, MINUTE)
    rows = [whole.get(minute, BothVersions()) for minute in every]
    return {
        "start": format_time(every[0]),
        "stable_minutes": [[row.stable.bad, row.stable.total] if row.stable.total else None for row in rows],
        "canary_minutes": [[row.canary.bad, row.canary.total] if row.canary.total else None for row in rows],
    }


def _fails_from(metric: MetricCounts) -> list[float | None]:
    """Write the rates from the metric's `start` on, null if no rate would have failed."""
    if not metric.fails_from:
        return []
    every = range(min(metric.minutes), max(metric.minutes) + MINUTE, MINUTE)
    return [None if (rate := metric.fails_from.get(minute)) is None else round(rate, 4) for minute in every]


def _seen(seen: Observation, version: str) -> dict[str, Any]:
    """Write each series from `start` on, null if there is no point."""
    series = seen.stable if version == "stable" else seen.canary
    points = {minute for each in series.values() for minute in each}
    if not points:
        return {}
    every = range(min(points), max(points) + MINUTE, MINUTE)
    return {
        "start": format_time(every[0]),
        **{name: [_number(values.get(minute)) for minute in every] for name, values in series.items()},
    }


def _number(value: float | None) -> float | None:
    if value is None:
        return None
    return int(value) if value == int(value) else round(value, 2)


def _way(report: Report) -> dict[str, Any]:
    """Write the visited states with their counts, the taken arrows, and the current states."""
    way: Sequence[Passage] = report.way or ()
    taken = Counter((passage.came_from, passage.state) for passage in way if passage.came_from)
    return {
        "visits": dict(Counter(passage.state for passage in way)),
        "taken": [[start, end, times] for (start, end), times in taken.items()],
        "now": sorted({passage.state for passage in way if report.ended is None and not passage.left}),
    }


def written(report: Report) -> str:
    """Write the document on one line; everything except ASCII is escaped, so that no text can break its container."""
    return as_json(document(report), separators=(",", ":"))
