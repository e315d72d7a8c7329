"""The picture: healthy releases rolled back, and regressions missed, by traffic; SVG, drawn by hand."""

from collections.abc import Callable, Iterator
from math import log10

from bench.judge.cells import BASELINES, TRAFFIC
from bench.judge.rules import RULES
from bench.judge.schedules import CANARY
from bench.judge.table import Results, at

WIDTH, HEIGHT = 960, 450
PANEL, TOP, BOTTOM = 400, 70, 340
LEFTS = (60, 540)
COLOURS = ("#b5651d", "#c9a227", "#7a8b2f", "#5f7f8c", "#8e6c9e", "#b04a5a", "#0b63c5", "#0b63c5")
"""Ours are the two blue ones; the second, alpha 0.2, is dashed."""


def draw(results: Results) -> str:
    sized = f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12" fill="#222"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {sized}>',
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
            *_panel(LEFTS[0], "Healthy releases rolled back (worst baseline of 0 to 5 %)", _false(results)),
            *_panel(LEFTS[1], "Releases with 2 points more errors missed", _missed(results)),
            *_legend(),
            "</svg>\n",
        ]
    )


Series = Callable[[str, float], float]


def _false(results: Results) -> Series:
    def worst(rule: str, rps: float) -> float:
        return max(at(results, CANARY, f"healthy {rate:g}", rps, rule).rolled_back for rate in BASELINES)

    return worst


def _missed(results: Results) -> Series:
    return lambda rule, rps: 1 - at(results, CANARY, "+2 points", rps, rule).rolled_back


def _panel(left: int, title: str, series: Series) -> Iterator[str]:
    yield f'<text x="{left}" y="30" font-weight="bold">{title}</text>'
    yield f'<text x="{left}" y="48" fill="#666">canary-10-5m, by requests a second</text>'
    for part in (0, 0.25, 0.5, 0.75, 1):
        yield f'<line x1="{left}" x2="{left + PANEL}" y1="{_y(part):.1f}" y2="{_y(part):.1f}" stroke="#ddd"/>'
        yield f'<text x="{left - 8}" y="{_y(part) + 4:.1f}" text-anchor="end" fill="#666">{100 * part:.0f} %</text>'
    for rps in TRAFFIC:
        yield f'<text x="{_x(left, rps):.1f}" y="{BOTTOM + 18}" text-anchor="middle" fill="#666">{rps}</text>'
    for index, rule in enumerate(RULES):
        points = " ".join(f"{_x(left, rps):.1f},{_y(series(rule.name, rps)):.1f}" for rps in TRAFFIC)
        yield f'<polyline points="{points}" fill="none" {_stroke(index)}><title>{_text(rule.name)}</title></polyline>'


def _legend() -> Iterator[str]:
    for index, rule in enumerate(RULES):
        x, y = 60 + 320 * (index % 3), 388 + 22 * (index // 3)
        yield f'<line x1="{x}" x2="{x + 22}" y1="{y - 4}" y2="{y - 4}" {_stroke(index)}/>'
        yield f'<text x="{x + 28}" y="{y}">{_text(rule.name)}</text>'


def _stroke(index: int) -> str:
    ours = RULES[index].name.startswith("Tidegate")
    dashed = ' stroke-dasharray="6 4"' if index == len(RULES) - 1 else ""
    return f'stroke="{COLOURS[index]}" stroke-width="{3 if ours else 1.8}"{dashed}'


def _text(name: str) -> str:
    return name.replace("&", "&amp;").replace(">", "&gt;")


def _x(left: int, rps: float) -> float:
    return left + PANEL * log10(rps) / log10(TRAFFIC[-1])


def _y(part: float) -> float:
    return BOTTOM - (BOTTOM - TOP) * part
