"""The drawing of the state machine with the path of one release.

The drawing is generated once (`make diagram`); a release only adds classes and numbers.
"""

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from html import unescape
from importlib.resources import files

from tidegate.domain.execution import Passage
from tidegate.report import words
from tidegate.report.markup import Markup

STATE = re.compile(r'<g class="(?P<kind>state|group)(?P<shape>[^"]*)" id="state-(?P<id>[^"]+)">')
EDGE = re.compile(r'<g class="edge (?P<kind>\w+)" data-from="(?P<start>[^"]+)" data-to="(?P<end>[^"]+)">')
ENDS_BADLY = {"Refused", "Not prepared", "Rolled back", "Left to recover"}
"""Fail states; a state that only a Catch leads out of failed, too."""


@cache
def drawing() -> str:
    """Return the drawing from the repository."""
    return files("tidegate.report").joinpath("statemachine.svg").read_text(encoding="utf-8")


def states() -> tuple[str, ...]:
    """Name every state in the drawing."""
    return tuple(_name(found["id"]) for found in STATE.finditer(drawing()))


def edges() -> dict[tuple[str, str], str]:
    """Return every arrow in the drawing, from and to: `next` or `catch`."""
    return {(unescape(e["start"]), unescape(e["end"])): e["kind"] for e in EDGE.finditer(drawing())}


def with_way(way: Sequence[Passage], *, running: bool, whole: bool = True) -> Markup:
    """Mark the states that were visited (done, fail or now), the counts if the path is complete.

    The taken arrows.
    """
    visits = Counter(passage.state for passage in way)
    taken = {(passage.came_from, passage.state) for passage in way}
    now = {passage.state for passage in way if running and not passage.left}
    failed = (ENDS_BADLY & set(visits)) | {
        start for (start, end), kind in edges().items() if kind == "catch" and (start, end) in taken
    }

    def mark_state(found: re.Match[str]) -> str:
        name = _name(found["id"])
        if name not in visits:
            return found[0]
        mark = "now" if name in now else "fail" if name in failed else "done"
        return found[0].replace(f'"{found["kind"]}', f'"{found["kind"]} {mark}', 1)

    def mark_edge(found: re.Match[str]) -> str:
        arrow = (unescape(found["start"]), unescape(found["end"]))
        return f'<g class="edge {"taken " * (arrow in taken)}{found["kind"]}">'

    marked = EDGE.sub(mark_edge, STATE.sub(mark_state, drawing()))
    if way:
        marked = marked.replace('class="machine"', 'class="machine run"', 1)
    return Markup("\n".join(_with_visits(line, visits) if whole else line for line in marked.splitlines()))


def _with_visits(line: str, visits: Counter[str]) -> str:
    """Write the number of visits next to a state, if there is more than one."""
    found = STATE.search(line)
    times = visits[_name(found["id"])] if found else 0
    if times < 2:
        return line
    return line.replace("></text></g>", f">{words.times(times)}</text></g>", 1)


def _name(identifier: str) -> str:
    return unescape(identifier).replace("-", " ")
