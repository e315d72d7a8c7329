"""Simulated releases of many functions: rules for judging them as a whole, and what each finds how soon."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import log

import numpy as np

from bench.figure import Figure
from bench.judge.fast import Floats, Ints, log_e_values
from tidegate.domain.judge import FLEET_SHARE as SHARE
from tidegate.domain.judge.e_values import GAINS
from tidegate.domain.strategy import strategy_named

COMMAND = "make bench-fleet"
ALPHA = 0.05
PER_MINUTE = 60
RATE = 0.005
WEIGHTS = [step.weight / 100 for step in strategy_named("guarded").steps for _ in range(step.bake_minutes)]
NEVER = len(WEIGHTS) + 1
"""Counts as the minute in which a rule finds what it does not find: a ratio of medians errs against the better rule."""

_GAINS = np.array(GAINS)


@dataclass(frozen=True)
class Counts:
    """Calls and bad ones of both versions: one row a target, one column a minute; releases one after the other."""

    canary: tuple[Ints, Ints]
    stable: tuple[Ints, Ints]


@dataclass(frozen=True)
class Situation:
    """How much more calls of the canaries of so many targets fail (a difference of rates); in a brown-out all fail."""

    name: str
    worse: float = 0.0
    bad_targets: float = 0.0
    brown_out: bool = False


SITUATIONS = (
    Situation("healthy"),
    Situation("healthy, a brown-out of both versions of all", brown_out=True),
    Situation("one target 5 points worse", 0.05, bad_targets=0.0001),
    Situation("one target 20 points worse", 0.20, bad_targets=0.0001),
    Situation("a tenth 2 points worse", 0.02, bad_targets=0.1),
    Situation("all 1 point worse", 0.01, bad_targets=1.0),
)


def drawn(random: np.random.Generator, of: Situation, releases: int, targets: int) -> Counts:
    rows, minutes = releases * targets, len(WEIGHTS)
    weights = np.array(WEIGHTS)[None, :]
    n1, n0 = (random.poisson(PER_MINUTE * share, (rows, minutes)) for share in (weights, 1 - weights))
    rate = np.full(minutes, RATE)
    if of.brown_out:
        rate[minutes // 2 : minutes // 2 + 4] *= 20
    bad = np.arange(targets) < max(of.bad_targets * targets, 1 if of.worse else 0)
    extra = np.tile(np.where(bad, of.worse, 0.0), releases)[:, None]
    return Counts((n1, random.binomial(n1, rate + extra)), (n0, random.binomial(n0, np.tile(rate, (rows, 1)))))


def fleet_values(counts: Counts, targets: int) -> Floats:
    """Give the log of the fleet-wide e-value after each minute, one row a release: as `domain.judge.fleet`."""
    (n1, x1), (n0, x0) = counts.canary, counts.stable
    releases = len(n1) // targets
    factors = np.empty((releases, n1.shape[1], len(GAINS)))
    for minute in range(n1.shape[1]):
        share = (n1[:, minute] / np.maximum(n1[:, minute] + n0[:, minute], 1))[:, None]
        bad = (x1[:, minute] + x0[:, minute])[:, None]
        logs = x1[:, minute, None] * np.log1p(_GAINS) - bad * np.log1p(share * _GAINS)
        both = ((n1[:, minute] > 0) & (n0[:, minute] > 0))[:, None]
        factors[:, minute] = np.where(both, logs, 0).reshape(releases, targets, -1).sum(axis=1)
    products, values = np.full((releases, len(GAINS)), -np.inf), np.zeros(factors.shape[:2])
    for k in range(1, factors.shape[1] + 1):
        products = np.logaddexp(products, -np.log(k * (k + 1))) + factors[:, k - 1]
        peak = products.max(axis=1)
        mean = peak + np.log(np.exp(products - peak[:, None]).mean(axis=1))
        values[:, k - 1] = np.logaddexp(mean, -np.log(k + 1))
    return values


def first(values: Floats, limit: float) -> Ints:
    """Give the first minute, from 1, at which each row reaches a limit."""
    over = values >= limit
    return np.where(over.any(axis=1), over.argmax(axis=1) + 1, NEVER)


def ends(counts: Counts, targets: int) -> Mapping[str, Ints]:
    """Give the minute at which each rule rolls back each release."""
    rows = len(counts.canary[0])
    floors, phi = np.full(len(WEIGHTS), np.nan), np.ones(rows)
    own = log_e_values(counts.canary, counts.stable, floors, phi).reshape(-1, targets, len(WEIGHTS))
    largest, fleet = own.max(axis=1), fleet_values(counts, targets)
    peak = own.max(axis=1, keepdims=True)
    average = peak[:, 0] + np.log(np.exp(own - peak).mean(axis=1))
    alone = first(largest, log(targets / ALPHA))
    shared = first(largest, log(targets / (ALPHA * (1 - SHARE))))
    return {
        "each target at alpha / N": alone,
        "the average of the targets": first(average, log(1 / ALPHA)),
        "the fleet alone": first(fleet, log(1 / ALPHA)),
        "each target and the fleet": np.minimum(shared, first(fleet, log(1 / (ALPHA * SHARE)))),
    }


def measure(targets: int, releases: int) -> Iterator[Figure]:
    for number, situation in enumerate(SITUATIONS):
        found = ends(drawn(np.random.default_rng([17, number]), situation, releases, targets), targets)
        told = "; ".join(f"{name}: {_told(minutes)}" for name, minutes in found.items())
        whole, alone = found["each target and the fleet"], found["each target at alpha / N"]
        if situation.worse:
            sooner = float(np.median(whole) / np.median(alone))
            bar = 1.25 if situation.bad_targets < 1 else 0.99
            figure = f"{targets} targets, {situation.name}: median minute against each target alone"
            yield Figure(figure, round(sooner, 3), "ratio", bar, told, command=COMMAND)
        else:
            figure = f"{targets} targets, {situation.name}: releases rolled back"
            yield Figure(figure, round(float((whole < NEVER).mean()), 4), "share", ALPHA, told, command=COMMAND)


def _told(minutes: Ints) -> str:
    found = minutes[minutes < NEVER]
    when = f" at minute {np.median(found):g}" if len(found) else ""
    return f"{len(found) / len(minutes):.1%}{when}"
