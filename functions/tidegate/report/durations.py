"""Durations: the calls of both versions by minute, and the init times of versions."""

from tidegate.domain.analysis.baseline import PERCENTILES
from tidegate.report.axis import Axis
from tidegate.report.markup import Markup, element
from tidegate.report.model import Report, Target
from tidegate.report.plot import Line, Scale, chart

MOST_STARTS = 6
"""Versions whose starts are shown, the newest ones."""


def durations(report: Report, target: Target, axis: Axis) -> Markup:
    lines = [
        Line(f"{kind} {name}", label if name == "p95" else "", axis.largest(series.get(name, {})))
        for kind, label, series in zip(
            ("old", "new"), target.names, (target.seen.stable, target.seen.canary), strict=True
        )
        for name in PERCENTILES
    ]
    return chart(
        report,
        axis,
        lines,
        Scale.over(*(line.peak for line in lines), least=4),
        name="Duration",
        unit="p50 (thin), p95 and p99 (thick)",
        write=_milliseconds,
        hover=lambda column: _durations_in(lines, column),
    )


def _durations_in(lines: list[Line], column: int) -> str:
    old, new = (
        " / ".join(_milliseconds(line.values[column] or 0.0) for line in half)
        if any(line.values[column] is not None for line in half)
        else "no calls"
        for half in (lines[: len(PERCENTILES)], lines[len(PERCENTILES) :])
    )
    return "" if old == new == "no calls" else f"new {new}, before {old}"


def starts(target: Target) -> Markup:
    """Draw a bar for the init time of each version."""
    shown = sorted(target.starts, key=int)[-MOST_STARTS:]
    longest = max(target.starts[version] for version in shown) or 1.0
    kinds = {target.stable: "old", target.canary: "new"}
    names = dict(zip((target.stable, target.canary), target.names, strict=True))
    rows = (
        element(
            "div",
            element("span", names.get(version, f"version {version}")),
            element("i", style=f"width:{70 * target.starts[version] / longest:.3g}%"),
            element("b", _milliseconds(1000 * target.starts[version])),
            class_=kinds.get(version, "part"),
        )
        for version in shown
    )
    return element(
        "figure",
        element("figcaption", element("b", "Start"), " ", element("span", "init, as probes found it", class_="unit")),
        element("div", *rows, class_="bars"),
    )


def _milliseconds(value: float) -> str:
    return f"{value:,.0f} ms" if value >= 10 else f"{value:.2g} ms"
