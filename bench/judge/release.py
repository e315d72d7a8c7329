"""Whole releases, minute by minute, by the product's own request, comparison and next move."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tests.builders import ANYTHING
from tidegate.domain.alias import AliasState
from tidegate.domain.analysis.baseline import Baseline
from tidegate.domain.analysis.comparison import Comparison
from tidegate.domain.analysis.readings import Reading, Shift
from tidegate.domain.analysis.verdict import TargetVerdict
from tidegate.domain.judge import Minute
from tidegate.domain.plan import ReleasePlan
from tidegate.domain.planning.plan_builder import make_plan
from tidegate.domain.planning.preflight.inspected import Inspected
from tidegate.domain.request.parse import parse_request
from tidegate.domain.rollout.next_move import MoveKind, next_move
from tidegate.domain.schedule import MINUTE, visible_at

START = 1_800_014_400
"""A whole hour, in seconds since 1970, at which every release begins to shift."""

WAIT = 2
"""Minutes that begin between the end of a minute and a shift that its data causes: the lag, and the whole minute."""

Draw = Callable[[int, float], Mapping[str, Minute]]
"""A minute (from 0) and the canary's weight in it (a fraction), to the counts by measure."""


@cache
def plan_of(strategy: str, **analysis: Any) -> ReleasePlan:
    """Plan the release that a request with this strategy asks for; what `analysis` leaves out is the default."""
    wanted = {"function": "checkout", "strategy": strategy, **({"analysis": analysis} if analysis else {})}
    request = parse_request(wanted, limits=ANYTHING)
    found = [Inspected({}, AliasState("1"), timeouts=(3,))]
    return make_plan(request, found, now=START, retention_days=1).with_canaries({"checkout:live": "2"})


@dataclass
class Release:
    """One release of one function; `left` has the minute of the tick at which each step was passed, from 1."""

    plan: ReleasePlan
    draw: Draw
    baseline: Baseline
    shifts: list[Shift] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
    held: bool = False
    ended: str = ""
    minute: int = 0
    verdict: TargetVerdict | None = None

    def run(self, most: int) -> "Release":
        """Go on until it ends, at most so many minutes; `ended` is then empty."""
        counts: dict[str, dict[int, Minute]] = {}
        self._shift(0)
        while self.minute < most and not self.ended:
            start = START + self.minute * MINUTE
            weight = next(shift.weight for shift in reversed(self.shifts) if shift.at <= start) / 100
            for name, minute in self.draw(self.minute, weight).items():
                counts.setdefault(name, {})[start] = minute
            self.minute += 1
            if self.shifts[-1].at <= start:
                self._look(counts)
        return self

    def _shift(self, minute: int) -> None:
        at = START + minute * MINUTE
        self.shifts.append(Shift(at, self.plan.step(len(self.shifts)).weight, at + 2))

    def _look(self, counts: Mapping[str, Mapping[int, Minute]]) -> None:
        now = visible_at(START + self.minute * MINUTE)
        reading = Reading(counts, counted=frozenset(counts))
        (target,) = self.plan.shifting
        self.verdict = Comparison(self.plan, target, reading, self.baseline, self.shifts, now).judge()
        move = next_move(self.plan, len(self.shifts) - 1, self.shifts, [self.verdict], now=now)
        self.held |= bool(move.held)
        if move.kind is MoveKind.BAKE:
            return
        self.left.append(self.minute)
        if move.kind is MoveKind.SHIFT:
            self._shift(self.minute + WAIT)
        else:
            self.ended = move.kind.value
