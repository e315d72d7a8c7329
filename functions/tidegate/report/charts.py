"""The charts of a report: the weight with the verdicts, then the metrics of each target."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby

from tidegate.domain.amounts import clock
from tidegate.domain.analysis.baseline import CALLS, ERRORS, PERCENTILES, Observation
from tidegate.domain.metric import ERRORS as FAILED
from tidegate.domain.schedule import MINUTE
from tidegate.report import words
from tidegate.report.axis import Axis
from tidegate.report.counts import BothVersions, CallCounts, MetricCounts
from tidegate.report.durations import durations, starts
from tidegate.report.markup import Markup, element, joined, opening
from tidegate.report.model import JudgedTick, Report, Target
from tidegate.report.plot import HIGH, Line, Scale, chart, stair, times, weights

LIMIT_AT_LEAST = 1.5
"""The top of the evidence scale, in limits; it grows at most twice as far, because evidence can be very large."""

BAND_WITHIN, HEADROOM = 4, 1.2
"""The top of a rate's scale: slightly above the lowest point of the failing band, but at most this multiple
of the largest rate, because otherwise the lines would be flat."""


def overview(report: Report, axis: Axis) -> Markup:
    """Draw the canary's weight over time, and below it the verdicts; equal adjacent verdicts are one block."""
    svg = joined(
        opening("svg", viewBox=f"0 0 {axis.columns} {HIGH}", preserveAspectRatio="none", role="img"),
        element("title", "Weight of the new version"),
        element("desc", "; ".join(f"{words.weight(shift.weight)} from {clock(shift.at)}" for shift in report.shifts)),
        element("path", class_="stair strong", d=stair(report, axis)),
        element("path", class_="grid", d=f"M0 0H{axis.columns}M0 {HIGH}H{axis.columns}"),
        Markup("</svg>"),
    )
    return element(
        "figure",
        element(
            "figcaption", element("b", "Weight and verdicts"), " ", element("span", "of the requests", class_="unit")
        ),
        element("div", svg, _weight_labels(report, axis), class_="plot low"),
        element("div", *_blocks(report, axis), class_="verdicts"),
        times(axis),
        class_="chart",
    )


def _weight_labels(report: Report, axis: Axis) -> Iterator[Markup]:
    yield element("span", "100 %", class_="y", style="top:0%")
    yield element("span", "0", class_="y", style="top:100%")
    for place, weight in weights(report, axis)[:-1]:
        style = f"left:{100 * place / axis.columns:.4g}%;bottom:{min(weight, 80):g}%"
        yield element("span", words.weight(weight), class_="step", style=style)


def _blocks(report: Report, axis: Axis) -> Iterator[Markup]:
    for (verdict, weight), run in groupby(report.ticks, key=lambda tick: (tick.verdict, tick.weight)):
        together = list(run)
        first, last = together[0].at, together[-1].at
        width = min(max(axis.at(last + MINUTE) - axis.at(first), 1.0), axis.columns - axis.at(first))
        yield element(
            "span",
            _block(verdict, len(together)),
            class_=f"{words.VERDICT_TONES.get(verdict, 'warn')}",
            style=f"left:{axis.percent(first)};width:{100 * width / axis.columns:.4g}%",
            title=f"{clock(first)} at {words.weight(weight)}: {together[-1].summary}",
        )


def _block(verdict: str, ticks: int) -> str:
    sign = words.VERDICTS.get(verdict, "?")
    return sign if ticks == 1 else f"{sign} {ticks}"


def of_target(report: Report, target: Target, axis: Axis) -> Iterator[Markup]:
    counted = shown(target)
    if counted:
        yield _calls(report, target, axis, counted)
    for metric in target.metrics:
        if metric.unit == "user":
            yield _new_users(report, target, axis, metric.minutes)
            continue
        yield _rates(report, target, axis, metric, counted if metric.name == FAILED else metric.minutes)
    if report.ticks and target.metrics:
        yield _evidence(report, target, axis)
    if any(target.seen.canary.get(name) or target.seen.stable.get(name) for name in PERCENTILES):
        yield durations(report, target, axis)
    if target.starts:
        yield starts(target)


def shown(target: Target) -> dict[int, BothVersions]:
    """Return calls and errors by minute: the judged ones, and additional minutes from CloudWatch."""
    found = {**target.before, **_observed(target.seen)}
    for metric in target.metrics:
        if metric.name == FAILED:
            found |= metric.minutes
    return dict(sorted(found.items()))


def _observed(seen: Observation) -> dict[int, BothVersions]:
    minutes = {*seen.stable.get(CALLS, {}), *seen.canary.get(CALLS, {})}
    return {minute: BothVersions(_counts(seen.stable, minute), _counts(seen.canary, minute)) for minute in minutes}


