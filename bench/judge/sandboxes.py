"""Calls that run in sandboxes, whose first calls are slow: a new version starts without any that is warm."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy.stats import norm

from tidegate.domain.analysis.baseline import Baseline
from tidegate.domain.judge import Calls, Minute, dispersion
from tidegate.domain.schedule import MINUTE

SIGMA = 0.5
"""Of the durations' logarithm: p95 is 2.3 times the median."""
FRESH, SLOWER = 5, 3.0
"""The first calls of a sandbox, and how many times as long they take."""
IDLE = 600.0
"""Seconds without a call after which a sandbox is gone."""
ERRORS = 0.001
BEFORE = 60
"""Minutes of stable alone before the release."""


@dataclass
class Pool:
    """The sandboxes of one version: when each is free again, and how many calls it has had; the newest last."""

    free: list[tuple[float, int]] = field(default_factory=list)

    def call(self, at: float, seconds: float) -> float:
        """Run a call in the sandbox that was used last, or in a new one, and give how long it took."""
        self.free = [each for each in self.free if each[0] > at - IDLE] if len(self.free) < 50 else self.free
        place = next((k for k in range(len(self.free) - 1, -1, -1) if self.free[k][0] <= at), None)
        had = 0 if place is None else self.free.pop(place)[1]
        took = seconds * (SLOWER if had < FRESH else 1.0)
        self.free.append((at + took, had + 1))
        return took


class Sandboxes:
    """The minutes of one release of a version that is as quick as stable once its sandboxes are warm."""

    def __init__(self, random: np.random.Generator, rps: float, seconds: float, slower: float = 1.0) -> None:
        self._random, self._rps, self._seconds, self._slower = random, rps, seconds, slower
        self._stable, self._canary = Pool(), Pool()
        limits = {
            name: 1000 * seconds * float(np.exp(SIGMA * norm.ppf(part)))
            for name, part in (("p95", 0.95), ("p99", 0.99))
        }
        self._limits = limits
        before = {60 * k: self.draw(k - BEFORE, 0.0) for k in range(BEFORE)}
        calm = {
            name: {at: Calls(of[name].stable_total, of[name].stable_bad) for at, of in before.items()}
            for name in ("errors", "latency-p95", "latency-p99")
        }
        restless = {name: dispersion(calls) for name, calls in calm.items()}
        self.baseline = Baseline(limits, restless, calm["errors"], counts_slow=True)

    def draw(self, minute: int, weight: float) -> Mapping[str, Minute]:
        random, count = self._random, int(self._random.poisson(MINUTE * self._rps))
        at = np.sort(random.uniform(0, MINUTE, count)) + MINUTE * minute
        new = random.random(count) < weight
        seconds = self._seconds * np.exp(SIGMA * random.standard_normal(count)) * np.where(new, self._slower, 1.0)
        took = np.array(
            [
                (self._canary if mine else self._stable).call(when, lasts)
                for when, mine, lasts in zip(at.tolist(), new.tolist(), seconds.tolist(), strict=True)
            ]
        )
        failed = random.random(count) < ERRORS
        slow = {f"latency-{name}": 1000 * took > limit for name, limit in self._limits.items()}
        return {name: _counted(new, bad) for name, bad in {"errors": failed, **slow}.items()}


def _counted(new: "np.ndarray", bad: "np.ndarray") -> Minute:
    return Minute(int(new.sum()), int((bad & new).sum()), int((~new).sum()), int((bad & ~new).sum()))
