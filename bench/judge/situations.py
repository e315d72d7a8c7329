"""What may happen to a release: each situation gives the counts of many releases at once."""

from collections.abc import Callable, Sequence

import numpy as np

from bench.judge.counts import Counts, bad_of, restlessness
from bench.judge.fast import Floats, Ints

Situation = Callable[[np.random.Generator, int, float, Sequence[float]], Counts]
"""Random numbers, how many releases, requests per second and weights by minute, to counts."""

RATE = 0.005
"""Stable's rate of bad calls where a situation has none of its own."""


def draw(
    random: np.random.Generator,
    releases: int,
    rps: float,
    weights: Sequence[float],
    *,
    stable: Sequence[float] | float | Floats = RATE,
    canary: Sequence[float] | float | Floats | None = None,
    before: float = RATE,
    burst: int = 1,
) -> Counts:
    """Draw Poisson calls, routed by the weights, of which some are bad by rates: one, one a minute, or one a cell."""
    shape = (releases, len(weights))
    n1, n0 = (
        random.poisson(60 * rps * np.asarray(weights), shape),
        random.poisson(60 * rps * (1 - np.asarray(weights)), shape),
    )
    stable_rates = np.broadcast_to(np.asarray(stable, float), shape)
    canary_rates = stable_rates if canary is None else np.broadcast_to(np.asarray(canary, float), shape)
    x1, x0 = bad_of(random, n1, canary_rates, burst), bad_of(random, n0, stable_rates, burst)
    return Counts(
        n1, x1, n0, x0, np.full(len(weights), np.nan), restlessness(random, releases, rps, before, burst=burst)
    )


def healthy(rate: float, burst: int = 1) -> Situation:
    return lambda random, releases, rps, weights: draw(
        random, releases, rps, weights, stable=rate, before=rate, burst=burst
    )


def brown_out(random: np.random.Generator, releases: int, rps: float, weights: Sequence[float]) -> Counts:
    """Two minutes, somewhere, in which 30 % of both versions' calls fail."""
    begins = random.integers(0, len(weights) - 2, releases)[:, None]
    minute = np.arange(len(weights))[None, :]
    return draw(random, releases, rps, weights, stable=np.where((minute >= begins) & (minute < begins + 2), 0.30, RATE))


def worse(points: float, since: int = 0) -> Situation:
    """Fail so many points more of the canary's calls, from a minute on."""

    def situation(random: np.random.Generator, releases: int, rps: float, weights: Sequence[float]) -> Counts:
        rates = [min(1.0, RATE + points) if minute >= since else RATE for minute in range(len(weights))]
        return draw(random, releases, rps, weights, canary=rates)

    return situation


def fix(random: np.random.Generator, releases: int, rps: float, weights: Sequence[float]) -> Counts:
    """Release a fix while 30 % of production's calls fail."""
    return draw(random, releases, rps, weights, stable=0.30, canary=RATE, before=0.30)


def shifted_within(random: np.random.Generator, releases: int, rps: float, weights: Sequence[float]) -> Counts:
    """Shift at second 30 of each minute, beside a brown-out of 20 to 120 seconds that hits both versions.

    The minute is held against the larger of its two weights, as the product does it.
    """
    steps = [0.0, *weights]
    seconds = np.repeat(steps, 60)[30 : 30 + 60 * len(weights)]  # second 30 of each minute begins a weight
    length = random.integers(20, 121, releases)[:, None]
    begins = random.integers(-60, 60 * len(weights), releases)[:, None]
    second = np.arange(len(seconds))[None, :]
    rates = np.where((second >= begins) & (second < begins + length), 0.30, RATE)
    n1, n0 = random.poisson(rps * seconds, rates.shape), random.poisson(rps * (1 - seconds), rates.shape)
    shape = (releases, len(weights), 60)
    both = (n1, random.binomial(n1, rates), n0, random.binomial(n0, rates))
    canary_total, canary_bad, stable_total, stable_bad = (part.reshape(shape).sum(axis=2) for part in both)
    larger = np.maximum(steps[:-1], steps[1:])
    floors = np.where(np.asarray(steps[:-1]) == np.asarray(steps[1:]), np.nan, larger)
    phi = restlessness(random, releases, rps, RATE)
    return Counts(canary_total, canary_bad, stable_total, stable_bad, floors, phi)


def retried(random: np.random.Generator, releases: int, rps: float, weights: Sequence[float]) -> Counts:
    """1 % of asynchronous events fail at each of three attempts, a minute and three minutes later on the same version.

    Whether a retry draws its version again is not documented; on the same version is the worse case.
    """
    shape, delays = (releases, len(weights)), (0, 1, 3)
    w = np.asarray(weights)
    first = random.poisson(60 * rps * w, shape), random.poisson(60 * rps * (1 - w), shape)
    poisoned = [random.binomial(total, 0.01) for total in first]
    bad = [sum((_later(part, delay) for delay in delays), np.zeros(shape, np.int64)) for part in poisoned]
    n1, n0 = (total + each - part for total, each, part in zip(first, bad, poisoned, strict=True))
    phi = restlessness(random, releases, rps, 0.03, floor=2.0)
    return Counts(n1, bad[0], n0, bad[1], np.full(len(weights), np.nan), phi)


def _later(part: Ints, minutes: int) -> Ints:
    return np.pad(part, ((0, 0), (minutes, 0)))[:, : part.shape[1]]