def _counts(series: Mapping[str, Mapping[int, float]], minute: int) -> CallCounts:
    bad = round(series.get(ERRORS, {}).get(minute, 0))
    return CallCounts(bad, max(bad, round(series.get(CALLS, {}).get(minute, 0))))


def _calls(report: Report, target: Target, axis: Axis, minutes: Mapping[int, BothVersions]) -> Markup:
    old, new = target.names
    columns = axis.pairs(minutes)
    lines = [
        Line("old", old, [pair.stable.total or None for pair in columns]),
        Line("new", new, [pair.canary.total or None for pair in columns]),
    ]
    return _counted(report, axis, lines, "Calls")


def _new_users(report: Report, target: Target, axis: Axis, minutes: Mapping[int, BothVersions]) -> Markup:
    """Draw the users who failed for the first time: each is evidence once, in that minute."""
    old, new = target.names
    columns = axis.pairs(minutes)
    lines = [
        Line("old", old, [pair.stable.bad if pair != BothVersions() else None for pair in columns]),
        Line("new", new, [pair.canary.bad if pair != BothVersions() else None for pair in columns]),
    ]
    name = "Users who fail for the first time at their step"
    return _counted(report, axis, lines, name, lambda column: _both_new(columns[column]))


def _counted(
    report: Report, axis: Axis, lines: Sequence[Line], name: str, hover: Callable[[int], str] | None = None
) -> Markup:
    scale = Scale.over(*(line.peak for line in lines), least=4)
    return chart(report, axis, lines, scale, name=name, unit=f"in {_every(axis)}", write=words.count, hover=hover)


def _both_new(pair: BothVersions) -> str:
    if pair == BothVersions():
        return ""
    return f"new {pair.canary.bad} of about {pair.canary.total}, before {pair.stable.bad} of about {pair.stable.total}"


def _rates(
    report: Report, target: Target, axis: Axis, metric: MetricCounts, minutes: Mapping[int, BothVersions]
) -> Markup:
    columns = axis.pairs(minutes)
    old, new = target.names
    lines = [
        Line("old", old, [pair.stable.rate for pair in columns]),
        Line("new", new, [pair.canary.rate for pair in columns]),
    ]
    fails = axis.largest(metric.fails_from) if axis.width == MINUTE else []
    peak = max([0.01, *(line.peak for line in lines if line.peak)])
    nearest = min((value for value in fails if value is not None), default=0.0)
    return chart(
        report,
        axis,
        lines,
        Scale.over(peak, min(BAND_WITHIN * peak, HEADROOM * nearest), least=0.01),
        name=f"{words.capital(metric.unit)}s that {metric.what}",
        unit=f"% of those in {_every(axis)}",
        write=words.rate,
        hover=lambda column: _both(columns[column]),
        fails=fails,
    )


def _evidence(report: Report, target: Target, axis: Axis) -> Markup:
    """Draw ln E after each tick against the limit, and that of each metric if there are several."""
    columns = axis.largest(_log_e_values(report.ticks, target.name))
    gating = [metric for metric in target.metrics if metric.gates]
    several = gating if len(gating) > 1 else []
    lines = [
        *(
            Line(f"part part{n}", metric.name, axis.largest(_log_e_values(report.ticks, target.name, metric.name)))
            for n, metric in enumerate(several)
        ),
        Line("evidence", "all together" if several else "evidence", columns),
    ]
    limit = report.limit
    peak = max((line.peak or 0.0 for line in lines), default=0.0)
    return chart(
        report,
        axis,
        lines,
        Scale(min(max(1.1 * peak, LIMIT_AT_LEAST * limit), 2 * LIMIT_AT_LEAST * limit)),
        name="Evidence against the new version",
        unit="how rarely chance produces it",
        write=words.odds,
        hover=lambda column: words.odds(columns[column] or 0.0) if columns[column] is not None else "",
        marks=[(limit, f"rolls back: {words.odds(limit)}")],
    )


def _log_e_values(ticks: tuple[JudgedTick, ...], target: str, metric: str | None = None) -> dict[int, float]:
    told = ((tick.at, each) for tick in ticks for each in tick.targets if each.target == target)
    values = ((at, each.of_metrics.get(metric) if metric else each.log_e_value) for at, each in told)
    return {at: value for at, value in values if value is not None}


def _both(pair: BothVersions) -> str:
    return "" if pair == BothVersions() else f"new {_bad(pair.canary)}, before {_bad(pair.stable)}"


def _bad(counts: CallCounts) -> str:
    return f"{counts.bad}/{counts.total} ({words.rate(counts.rate)})" if counts.total else "no calls"


def _every(axis: Axis) -> str:
    return "each minute" if axis.width == MINUTE else f"each {axis.width // MINUTE} minutes"
