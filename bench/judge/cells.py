"""Every cell of the comparison: a situation, a schedule and a traffic, on which all rules are run."""

from collections.abc import Iterator
from dataclasses import dataclass
from zlib import crc32

import numpy as np

from bench.judge import slow
from bench.judge.outcome import Outcome, outcome
from bench.judge.rules import RULES
from bench.judge.schedules import CANARY, GUARDED, LINEAR, weights
from bench.judge.situations import Situation, brown_out, fix, healthy, retried, shifted_within, worse

TRAFFIC = (1, 3, 10, 30, 100, 300, 1000)
BASELINES = (0.0, 0.0001, 0.001, 0.005, 0.01, 0.05)
REGRESSIONS = {"+0.5 points": 0.005, "+2 points": 0.02, "+10 points": 0.10, "all fail": 1.0}


@dataclass(frozen=True)
class Cell:
    """`kind` is the column of the table that it counts for."""

    kind: str
    schedule: str
    rps: float
    name: str
    releases: int


def cells() -> Iterator[Cell]:
    for schedule, releases in ((CANARY, 2000), (LINEAR, 2000), (GUARDED, 1000)):
        for rps in TRAFFIC:
            for rate in BASELINES:
                yield Cell("healthy", schedule, rps, f"healthy {rate:g}", releases)
            for name in ("brown-out", "retried", "fix", "bursts 0.005", "bursts 0.05"):
                yield Cell(name.split()[0], schedule, rps, name, releases)
            for name in (*REGRESSIONS, "late +5 points"):
                yield Cell(name, schedule, rps, name, 500)
        for rps in (10, 100):
            yield Cell("slow", schedule, rps, "slow", 200)
        for rps in (200, 1000):
            yield Cell("shift", schedule, rps, "shift", releases)


def situation(name: str) -> Situation:
    kind, _, rate = name.partition(" ")
    if kind == "healthy":
        return healthy(float(rate))
    if kind == "bursts":
        return healthy(float(rate), burst=10)
    plain = {
        "brown-out": brown_out,
        "retried": retried,
        "fix": fix,
        "shift": shifted_within,
        "late": worse(0.05, since=2),
    }
    return worse(REGRESSIONS[name]) if name in REGRESSIONS else plain[kind]


def run(cell: Cell) -> dict[str, Outcome]:
    """Give each rule's outcome, by its name."""
    random = np.random.default_rng(crc32(repr((cell.schedule, cell.rps, cell.name)).encode()))
    planned = weights(cell.schedule)
    if cell.kind == "slow":
        return slow.run(random, cell.releases, cell.rps, planned[:-1])
    counts = situation(cell.name)(random, cell.releases, cell.rps, planned)
    found = {}
    for rule in RULES:
        part = counts.only(slice(0, rule.most))
        first = rule.first(part.until(len(planned) - 1))
        found[rule.name] = outcome(first, part.canary_bad)
    return found
