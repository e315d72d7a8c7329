"""One chart: both versions over time as SVG, the canary's weight as pale steps behind them.

The SVG is stretched to the available width, so its lines do not scale and its text is HTML next to it: the
text keeps its size on a phone and on paper.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from math import floor, log10

from tidegate.report.axis import Axis
from tidegate.report.markup import Markup, element, joined, opening
from tidegate.report.model import RELEASED, Report

HIGH = 400
"""Height of a chart in its own units; widths are in columns."""

Values = Sequence[float | None]


@dataclass(frozen=True)
class Line:
    """Values by column; None is a gap. `kind` is the class that gives colour and dash; no `name`, no legend."""

    kind: str
    name: str
    values: Values

    @property
    def peak(self) -> float | None:
        return max((value for value in self.values if value is not None), default=None)


@dataclass(frozen=True)
class Scale:
    """From 0 at the bottom to `top`."""

    top: float

    @classmethod
    def over(cls, *values: float | None, least: float) -> "Scale":
        return cls(_nice(max([least, *(value for value in values if value is not None)])))

    def height(self, value: float) -> int:
        return round(HIGH * (1 - min(max(value / self.top, 0.0), 1.0)))


def _nice(value: float) -> float:
    """Round up to a number whose half is round, too."""
    power: float = 10.0 ** floor(log10(value))
    return next(step * power for step in (1, 2, 4, 6, 8, 10) if value <= step * power * (1 + 1e-9))


def stair(report: Report, axis: Axis) -> str:
    """Draw the weight over time, full height for 100 %."""
    points = weights(report, axis)
    if not points:
        return ""
    drawn = [f"M{_short(points[0][0])} {HIGH}"]
    drawn += [f"V{HIGH - round(weight / 100 * HIGH)}H{_short(end)}" for (_, weight), (end, _) in pairwise(points)]
    return f"{''.join(drawn)}V{HIGH}z"


def weights(report: Report, axis: Axis) -> list[tuple[float, float]]:
    """Return the positions at which the weight changed, with the new weight; the last is the end."""
    changes = [(axis.at(shift.at), shift.weight) for shift in report.shifts]
    if not changes:
        return []
    if report.promoted_at is not None:
        changes.append((axis.at(report.promoted_at), 100.0))
    stays = report.outcome == RELEASED
    return [*changes, (float(axis.columns) if stays else axis.at(report.until), 100.0 if stays else 0.0)]


def path(values: Values, scale: Scale) -> tuple[str, str]:
    """Draw a line through the middle of each column, and the dots; it breaks at missing values."""
    runs = [(first, [scale.height(value) for value in run]) for first, run in _runs(values)]
    lines = "".join(f"M{first}.5 {heights[0]}l{_onwards(heights)}" for first, heights in runs if len(heights) > 1)
    return lines, "".join(f"M{first}.5 {heights[0]}h0" for first, heights in runs if len(heights) == 1)


def _onwards(heights: Sequence[int]) -> str:
    """Write the relative moves from column to column; a minus needs no space before it."""
    return " ".join(
        f"1{after - before}" if after < before else f"1 {after - before}" for before, after in pairwise(heights)
    )


def above(values: Values, scale: Scale) -> str:
    """Draw the area above these values, up to the top."""
    drawn = ""
    for first, run in _runs(values):
        drawn += f"M{first} 0"
        for height, alike in groupby(scale.height(value) for value in run):
            drawn += f"V{height}h{len(list(alike))}"
        drawn += "V0z"
    return drawn


def _runs(values: Values) -> Iterator[tuple[int, list[float]]]:
    """Return the runs without a gap, with their first column."""
    run: list[float] = []
    for column, value in enumerate([*values, None]):
        if value is not None:
            run.append(value)
        elif run:
            yield column - len(run), run
            run = []


def _drawn(line: Line, scale: Scale) -> Markup:
    lines, dots = path(line.values, scale)
    return joined(
        element("path", class_=line.kind, d=lines) if lines else None,
        element("path", class_=f"{line.kind} dot", d=dots) if dots else None,
    )


def chart(
    report: Report,
    axis: Axis,
    lines: Sequence[Line],
    scale: Scale,
    *,
    name: str,
    unit: str,
    write: Callable[[float], str],
    hover: Callable[[int], str] | None = None,
    marks: Sequence[tuple[float, str]] = (),
    fails: Values = (),
) -> Markup:
    """Return a whole figure: caption with legend, drawing, scale, times.

    `hover` is the text for a column, `marks` are limits, `fails` the values from which on a column would have failed.
    """
    failing = above(fails, scale)
    svg = joined(
        opening("svg", viewBox=f"0 0 {axis.columns} {HIGH}", preserveAspectRatio="none", role="img"),
        element("title", name),
        element("desc", _description(lines, write)),
        element("path", class_="stair", d=stair(report, axis)),
        element("path", class_="grid", d=f"M0 0H{axis.columns}M0 {HIGH // 2}H{axis.columns}M0 {HIGH}H{axis.columns}"),
        element("path", class_="fails", d=failing) if failing else None,
        (element("path", class_="limit", d=f"M0 {scale.height(at)}H{axis.columns}") for at, _ in marks),
        (_drawn(line, scale) for line in lines),
        element("g", *_columns(axis, hover), class_="hover") if hover else None,
        Markup("</svg>"),
    )
    return element(
        "figure",
        element("figcaption", element("b", name), " ", element("span", unit, class_="unit"), _legend(lines, failing)),
        element("div", svg, _sides(scale, write, marks), class_="plot"),
        times(axis),
        class_="chart",
    )


def _columns(axis: Axis, hover: Callable[[int], str]) -> Iterator[Markup]:
    for column in range(axis.columns):
        said = hover(column)
        if said:
            at = axis.written(axis.start + column * axis.width)
            yield element("rect", element("title", f"{at} {said}"), x=str(column))


def _sides(scale: Scale, write: Callable[[float], str], marks: Sequence[tuple[float, str]]) -> Iterator[Markup]:
    for share in (0.0, 0.5, 1.0):
        yield element("span", write(scale.top * share), class_="y", style=f"top:{100 - 100 * share:g}%")
    for at, label in marks:
        yield element("span", label, class_="mark", style=f"top:{100 * scale.height(at) / HIGH:.3g}%")


def times(axis: Axis) -> Markup:
    labels = (element("span", axis.written(at), style=f"left:{axis.percent(at)}") for at in axis.labels())
    return element("div", *labels, class_="times")


def _legend(lines: Sequence[Line], failing: str) -> Markup:
    return element(
        "span",
        *(element("span", line.name, class_=f"key {line.kind}") for line in lines if line.name),
        element("span", "would have failed", class_="key fails") if failing else None,
        class_="legend",
    )


def _description(lines: Sequence[Line], write: Callable[[float], str]) -> str:
    named = [line for line in lines if line.name]
    peaks = (f"{line.name}: {'none' if line.peak is None else f'at most {write(line.peak)}'}" for line in named)
    return "; ".join(peaks)


def _short(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")
