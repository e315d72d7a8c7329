"""The limit of an execution's history, and the pace of a release that fits into it.

Step Functions keeps 25,000 events of an execution, and fails it at the next event (AWS Step Functions quotas). The
number of events depends on the kind of a state; tests count them in the definition and in a real history.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidegate.domain.hooks import AT_A_STEP
from tidegate.domain.schedule import DAY, HOUR, MINUTE

if TYPE_CHECKING:  # who asks for a pace has read a request; the plan's own numbers need none of its models
    from tidegate.domain.request.models import Request, TargetRequest

EVENTS = 25_000

LOOK = 9
"""A wait, a Task and a choice: one tick, one look back, or one check of an update."""

CHANGED = 12
"""Update, Settle, Settled?: for each change beyond the first."""

PREPARED = 31
"""A target with at most one change that has settled at the first check: its iteration, from Update to Probe."""

PROVISIONED = 120
"""The retries of a Probe that waits for provisioned environments, at most: three events each."""

SHIFTED = 7
"""Wait for the minute, Shift traffic: once a step."""

LOOKED = 5
"""Look at logs: once a step, after Shift traffic."""

LOOKED_FIRST = 10
"""The same in the first minutes of the first step, before each tick; at every step, a tick may come early."""

HOOKED = 7
"""Run hooks, What next?: once a step for each hook at a step."""

ONCE = 100
"""States that run once, such as Plan, the Map itself, Finish, Roll back."""

SPARE = 1500
"""A retry takes three events; every decision, every end of a freeze, and an update by somebody else take one
more check."""

PAUSED = 696
"""Checks during holds, freezes and approvals, for two weeks in total: see `next_look`."""

DRAINED = 60
"""Checks of the old versions after the promotion, at most: their intervals grow with the time."""

QUICK = (DAY // MINUTE, 6 * HOUR // MINUTE, 2 * HOUR // MINUTE)
"""Minutes in which a tick comes every minute; later ones come every five."""

LATER = 5
"""Minutes."""

LOOKED_BACK_QUICKLY = HOUR // MINUTE
"""Minutes at 100 % with a look back every minute."""

PLENTY, FEWEST = 24, 6
"""Checks whether a target's updates have settled: the unlimited number, and the minimum."""

BEYOND = 1
"""Checks of a target beyond its limit: the last one, at the time-out."""


@dataclass(frozen=True)
class Pace:
    """The `minutes` with a tick every minute, and the number of `looks` (checks) of each target's updates."""

    minutes: int
    looks: int


def pace_of(request: "Request", carrying: int = 0) -> Pace | None:
    """Return the fastest pace at which the release fits even with the longest durations; None: it never fits.

    `carrying` is how many targets wait for provisioned environments besides those whose probe does.
    """
    found = [Pace(minutes, _looks(request, minutes, carrying)) for minutes in QUICK]
    plenty = next((pace for pace in found if pace.looks >= PLENTY), None)
    return plenty or (found[-1] if found[-1].looks >= FEWEST else None)


def _looks(request: "Request", quick: int, carrying: int) -> int:
    prepared = _prepared(request.targets) + PROVISIONED * carrying
    left = _left(request) - LOOK * _ticks(own_minutes(request), quick) - prepared
    return left // (LOOK * len(request.targets)) - BEYOND


def most_minutes(request: "Request") -> int:
    """Return the longest total of bakes and hold that fits besides the other states."""
    looks = _left(request) // LOOK - len(request.targets) * (FEWEST + BEYOND) - _prepared(request.targets) // LOOK
    return QUICK[-1] + LATER * (looks - QUICK[-1] - 1)


def preparing(request: "Request") -> int:
    """Return the minimum number of events to prepare its targets."""
    return _prepared(request.targets) + LOOK * (FEWEST + BEYOND) * len(request.targets)


def own_minutes(request: "Request") -> int:
    """Add up the longest bakes and the hold."""
    analysis = request.analysis
    baking = sum(step.longest(analysis.max_bake_minutes or 0) for step in request.schedule.steps)
    return baking + (analysis.max_hold_minutes if baking and analysis.may_hold else 0)


def minutes_at_100(request: "Request") -> int:
    after = request.analysis.after
    return 0 if after is None or after.on_worse == "ignore" else after.bake_minutes


def drain_minutes(request: "Request") -> int:
    """Return how long the old versions are watched after the promotion at most, 0 for not at all."""
    wanted = len(request.targets) > 1 if request.drain.watch is None else request.drain.watch
    return request.drain.limit_minutes if wanted else 0


def _left(request: "Request") -> int:
    """Return the events that remain for the preparation and for its ticks."""
    looking_back = _ticks(minutes_at_100(request), LOOKED_BACK_QUICKLY)
    drained = DRAINED if drain_minutes(request) else 0
    steps = len(request.schedule.steps)
    shifted = SHIFTED + HOOKED * sum(hook.moment in AT_A_STEP for hook in request.hooks.planned())
    looked = LOOKED * (steps + LOOKED_FIRST) + LOOK * steps
    return EVENTS - ONCE - SPARE - shifted * steps - looked - LOOK * (PAUSED + looking_back + drained + 2 * steps)


def _ticks(minutes: int, quick: int) -> int:
    return min(minutes, quick) + -(-max(0, minutes - quick) // LATER)


def _prepared(targets: Sequence["TargetRequest"]) -> int:
    return sum(
        PREPARED + CHANGED * max(0, len(target.changes) - 1) + (PROVISIONED if target.probe.kind == "provision" else 0)
        for target in targets
    )
