"""Skew exposure: the share of the calls between two targets whose ends ran different versions, old and new.

Estimated from the calls of each version by minute: the versions of both ends are drawn independently of each other, so
in a minute in which a and b of the calls were new, (1 - a) b of them were old-new and a (1 - b) new-old. Which call led
to which is not known then.

It is counted if users are routed, by the lines of callers with the library. Nothing can be estimated of them: a user
meets both canaries or none, and callers without the library meet stable.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import sqrt
from statistics import median
from typing import Any

from tidegate.domain.analysis.readings import Minutes, Shift, shifts_of, weights_in
from tidegate.domain.analysis.user_lines import MetLine
from tidegate.domain.judge import Minute
from tidegate.domain.plan import TargetPlan
from tidegate.domain.schedule import MINUTE, minute_of

COUNTED, ESTIMATED, UNKNOWN = "counted", "estimated", "unknown"
Z = 1.96
"""Standard deviations of a normal distribution that leave out 5 %."""


@dataclass(frozen=True)
class Exposure:
    """`calls` is the number of calls from `caller` to `callee`: estimated, or those that were counted.

    `old_new` is the share of them that an old caller made to a new callee, `new_old` the other way round; None where
    the `basis` is unknown.
    """

    caller: str
    callee: str
    calls: int
    old_new: float | None
    new_old: float | None
    basis: str = ESTIMATED

    @property
    def share(self) -> float | None:
        return None if self.old_new is None or self.new_old is None else self.old_new + self.new_old

    @property
    def interval(self) -> tuple[float, float] | None:
        """Return Wilson's 95 % interval of a share that was counted, as if each call had been drawn by itself."""
        if self.share is None or self.basis != COUNTED:
            return None
        size = 1 + Z * Z / self.calls
        middle = (self.share + Z * Z / (2 * self.calls)) / size
        half = Z * sqrt(self.share * (1 - self.share) / self.calls + (Z / (2 * self.calls)) ** 2) / size
        return max(0.0, middle - half), min(1.0, middle + half)

    def document(self) -> dict[str, Any]:
        return {**asdict(self), "share": self.share, "interval": self.interval and list(self.interval)}


Edge = tuple[TargetPlan, TargetPlan]
"""A target, and one that it calls."""

Row = Sequence[int]
"""The start of a minute, and the calls old-old, old-new, new-old and new-new of the lines written in it."""


def edges(targets: Iterable[TargetPlan]) -> list[Edge]:
    """Return the known calls between targets whose versions change."""
    changing = {target.name: target for target in targets if target.shifts}
    return [(each, changing[name]) for each in changing.values() for name in each.calls if name in changing]


def edge_name(edge: Edge) -> str:
    """Return a name that no function has."""
    return " → ".join(each.name for each in edge)


def count_meetings(lines: Iterable[MetLine], known: Sequence[Edge]) -> dict[str, list[Row]]:
    """Count the calls of lines by the name of the edge; other edges and other versions are left out."""
    by_ends = {(caller.function, callee.function): (caller, callee) for caller, callee in known}
    found: dict[str, dict[int, Counter[int]]] = defaultdict(lambda: defaultdict(Counter))
    for line in lines:
        edge = by_ends.get((line.caller, line.callee))
        if edge is None or line.version not in edge[0].versions():
            continue
        caller, callee = edge
        for version, calls in line.met.items():
            if version in callee.versions():
                pair = 2 * (line.version == caller.canary) + (version == callee.canary)
                found[edge_name(edge)][minute_of(line.at)][pair] += calls
    return {
        name: [[start, *(pairs[kind] for kind in range(4))] for start, pairs in sorted(minutes.items())]
        for name, minutes in found.items()
    }


def observed(edge: Edge, rows: Iterable[Row]) -> Exposure:
    """Return what the rows of an edge say; those of the same minute are of the same lines, or of some of them.

    Of a minute in which a tick ended before it had read a busy log, only the larger part counts.
    """
    minutes: dict[int, Row] = {}
    for start, *pairs in rows:
        minutes[start] = [max(both) for both in zip(pairs, minutes.get(start, pairs), strict=True)]
    caller, callee = (each.name for each in edge)
    _, old_new, new_old, _ = pairs = [sum(each) for each in zip(*minutes.values(), strict=True)] or [0] * 4
    whole = sum(pairs)
    if not whole:
        return Exposure(caller, callee, 0, None, None, UNKNOWN)
    return Exposure(caller, callee, whole, old_new / whole, new_old / whole, COUNTED)


def exposure(edge: Edge, counts: Mapping[str, Minutes], shifts: Sequence[Shift], until: int) -> Exposure | None:
    """Estimate the calls of an edge from the first shift up to `until`, the end of the release; None without calls.

    `counts` are the minutes of each target by name. The minutes after their last one were not read: they count with
    their weights and the median number of calls. Each call of the edge is a call of both ends, so the end with fewer
    calls bounds them.
    """
    ends = [(each, counts.get(each.name, {})) for each in edge]
    known = {minute: _calls([of for _, of in ends], minute) for _, of in ends for minute in of}
    if not shifts or not any(known.values()):
        return None
    usual = median(filter(None, known.values()))
    whole, old_new, new_old = 0.0, 0.0, 0.0
    for minute in range(minute_of(shifts[0].at), until, MINUTE):
        number = known.get(minute, usual if minute > max(known) else 0)
        a, b = (_new(each, of, shifts, minute) for each, of in ends)
        whole += number
        old_new += number * (1 - a) * b
        new_old += number * a * (1 - b)
    caller, callee = (each.name for each in edge)
    return Exposure(caller, callee, round(whole), old_new / whole, new_old / whole) if whole else None


def _calls(ends: Sequence[Minutes], minute: int) -> int:
    """Return the calls of the edge in a minute, at most; an end without any count is unknown."""
    return min(_total(of[minute]) if minute in of else 0 for of in ends if of)


def _total(minute: Minute) -> int:
    return minute.canary_total + minute.stable_total


def _new(target: TargetPlan, counts: Minutes, shifts: Sequence[Shift], minute: int) -> float:
    """Return the share of a target's calls that ran on the new version."""
    found = counts.get(minute)
    if found and _total(found):
        return found.canary_total / _total(found)
    weights = weights_in(minute, shifts_of(target.wave, shifts))
    return sum(weights) / len(weights) if weights else 0.0
