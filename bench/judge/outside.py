"""Comparisons with the hour before: whether the world got worse, and the version after its promotion."""

from functools import partial

import numpy as np

from tidegate.domain.judge import Calls, Minute, compare_environment, dispersion, judge_promoted

RATE, BROWN_OUT, BAKE = 0.005, 0.30, 15


def notices_a_brown_out(rps: float = 10, releases: int = 300) -> float:
    """Give how often a brown-out of both versions is noticed within its first two minutes, at 10 %."""
    random, noticed = np.random.default_rng(12), 0
    for _ in range(releases):
        before = dict(enumerate(_calls(random, rps, [RATE] * 60)))
        rates = [RATE, BROWN_OUT, BROWN_OUT]
        stable, canary = (_calls(random, part * rps, rates) for part in (0.9, 0.1))
        both = zip(canary, stable, strict=True)
        minutes = {k: Minute(new.total, new.bad, old.total, old.bad) for k, (new, old) in enumerate(both)}
        restless = dispersion({60 * k: calls for k, calls in before.items()})
        noticed += compare_environment(minutes, before, dispersion=restless).worse
    return noticed / releases


def alerts(times: float, rps: float = 10, releases: int = 300) -> float:
    """Give how often a promoted version that fails so many times as often alerts within its bake."""
    random = np.random.default_rng([13, int(times)])
    draw = partial(_calls, random, rps)
    return (
        sum(
            judge_promoted(draw([RATE * times] * BAKE), draw([RATE] * 60), bake_minutes=BAKE).alerts
            for _ in range(releases)
        )
        / releases
    )


def _calls(random: np.random.Generator, rps: float, rates: list[float]) -> list[Calls]:
    totals = random.poisson(60 * rps, len(rates))
    return [Calls(*pair) for pair in zip(totals.tolist(), random.binomial(totals, rates).tolist(), strict=True)]
