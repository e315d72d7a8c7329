"""Simulated counts by slots of ten seconds, and the same counts by minutes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bench.judge.counts import bad_of, restlessness
from bench.judge.fast import Floats, Ints
from bench.judge.schedules import weights
from bench.judge.situations import RATE
from tidegate.domain.analysis.log_calls import SLOT
from tidegate.domain.analysis.looks import FIRST, LATER
from tidegate.domain.judge import Minute
from tidegate.domain.schedule import MINUTE

A_MINUTE = MINUTE // SLOT
SHIFT_AT = 30
"""Second of the minute at which the situation `shift` shifts."""

Draw = Callable[[np.random.Generator, int, float, Sequence[float]], "Slots"]
"""Random numbers, how many releases, requests per second and weights by slot, to counts."""


@dataclass(frozen=True)
class Slots:
    """Calls and bad ones of both versions: one row a release, one column a slot.

    `weights` are the least fair shares of the slots, `floors` those of the minutes (NaN where the calls' own share is).
    """

    n1: Ints
    x1: Ints
    n0: Ints
    x0: Ints
    weights: Floats
    phi: Floats
    floors: Floats

    def by_minute(self) -> tuple[Ints, Ints, Ints, Ints]:
        rows = self.n1.shape[0]
        n1, x1, n0, x0 = (part.reshape(rows, -1, A_MINUTE).sum(axis=2) for part in (self.n1, self.x1, self.n0, self.x0))
        return n1, x1, n0, x0

    def slot(self, row: int, column: int) -> Minute:
        n1, x1, n0, x0 = (int(part[row, column]) for part in (self.n1, self.x1, self.n0, self.x0))
        return Minute(n1, x1, n0, x0, float(self.weights[column]))


def weights_by_slot(schedule: str) -> list[float]:
    return [weight for weight in weights(schedule)[:-1] for _ in range(A_MINUTE)]


def looked_at(planned: Sequence[float]) -> list[int]:
    """Give the slots that the looks see: soon after each shift."""
    shifts = [slot for slot, weight in enumerate(planned) if slot == 0 or weight != planned[slot - 1]]
    spans = [(slot, (LATER if slot else FIRST) // SLOT) for slot in shifts]
    return [slot for slot in range(len(planned)) if any(begin <= slot < begin + span for begin, span in spans)]


def draw(
    random: np.random.Generator,
    releases: int,
    rps: float,
    planned: Sequence[float],
    *,
    stable: float | Floats = RATE,
    canary: float | Floats | None = None,
    before: float = RATE,
    burst: int = 1,
) -> Slots:
    """Draw Poisson calls, routed by the weights, of which some are bad by rates: one, or one for each slot."""
    w, shape = np.asarray(planned), (releases, len(planned))
    n1, n0 = random.poisson(SLOT * rps * w, shape), random.poisson(SLOT * rps * (1 - w), shape)
    old = np.broadcast_to(np.asarray(stable, float), shape)
    new = old if canary is None else np.broadcast_to(np.asarray(canary, float), shape)
    x1, x0 = bad_of(random, n1, new, burst), bad_of(random, n0, old, burst)
    return Slots(n1, x1, n0, x0, w, restlessness(random, releases, rps, before, burst=burst), none(planned))


def none(planned: Sequence[float]) -> Floats:
    return np.full(len(planned) // A_MINUTE, np.nan)


def healthy(rate: float, burst: int = 1) -> Draw:
    return lambda random, releases, rps, planned: draw(
        random, releases, rps, planned, stable=rate, before=rate, burst=burst
    )


def brown_out(seconds: int, *, with_the_shift: bool = False) -> Draw:
    """Let 30 % of both versions' calls fail for so long, somewhere or from the first shift on."""

    def situation(random: np.random.Generator, releases: int, rps: float, planned: Sequence[float]) -> Slots:
        length, slot = seconds // SLOT, np.arange(len(planned))[None, :]
        begins = random.integers(0, len(planned) - length, releases)[:, None] * (not with_the_shift)
        return draw(
            random, releases, rps, planned, stable=np.where((slot >= begins) & (slot < begins + length), 0.30, RATE)
        )

    return situation


def worse(points: float, since: int = 0) -> Draw:
    """Fail so many points more of the canary's calls, from a minute on."""
    return lambda random, releases, rps, planned: draw(
        random,
        releases,
        rps,
        planned,
        canary=np.where(np.arange(len(planned)) >= since * A_MINUTE, min(1.0, RATE + points), RATE),
    )


def fix(random: np.random.Generator, releases: int, rps: float, planned: Sequence[float]) -> Slots:
    return draw(random, releases, rps, planned, stable=0.30, canary=RATE, before=0.30)


def shifted_within(random: np.random.Generator, releases: int, rps: float, planned: Sequence[float]) -> Slots:
    """Shift at second 30 of a minute, beside a brown-out of 20 to 120 seconds that hits both versions."""
    late = SHIFT_AT // SLOT
    actual = np.asarray([*[0.0] * late, *planned][: len(planned)])
    ahead = [
        actual[slot : (slot // A_MINUTE + 1) * A_MINUTE + (A_MINUTE if slot % A_MINUTE else 0)].max()
        for slot in range(len(planned))
    ]
    second = np.arange(SLOT * len(planned))[None, :]
    length = random.integers(20, 121, releases)[:, None]
    begins = random.integers(-MINUTE, SLOT * len(planned), releases)[:, None]
    rates = np.where((second >= begins) & (second < begins + length), 0.30, RATE)
    rates = rates.reshape(releases, len(planned), SLOT).mean(axis=2)
    found = draw(random, releases, rps, actual.tolist(), stable=rates)
    steps = actual.reshape(-1, A_MINUTE)
    floors = np.where(steps.min(axis=1) == steps.max(axis=1), np.nan, steps.max(axis=1))
    return replace(found, weights=np.asarray(ahead), floors=floors)


def retried(random: np.random.Generator, releases: int, rps: float, planned: Sequence[float]) -> Slots:
    """1 % of asynchronous events fail at each of three attempts, on the same version."""
    w, shape = np.asarray(planned), (releases, len(planned))
    first = random.poisson(SLOT * rps * w, shape), random.poisson(SLOT * rps * (1 - w), shape)
    poisoned = [random.binomial(total, 0.01) for total in first]
    bad = [sum((_later(part, delay * A_MINUTE) for delay in (0, 1, 3)), np.zeros(shape, np.int64)) for part in poisoned]
    n1, n0 = (total + each - part for total, each, part in zip(first, bad, poisoned, strict=True))
    return Slots(n1, bad[0], n0, bad[1], w, restlessness(random, releases, rps, 0.03, floor=2.0), none(planned))


def slow(random: np.random.Generator, releases: int, rps: float, planned: Sequence[float]) -> Slots:
    """Let the canary's good calls take three minutes; 1 % fail on both versions, at once.

    A log shows a call when it ends. Of the metrics' young minutes, those calls are missing: the weight holds there.
    """
    found = draw(random, releases, rps, planned, stable=0.01, before=0.01)
    ended = _later(found.n1 - found.x1, 3 * A_MINUTE) + found.x1
    return replace(found, n1=ended, floors=found.weights[::A_MINUTE])


def _later(part: Ints, slots: int) -> Ints:
    return np.pad(part, ((0, 0), (slots, 0)))[:, : part.shape[1]]
