"""What the history of one execution can take, and how a release is paced so that it fits.

Step Functions keeps 25,000 events of an execution, and fails it at the next one (AWS Step Functions quotas). What each
state takes is that of its kind; a test counts them in the definition, another one in a real history.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidegate.domain.schedule import DAY, HOUR, MINUTE

if TYPE_CHECKING:  # who asks for a pace has read a request; the plan's own numbers need none of its models
    from tidegate.domain.request.models import Request, TargetRequest

EVENTS = 25_000

LOOK = 9
"""A wait, a Task and a choice: one tick, one look back, or one look whether an update has settled."""

CHANGED = 12
"""Update, Settle, Settled?: for each change beyond the first."""

PREPARED = 31
"""A target with one change at most that is settled whenever it is looked at: its iteration, from Update to Probe."""

SHIFTED = 7
"""Wait for the minute, Shift traffic: once a step."""

ONCE = 100
"""What comes once, such as Plan, the Map itself, Finish, Roll back."""

SPARE = 1500
"""Tries again take three each; every decision of a person, every end of a freeze, and an update by somebody else one
more look."""

PAUSED = 696
"""Looks while it is held by people or a freeze, or waits for answers, for two weeks in all: see `next_look`."""

QUICK = (DAY // MINUTE, 6 * HOUR // MINUTE, 2 * HOUR // MINUTE)
"""Minutes in which a tick comes every minute; later ones come every five."""

LATER = 5
"""Minutes."""

LOOKED_BACK_QUICKLY = HOUR // MINUTE
"""Minutes at 100 % in which it looks back every minute."""

PLENTY, FEWEST = 24, 6
"""Looks whether a target's updates have settled: what need not be saved on, and what there have to be."""

BEYOND = 1
"""Looks that a target may take beyond those it has: the last one, when its time is over."""


@dataclass(frozen=True)
class Pace:
    """For how many `minutes` a tick comes every minute, and how many `looks` each target has for its updates."""

    minutes: int
    looks: int


def pace_of(request: "Request") -> Pace | None:
    """Give the quickest pace at which the release fits even if all takes as long as it may; None: it fits at none."""
    found = [Pace(minutes, _looks(request, minutes)) for minutes in QUICK]
    plenty = next((pace for pace in found if pace.looks >= PLENTY), None)
    return plenty or (found[-1] if found[-1].looks >= FEWEST else None)


def _looks(request: "Request", quick: int) -> int:
    left = _left(request) - LOOK * _ticks(own_minutes(request), quick) - _prepared(request.targets)
    return left // (LOOK * len(request.targets)) - BEYOND


def most_minutes(request: "Request") -> int:
    """Give how long the bakes and the hold of a release may be at most, by what else it takes."""
    looks = _left(request) // LOOK - len(request.targets) * (FEWEST + BEYOND) - _prepared(request.targets) // LOOK
    return QUICK[-1] + LATER * (looks - QUICK[-1] - 1)


def preparing(request: "Request") -> int:
    """Give the events that preparing its targets takes at least."""
    return _prepared(request.targets) + LOOK * (FEWEST + BEYOND) * len(request.targets)


def own_minutes(request: "Request") -> int:
    """Add up the bakes, as long as they may take, and the hold."""
    analysis = request.analysis
    baking = sum(max(step.bake_minutes, analysis.max_bake_minutes or 0) for step in request.strategy.steps)
    return baking + (analysis.max_hold_minutes if analysis.on_inconclusive == "hold" else 0)


def minutes_at_100(request: "Request") -> int:
    after = request.analysis.after
    return 0 if after is None or after.on_worse == "ignore" else after.bake_minutes


def _left(request: "Request") -> int:
    """Give what is left for preparing and for the ticks of its own."""
    looking_back = _ticks(minutes_at_100(request), LOOKED_BACK_QUICKLY)
    steps = len(request.strategy.steps)
    return EVENTS - ONCE - SPARE - SHIFTED * steps - LOOK * (PAUSED + looking_back + 2 * steps)


def _ticks(minutes: int, quick: int) -> int:
    return min(minutes, quick) + -(-max(0, minutes - quick) // LATER)


def _prepared(targets: Sequence["TargetRequest"]) -> int:
    return sum(PREPARED + CHANGED * max(0, len(target.changes) - 1) for target in targets)
