"""Latency by counts over a threshold: errors, p95 and p99 judged together, ten minutes at 10 %."""

from dataclasses import dataclass, replace
from math import log

import numpy as np
from scipy.stats import norm

from bench.judge.fast import Floats, Ints
from tidegate.domain.judge import Calls, Metric, Minute, Verdict, dispersion, judge_metrics, latency_mde, step_mde

SIGMA = 0.5
"""Of the durations' logarithm: p95 is 2.3 times the median."""
MINUTES, WEIGHT, ERRORS = 10, 0.1, 0.005
PARTS = {"errors": 0.5, "latency over p95": 0.125, "latency over p99": 0.125}
"""Weights: errors have half, the two tests of latency a quarter together."""
SHARES = {"latency over p95": 0.05, "latency over p99": 0.01}


@dataclass(frozen=True)
class Latency:
    """How much slower the canary is, and how much the load moves all durations together (sd of logs).

    `drift` is how alike the load of two minutes in a row is (their correlation): 0 jumps, near 1 drifts.
    """

    slower: float = 0.0
    load: float = 0.0
    drift: float = 0.0


def fired(case: Latency, rps: float, releases: int) -> float:
    """Give the part of releases that are rolled back within the ten minutes."""
    random = np.random.default_rng(
        [9, *(round(100 * each) for each in (case.slower, case.load, case.drift)), round(rps)]
    )
    return sum(_is_fired(random, case, rps) for _ in range(releases)) / releases


def _is_fired(random: np.random.Generator, case: Latency, rps: float) -> bool:
    metrics = _metrics(random, case, rps)
    last = judge_metrics(metrics, alpha=0.05)
    if last.verdict is Verdict.FAIL or last.log_e_value < log(20):
        return last.verdict is Verdict.FAIL
    return any(
        judge_metrics([_until(metric, look) for metric in metrics], alpha=0.05).verdict is Verdict.FAIL
        for look in range(1, MINUTES)
    )


def _until(metric: Metric, look: int) -> Metric:
    return replace(metric, minutes={start: each for start, each in metric.minutes.items() if start < 60 * look})


def _metrics(random: np.random.Generator, case: Latency, rps: float) -> list[Metric]:
    """Draw all metrics of a release; the canary's first two minutes do not count for latency."""
    loads = _loads(random, case, 60 + MINUTES)
    hour, then, now = random.poisson(60 * rps, 60), loads[:60], loads[60:]
    n1, n0 = random.poisson(60 * rps * WEIGHT, MINUTES), random.poisson(60 * rps * (1 - WEIGHT), MINUTES)
    metrics = []
    errors = (np.full(size, ERRORS) for size in (MINUTES, MINUTES, 60))
    for name, part in PARTS.items():
        if name == "errors":
            worse, fine, before = errors
            least, mde = 0.001, step_mde(100 * WEIGHT)
        else:
            limit = float(norm.ppf(1 - SHARES[name])) * SIGMA * _spread(case)
            worse, fine = _over(limit, now + log(1 + case.slower)), _over(limit, now)
            before, least, mde = _over(limit, then), 0.01, latency_mde(100 * WEIGHT)
        counts = zip(n1.tolist(), _bad(random, n1, worse), n0.tolist(), _bad(random, n0, fine), strict=True)
        minutes = {60 * k: Minute(*each) for k, each in enumerate(counts) if name == "errors" or k >= 2}
        calm = {
            60 * k: Calls(*each) for k, each in enumerate(zip(hour.tolist(), _bad(random, hour, before), strict=True))
        }
        metrics.append(
            Metric(
                name,
                minutes,
                weight=part,
                min_effect=least,
                mde=mde,
                dispersion=dispersion(calm),
                noun="were slow",
            )
        )
    return metrics


def _loads(random: np.random.Generator, case: Latency, minutes: int) -> Floats:
    found, kept = random.normal(0, case.load, minutes), case.drift
    for minute in range(1, minutes):
        found[minute] = kept * found[minute - 1] + np.sqrt(1 - kept**2) * found[minute]
    return found


def _spread(case: Latency) -> float:
    """Thresholds are quantiles of a whole day, over which the load changes too."""
    return float(np.hypot(SIGMA, case.load)) / SIGMA


def _over(limit: float, shift: Floats) -> Floats:
    return np.asarray(norm.sf((limit - shift) / SIGMA))


def _bad(random: np.random.Generator, totals: Ints, rates: Floats) -> list[int]:
    found: list[int] = random.binomial(totals, rates).tolist()
    return found
