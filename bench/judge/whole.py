"""Whole releases with `guarded` and the default request: warm-up, quiet functions, a fix while production burns."""

from collections.abc import Mapping
from dataclasses import replace
from statistics import median

import numpy as np

from bench.judge.release import Draw, Release, plan_of
from bench.judge.sandboxes import FRESH, SLOWER, Sandboxes
from tidegate.domain.analysis.baseline import Baseline
from tidegate.domain.judge import Calls, Minute, dispersion

STRATEGY = "guarded"
FIRST_CALLS = f"the first {FRESH} calls of each take {SLOWER:g} times as long"
SLOW = {"latency-p95": 0.05, "latency-p99": 0.01}
HOUR = 60
RATE = 0.005
MOST = 150
"""Minutes that a release is followed."""

RPS = {0.1: 60, 0.3: 60, 1: 200, 3: 100, 10: 60, 30: 30}
"""Requests a second, and the number of releases whose calls run in sandboxes."""
SECONDS = (0.1, 2.0)
"""Their median durations."""


def rolled_back_by_warm_up(rps: float) -> tuple[float, float]:
    """Give the part of healthy releases that slow first calls roll back, and the part of which slowness is told."""
    back, told, releases = 0, 0, RPS[rps]
    for seed in range(releases):
        calls = Sandboxes(np.random.default_rng([20, round(10 * rps), seed]), rps, SECONDS[seed % len(SECONDS)])
        found = Release(plan_of(STRATEGY), calls.draw, calls.baseline).run(40)
        combined = found.verdict.combined if found.verdict else None
        back += found.ended == "roll_back" and combined is not None and combined.leading != "errors"
        told += bool(found.verdict and found.verdict.amber)
    return back / releases, told / releases


def slow_is_caught(rps: float, times: float = 3.0, releases: int = 60) -> float:
    """Give the part of releases that are rolled back if the canary's calls take so many times as long."""
    caught = 0
    for seed in range(releases):
        random = np.random.default_rng([23, round(10 * rps), seed])
        calls = Sandboxes(random, rps, SECONDS[seed % len(SECONDS)], slower=times)
        caught += Release(plan_of(STRATEGY), calls.draw, calls.baseline).run(MOST).ended == "roll_back"
    return caught / releases


def drawn(random: np.random.Generator, rps: float, stable: float, canary: float) -> Draw:
    """Give the minutes of a version, by its rate of failed calls; it is as quick as stable."""

    def draw(_: int, weight: float) -> Mapping[str, Minute]:
        n1, n0 = (int(random.poisson(60 * rps * part)) for part in (weight, 1 - weight))
        rates = {"errors": (canary, stable), **{name: (part, part) for name, part in SLOW.items()}}
        return {
            name: Minute(n1, int(random.binomial(n1, new)), n0, int(random.binomial(n0, old)))
            for name, (new, old) in rates.items()
        }

    return draw


def baseline(random: np.random.Generator, rps: float, failing: float, since: int = HOUR) -> Baseline:
    """Give stable's hour before the release, in whose last minutes so many of its calls failed."""
    totals = random.poisson(60 * rps, HOUR)
    rates = np.where(np.arange(HOUR) >= HOUR - since, failing, RATE)
    counts = {"errors": rates, **{name: np.full(HOUR, part) for name, part in SLOW.items()}}
    calls = {
        name: {
            60 * k: Calls(*pair)
            for k, pair in enumerate(zip(totals.tolist(), random.binomial(totals, of).tolist(), strict=True))
        }
        for name, of in counts.items()
    }
    restless = {name: dispersion(of) for name, of in calls.items()}
    return Baseline({"p95": 300.0, "p99": 700.0}, restless, calls["errors"], counts_slow=True)


def fixes(rps: float, *, burning: float = 0.30, since: int = HOUR, releases: int = 200) -> tuple[float, float]:
    """Give the part of fixes that go through all steps without a hold, and their median minute."""
    through = []
    for seed in range(releases):
        random = np.random.default_rng([21, round(10 * rps), since, seed])
        before = baseline(random, rps, burning, since)
        found = Release(plan_of(STRATEGY), drawn(random, rps, burning, RATE), before).run(MOST)
        if found.ended == "finish" and not found.held:
            through.append(found.minute)
    return len(through) / releases, float(median(through)) if through else float("inf")


def hastened(rate: float, rps: float, better: float = 0.0, releases: int = 100) -> float:
    """Give the part of healthy releases of which a step ends sooner than its bake.

    Stable fails at `rate`, and the canary by `better` less.
    """
    plan, sooner = plan_of(STRATEGY), 0
    for seed in range(releases):
        random = np.random.default_rng([22, round(1e5 * rate), round(10 * rps), round(1e4 * better), seed])
        found = Release(plan, drawn(random, rps, rate, rate - better), baseline(random, rps, rate)).run(MOST)
        begins = [0, *(minute + 2 for minute in found.left)]
        stays = [left - begin for left, begin in zip(found.left, begins, strict=False)]
        passed = stays[:-1] if found.ended == "roll_back" else stays
        sooner += any(stay < step.bake_minutes for stay, step in zip(passed, plan.strategy.steps, strict=False))
    return sooner / releases


def first_step(rps: float, *, with_latency: bool, releases: int = 60) -> float:
    """Give the mean number of minutes of the first step, by errors and latency or by errors alone."""
    plan = plan_of(STRATEGY)
    if not with_latency:
        (errors, _) = plan.metrics
        plan = replace(plan, metrics=(replace(errors, weight=1.0),))
    minutes = []
    for seed in range(releases):
        random = np.random.default_rng([24, round(10 * rps), seed])
        found = Release(plan, drawn(random, rps, 0.0001, 0.0001), baseline(random, rps, 0.0001)).run(MOST)
        minutes.append(found.left[0] if found.left else MOST)
    return float(np.mean(minutes))
