"""What single figures are taken from: the product alone, in situations that the table has no column for."""

from collections.abc import Sequence
from math import log

import numpy as np

from bench.judge.counts import judged
from bench.judge.fast import log_e_values
from bench.judge.rules import Tidegate
from bench.judge.schedules import CANARY, LINEAR, weights
from bench.judge.situations import draw, healthy
from tidegate.domain.judge import Minute, SplitCheck, Verdict, check_traffic, step_mde

HANG_RPS, HANG_WEIGHT = 10, 0.1

Splits = Sequence[tuple[int, int]]
"""Calls of the canary and of stable, minute by minute."""


def any_of_many(targets: int = 100, releases: int = 500) -> float:
    """Give the part of releases of so many healthy targets in which one was rolled back, at the worst traffic."""
    worst, planned, rule = 0.0, weights(CANARY), Tidegate(0.05 / targets)
    for seed, rps in enumerate((1, 10, 100)):
        counts = healthy(0.01)(np.random.default_rng([1, seed]), targets * releases, rps, planned)
        failed = rule.first(counts.until(len(planned) - 1)) > 0
        worst = max(worst, float(failed.reshape(releases, targets).any(axis=1).mean()))
    return worst


def after_three_days(releases: int = 8) -> list[int]:
    """Give the minutes that +5 points take to be found after three days at 50 % and 100 rps, for each release."""
    random, before, found = np.random.default_rng(2), 3 * 1440, []
    for _ in range(releases):
        rates = np.where(np.arange(before + 5) < before, 0.005, 0.055)
        counts = draw(random, 1, 100, [0.5] * (before + 5), canary=rates)
        minutes = counts.minutes(0)
        looks = range(before + 1, before + 6)
        failed = (look - before for look in looks if _fails(minutes[:look], float(counts.phi[0])))
        found.append(next(failed, 99))
    return found


def type_one_error(releases: int = 2000, looks: int = 300) -> float:
    """Give how often the e-value ever reaches 20 when nothing is worse; rates and shares change each minute."""
    random = np.random.default_rng(3)
    shape = (releases, looks)
    rates = random.beta(1, 30, shape)
    total, share = random.poisson(200, shape), random.uniform(0.02, 0.9, shape)
    n1 = random.binomial(total, share)
    canary = n1, random.binomial(n1, rates)
    stable = total - n1, random.binomial(total - n1, rates)
    values = log_e_values(canary, stable, np.full(looks, np.nan), np.ones(releases))
    return float((values.max(axis=1) >= log(20)).mean())


def leaves_the_first_step(rps: float, rate: float = 0.0001, releases: int = 300) -> float:
    """Give the part of releases that pass 5 % within its 15 minutes at most; its bake is 3."""
    random, passed = np.random.default_rng([4, int(10 * rps)]), 0
    for _ in range(releases):
        minutes = draw(random, 1, rps, [0.05] * 15, stable=rate, before=rate).minutes(0)
        passed += any(judged(minutes[:look], mde=step_mde(5)).verdict is Verdict.PASS for look in range(3, 16))
    return passed / releases


def minutes_to_find_a_hang(releases: int = 1000) -> list[int]:
    """Give how many minutes a canary that completes no call takes to be found, for each release."""
    random, found = np.random.default_rng(5), []
    for _ in range(releases):
        totals = random.poisson(60 * HANG_RPS * (1 - HANG_WEIGHT), 10).tolist()
        silent = [(0, total) for total in totals]
        found.append(next((k for k in range(1, 11) if _hangs(silent, [HANG_WEIGHT] * 10, k)), 99))
    return found


def healthy_but_taken_for_hanging(releases: int = 1000) -> float:
    """Give the part of healthy linear releases that the traffic check fails, at the worst traffic."""
    worst, planned = 0.0, weights(LINEAR)[:-1]
    for seed, rps in enumerate((1, 10, 1000)):
        counts = healthy(0.0)(np.random.default_rng([6, seed]), releases, rps, planned)
        releases_seen = zip(counts.canary_total.tolist(), counts.stable_total.tolist(), strict=True)
        splits = (list(zip(*of_both, strict=True)) for of_both in releases_seen)
        failed = sum(any(_hangs(split, planned, k) for k in range(1, 10)) for split in splits)
        worst = max(worst, failed / releases)
    return worst


def a_fix_with_sticky_retries(releases: int = 200) -> tuple[float, float]:
    """Give how often the traffic check fails a fix if failed events come back twice to stable, of which 30 % fail.

    The second number is how often it would if any share below the weight counted.
    """
    random, failed, plain = np.random.default_rng(7), 0, 0
    for _ in range(releases):
        first = random.poisson(600 * 0.9, 10)
        again = random.binomial(first, 0.3)
        totals = (first + again + random.binomial(again, 0.3)).tolist()
        pairs = list(zip(random.poisson(600 * 0.1, 10).tolist(), totals, strict=True))
        found = _checked(pairs, [0.1] * 10)
        failed += found.fails
        plain += found.log_e_value >= log(1000) and (found.share or 0) < (found.expected or 0)
    return failed / releases, plain / releases


def _fails(minutes: list[Minute], phi: float) -> bool:
    return judged(minutes, dispersion=phi).verdict is Verdict.FAIL


def _hangs(splits: Splits, weights: Sequence[float], minutes: int) -> bool:
    return _checked(splits, weights, settled_before=60 * minutes).fails


def _checked(splits: Splits, weights: Sequence[float], *, settled_before: int | None = None) -> SplitCheck:
    minutes = {60 * k: Minute(canary_total=n1, stable_total=n0) for k, (n1, n0) in enumerate(splits)}
    by_start = {60 * k: weight for k, weight in enumerate(weights)}
    return check_traffic(minutes, by_start, settled_before=settled_before)
