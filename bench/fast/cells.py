"""Every cell of `make bench-judge`, with the looks and without: how many releases are rolled back."""

from collections.abc import Iterator
from dataclasses import dataclass
from zlib import crc32

import numpy as np

from bench.fast import slots
from bench.fast.evidence import first_fail
from bench.fast.slots import Draw, looked_at, weights_by_slot
from bench.judge.cells import REGRESSIONS
from bench.judge.cells import cells as cells_of_the_judge
from tidegate.domain.analysis.looks import LOG_SHARE

SHARES = (0.0, 0.02, LOG_SHARE, 0.4)
"""Without logs, the product's, and others to compare it with."""

BESIDE = "brown-out of 20 s beside the shift"


@dataclass(frozen=True)
class Cell:
    kind: str
    schedule: str
    rps: float
    name: str
    releases: int


def cells() -> Iterator[Cell]:
    for each in cells_of_the_judge():
        if (each.kind in REGRESSIONS and each.kind != "+2 points") or each.kind.startswith("late"):
            continue
        yield Cell(each.kind, each.schedule, each.rps, each.name, each.releases)
        if each.kind == "brown-out":
            yield Cell(BESIDE, each.schedule, each.rps, BESIDE, each.releases)


def situation(name: str) -> Draw:
    kind, _, rate = name.partition(" ")
    if name in REGRESSIONS:
        return slots.worse(REGRESSIONS[name])
    if kind in {"healthy", "bursts"}:
        return slots.healthy(float(rate), burst=10 if kind == "bursts" else 1)
    plain: dict[str, Draw] = {
        "brown-out": slots.brown_out(120),
        BESIDE: slots.brown_out(20, with_the_shift=True),
        "retried": slots.retried,
        "fix": slots.fix,
        "shift": slots.shifted_within,
        "slow": slots.slow,
    }
    return plain[name]


def run(cell: Cell) -> dict[float, float]:
    """Give the part of releases that is rolled back, by the share of the logs."""
    random = np.random.default_rng(crc32(repr((cell.schedule, cell.rps, cell.name)).encode()))
    planned = weights_by_slot(cell.schedule)
    counts = situation(cell.name)(random, cell.releases, cell.rps, planned)
    looked = looked_at(planned)
    return {share: float((first_fail(counts, looked, share) > 0).mean()) for share in SHARES}
