"""The drawing of the state machine: `python -m tests.pages.state_machine_drawing` prints the source for Graphviz's dot.

`make diagram` lays it out with `dot` and writes functions/tidegate/report/statemachine.svg; `dot` only places boxes
and lines, and what they look like is said here.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from html import escape
from itertools import pairwise
from math import hypot
from typing import Any

from tests.reading import ROOT, states

DRAWING = ROOT / "functions/tidegate/report/statemachine.svg"

SPINE = (
    "Plan",
    "Go ahead?",
    "Update",
    "Settle",
    "Settled?",
    "Probe",
    "Before traffic",
    "What first?",
    "Wait for the minute",
    "Shift traffic",
    "Bake",
    "Compare versions",
    "What next?",
    "Finish",
    "Look back?",
    "Released",
)
"""States to put in line where it can be done: what a release goes through when all is well."""

SHAPES = {"Choice": "choice", "Wait": "wait", "Succeed": "end", "Fail": "end"}
MARGIN = 8
TIP = 6.0
Point = tuple[float, float]

STYLE = """
.machine{--ink:#1f2933;--line:#8a94a0;--box:#fff;--edge:#c3cad2;--good:#1a7f4b;--bad:#c0392b;--now:#1864ab;--group:#f4f6f8;
--good-soft:#e3f4ea;--bad-soft:#fde8e6;--now-soft:#e2effb;
font:11px system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
@media(prefers-color-scheme:dark){.machine{--ink:#e4e8ec;--line:#77828e;--box:#1b2026;--edge:#4a535d;--good:#4cc38a;--bad:#ff8a7a;
--now:#74b3f0;--group:#14181d;
--good-soft:#14301f;--bad-soft:#3a1c1b;--now-soft:#14283b}}
.machine text{fill:var(--ink);text-anchor:middle;dominant-baseline:central}
.machine .group>rect{fill:var(--group);stroke:var(--edge)}.machine .group>text{font-weight:600}
.machine .state>:is(rect,path){fill:var(--box);stroke:var(--line)}.machine .wait>rect{stroke-dasharray:4 3}
.machine .edge path{fill:none;stroke:var(--edge)}.machine .edge .tip{fill:var(--edge)}
.machine .catch path:first-child{stroke-dasharray:3 3}.machine .visits{font-size:9px;font-weight:700;text-anchor:start}
.machine.run :is(.state,.group):not(.done,.fail,.now)>*{opacity:.7}
.machine :is(.done,.fail,.now)>:is(rect,path){stroke-width:1.5}
.machine .done>:is(rect,path){stroke:var(--good);fill:var(--good-soft)}
.machine .fail>:is(rect,path){stroke:var(--bad);fill:var(--bad-soft)}
.machine .now>:is(rect,path){stroke:var(--now);fill:var(--now-soft);stroke-width:2.5}
.machine .group:is(.done,.fail,.now)>rect{fill:var(--group)}
.machine .taken path{stroke:var(--ink);stroke-width:1.4}.machine .taken .tip{fill:var(--ink)}
"""


def transitions() -> dict[tuple[str, str], str]:
    """Give every arrow, from and to: `next`, or `catch` where only an error leads that way."""
    found: dict[tuple[str, str], str] = {}
    for name, state in states().items():
        following = [state.get("Next"), state.get("Default"), *(each["Next"] for each in state.get("Choices", []))]
        for each in filter(None, following):
            found[name, each] = "next"
        for each in state.get("Catch", []):
            found.setdefault((name, each["Next"]), "catch")
    return found


def groups() -> dict[str, list[str]]:
    """Give the Map states with the states in each, the first one first."""
    found = {}
    for name, state in states().items():
        if "ItemProcessor" in state:
            start = state["ItemProcessor"]["StartAt"]
            inner = state["ItemProcessor"]["States"]
            found[name] = [start, *(each for each in inner if each != start)]
    return found


def source() -> str:
    """Give the graph in the language of dot; a Map is a cluster, and arrows to and from it end at its border."""
    lines = [
        "digraph release {",
        "  rankdir=TB; compound=true; nodesep=0.22; ranksep=0.24; edge [arrowsize=0.6];",
        '  node [shape=box, fontname="DejaVu Sans", fontsize=11, height=0.34, margin="0.13,0.04"];',
    ]
    lines += [f'  "{name}" [group=spine];' for name in SPINE]
    for name, inner in groups().items():
        quoted = "; ".join(f'"{each}"' for each in inner)
        lines.append(f'  subgraph "cluster_{name}" {{ label="{name}"; fontsize=11; {quoted} }}')
    lines += [f"  {line}" for line in _arrows()]
    return "\n".join([*lines, "}"]) + "\n"


def _arrows() -> Iterator[str]:
    inside = groups()
    along = set(pairwise(SPINE))
    for (start, end), kind in transitions().items():
        tail = _last(inside[start]) if start in inside else start
        head = inside[end][0] if end in inside else end
        said = {"weight": "20" if (tail, head) in along else "1", "comment": f"{start}|{end}|{kind}"}
        said |= {"ltail": f"cluster_{start}"} if start in inside else {}
        said |= {"lhead": f"cluster_{end}"} if end in inside else {}
        yield f'"{tail}" -> "{head}" [{", ".join(f"{key}={chr(34)}{value}{chr(34)}" for key, value in said.items())}];'


def _last(inner: list[str]) -> str:
    return next(each for each in reversed(SPINE) if each in inner)


def laid_out() -> Any:
    """Have dot place everything; it must be installed (Debian: graphviz)."""
    answer = subprocess.run(["dot", "-Tjson"], input=source(), text=True, capture_output=True, check=True)
    return json.loads(answer.stdout)


def svg(layout: Any) -> str:
    left, low, right, high = _numbers(layout["bb"])
    width, height = round(right - left) + 2 * MARGIN, round(high - low) + 2 * MARGIN
    drawer = Drawer(high)
    body = [*drawer.groups(layout), *drawer.edges(layout), *drawer.states(layout)]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="machine" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="The state machine of a release">'
    )
    return "\n".join([head, f"<style>{STYLE}</style>", *body, "</svg>", ""])


class Drawer:
    """Turns dot's places (points, from the bottom left) into elements."""

    def __init__(self, high: float) -> None:
        self._high = high

    def groups(self, layout: Any) -> Iterator[str]:
        for each in layout["objects"]:
            if each["name"].startswith("cluster_"):
                name = each["label"]
                left, low, right, high = _numbers(each["bb"])
                x, y = self._at(left, high)
                x_text, y_text = self._at(*_numbers(each["lp"]))
                yield (
                    f'<g class="group" id="{identifier(name)}">'
                    f'<rect x="{x}" y="{y}" width="{right - left:.0f}" height="{high - low:.0f}" rx="8"/>'
                    f'<text x="{x_text}" y="{y_text}">{escape(name)}</text></g>'
                )

    def states(self, layout: Any) -> Iterator[str]:
        for each in layout["objects"]:
            if "pos" in each:
                x, y = self._at(*_numbers(each["pos"]))
                yield self._state(
                    each["name"], x, y, round(float(each["width"]) * 72), round(float(each["height"]) * 72)
                )

    def _state(self, name: str, x: int, y: int, width: int, height: int) -> str:
        shape = SHAPES.get(states()[name]["Type"], "task")
        left, top = x - width // 2, y - height // 2
        if shape == "choice":
            slope = height // 3
            box = (
                f'<path d="M{left + slope} {top}h{width - 2 * slope}l{slope} {height // 2}l-{slope} {height // 2}'
                f'h-{width - 2 * slope}l-{slope} -{height // 2}z"/>'
            )
        else:
            round_ = height // 2 if shape == "end" else 4
            box = f'<rect x="{left}" y="{top}" width="{width}" height="{height}" rx="{round_}"/>'
        return (
            f'<g class="state {shape}" id="{identifier(name)}">{box}'
            f'<text x="{x}" y="{y}">{escape(name)}</text>'
            f'<text class="visits" x="{left + width + 3}" y="{y}"></text></g>'
        )

    def edges(self, layout: Any) -> Iterator[str]:
        for each in layout["edges"]:
            start, end, kind = each["comment"].split("|")
            arrow, *rest = each["pos"].split(" ")
            tip = self._at(*_numbers(arrow.removeprefix("e,")))
            points = [self._at(*_numbers(point)) for point in rest]
            curve = f"M{_pair(points[0])}C{' '.join(_pair(point) for point in points[1:])}"
            yield (
                f'<g class="edge {kind}" data-from="{escape(start)}" data-to="{escape(end)}">'
                f'<path d="{curve}"/><path class="tip" d="{_tip(points[-1], tip)}"/></g>'
            )

    def _at(self, x: float, y: float) -> tuple[int, int]:
        return round(x) + MARGIN, round(self._high - y) + MARGIN


def identifier(name: str) -> str:
    """Give the id of a state's group: `state-Go-ahead?`."""
    return "state-" + name.replace(" ", "-")


def _tip(base: Point, end: Point) -> str:
    """Draw an arrow head that ends at `end`, in the direction of the curve's last piece."""
    (x0, y0), (x1, y1) = base, end
    length = hypot(x1 - x0, y1 - y0) or 1.0
    along, across = (x1 - x0) / length * TIP, (y1 - y0) / length * TIP
    left = (x1 - along - across / 2, y1 - across + along / 2)
    right = (x1 - along + across / 2, y1 - across - along / 2)
    return f"M{_pair(end)}L{_pair(left)} {_pair(right)}z"


def _pair(point: Point) -> str:
    return f"{point[0]:.0f} {point[1]:.0f}"


def _numbers(text: str) -> list[float]:
    return [float(each) for each in text.split(",")]


def main(arguments: list[str]) -> None:
    if arguments == ["draw"]:
        DRAWING.write_text(svg(laid_out()))
    else:
        sys.stdout.write(source())


if __name__ == "__main__":
    main(sys.argv[1:])
