"""Skew exposure: the share of the calls between two targets whose ends ran different versions, old and new.

Estimated from the calls of each version by minute: the versions of both ends are drawn independently of each other, so
in a minute in which a and b of the calls were new, (1 - a) b of them were old-new and a (1 - b) new-old. Which call led
to which is not known without traces.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from tidegate.domain.analysis.readings import Minutes, Shift, shifts_of, weights_in
from tidegate.domain.judge import Minute
from tidegate.domain.plan import TargetPlan
from tidegate.domain.schedule import MINUTE, minute_of


@dataclass(frozen=True)
class Exposure:
    """`calls` is the estimated number of calls from `caller` to `callee`.

    `old_new` is the share of them that an old caller made to a new callee, `new_old` the other way round.
    """

    caller: str
    callee: str
    calls: int
    old_new: float
    new_old: float

    @property
    def share(self) -> float:
        return self.old_new + self.new_old

    def document(self) -> dict[str, Any]:
        return {**asdict(self), "share": self.share}


Edge = tuple[TargetPlan, TargetPlan]
"""A target, and one that it calls."""


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
