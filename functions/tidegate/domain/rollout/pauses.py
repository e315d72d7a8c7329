"""Pauses of a release at a weight: freezes, brown-outs, holds."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from math import inf
from typing import Any

from tidegate.domain.analysis.readings import Shift
from tidegate.domain.hooks import around_a_step
from tidegate.domain.plan import ReleasePlan
from tidegate.domain.schedule import DAY, HOUR, MINUTE, next_tick

_WAITS = ((HOUR, MINUTE), (DAY, 5 * MINUTE), (3 * DAY, 30 * MINUTE), (inf, HOUR))
"""Until it was paused for so long, it waits so long for the next look."""


@dataclass(frozen=True)
class Pause:
    """A time in which a release was frozen, seconds since 1970; `until` is in the future while it lasts."""

    began: int
    until: int

    def document(self) -> dict[str, int]:
        return asdict(self)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Pause":
        return cls(document["began"], document["until"])


@dataclass(frozen=True)
class Expiry:
    """The end of a hold at `until` (seconds since 1970), and what happens `then`: rollback or promote."""

    until: int
    then: str


def brought_up_to(now: int, pauses: tuple[Pause, ...], frozen_until: int | None) -> tuple[Pause, ...]:
    """Return the pauses after a tick at `now`, with a freeze until some time or without a freeze."""
    lasting = bool(pauses) and pauses[-1].until > now
    over, last = (pauses[:-1], pauses[-1:]) if lasting else (pauses, ())
    if frozen_until is None:
        return (*over, *(replace(pause, until=now) for pause in last))
    return (*over, Pause(last[0].began if last else now, frozen_until))


MOST = 300
"""Pauses that are kept one by one: some 12 KB of a release's record."""


def condensed(pauses: tuple[Pause, ...]) -> tuple[Pause, ...]:
    """Return at most `MOST` pauses with the same effect on a deadline; the earliest are merged."""
    if len(pauses) <= MOST:
        return pauses
    earliest, kept = pauses[: len(pauses) - MOST + 1], pauses[len(pauses) - MOST + 1 :]
    began = earliest[0].began
    return (Pause(began, began + sum(pause.until - pause.began for pause in earliest)), *kept)


def lengthened(deadline: int, pauses: Sequence[Pause]) -> int:
    """Return the deadline of a paused release: the remaining time is the same before and after a pause."""
    return deadline + sum(pause.until - pause.began for pause in pauses)


def paused_seconds(pauses: Sequence[Pause], *, now: int, since: int = 0) -> int:
    """Return how long pauses that began at `since` or later have lasted up to now."""
    return sum(min(pause.until, now) - pause.began for pause in pauses if pause.began >= since)


def next_look(now: int, first_shift: int, pauses: Sequence[Pause], quick: int = DAY) -> int:
    """When to compare next; during a pause, at its end and at intervals before it.

    The intervals grow with the total time of pauses: with nine events per tick, two weeks must fit into the 25,000
    events of an execution's history. For `quick` (seconds) see `next_tick`.
    """
    if not pauses or pauses[-1].until <= now:
        return next_tick(now, first_shift, paused_seconds(pauses, now=now), quick)
    held = paused_seconds(pauses, now=now)
    wait = next(wait for until, wait in _WAITS if held < until)
    return min(_half_past(now + wait - MINUTE // 2), _half_past(pauses[-1].until))


def latest_look(now: int, first_shift: int | None, pauses: Sequence[Pause], quick: int = DAY) -> int | None:
    """Return the latest time of the check that is due at `now`, seconds since 1970; None: when every version is ready.

    It is a minute later than the next check if a shift comes first.
    """
    if first_shift is None and not (pauses and pauses[-1].until > now):
        return None
    return next_look(now + MINUTE, now if first_shift is None else first_shift, pauses, quick)


def _half_past(moment: int) -> int:
    """Return the first second 30 of a minute at or after `moment`."""
    return moment + (MINUTE // 2 - moment) % MINUTE


AROUND_A_STEP = 2
"""Minutes that a step takes beyond its own where all is in time: metrics are read late, shifts on whole minutes."""


MOST_AROUND_A_STEP = 3
"""Minutes of a step in addition to its longest bake, at most."""


def patience(plan: ReleasePlan, step: int) -> int:
    """How many minutes a step may take until it is held or decided."""
    return plan.step(step).longest(plan.max_bake_minutes)


def held_before(plan: ReleasePlan, shifts: Sequence[Shift], pauses: Sequence[Pause]) -> int:
    """How many minutes earlier steps were held, without freezes and without the time that hooks may take."""
    around = AROUND_A_STEP + around_a_step(plan.hooks)
    # By their weights: a promotion may have left steps out.
    steps = {(step.wave, step.weight): index for index, step in enumerate(plan.strategy.steps)}
    return sum(
        max(0, _minutes(shift, following, pauses) - patience(plan, steps[shift.wave, shift.weight]) - around)
        for shift, following in pairwise(shifts)
    )


def _minutes(shift: Shift, following: Shift, pauses: Sequence[Pause]) -> int:
    meanwhile = [pause for pause in pauses if pause.began < following.at]
    paused = paused_seconds(meanwhile, since=shift.at, now=following.at)
    return (following.at - shift.at - paused) // MINUTE
