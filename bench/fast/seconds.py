"""How many seconds pass from a shift until the alias is whole again, if the canary fails, by the product's looks.

Lines are LOGS_LATE seconds late. READS, COMPARES and WRITES are what a look, Compare versions and Roll back take: on
AWS each is a few calls of services in the same Region; the local cloud's own are shorter (see `bench.fast.release`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench.judge.counts import restlessness
from bench.judge.fast import Ints
from bench.judge.release import START, plan_of
from bench.judge.situations import RATE
from tidegate.domain.analysis.baseline import Baseline
from tidegate.domain.analysis.log_calls import SLOT
from tidegate.domain.analysis.looks import LATE, judge_log, log_metric, look_every
from tidegate.domain.analysis.readings import Shift
from tidegate.domain.judge import Minute
from tidegate.domain.metric import ERRORS
from tidegate.domain.plan import ReleasePlan

LOGS_LATE = 5
SHIFTED = 2
"""Second of the minute from which calls of the canary come."""
READS, COMPARES, WRITES = 1, 3, 2
WATCHED = 120


@dataclass(frozen=True)
class Ended:
    """Seconds from the shift's minute to the roll back's write, failed calls until then, and what of it was waiting.

    `waited` is from the second in which the evidence sufficed, for a judge who sees each call at once.
    """

    seconds: float
    failed: int
    waited: float


@dataclass(frozen=True)
class Calls:
    """Calls of one release by second: of the canary and of stable, and the bad ones."""

    n1: Ints
    x1: Ints
    n0: Ints
    x0: Ints

    def within(self, start: int, end: int) -> Minute:
        n1, x1, n0, x0 = (int(part[start:end].sum()) for part in (self.n1, self.x1, self.n0, self.x0))
        return Minute(n1, x1, n0, x0)


def ended(rps: float, failing: float, *, weight: float = 10, releases: int = 500) -> list[Ended | None]:
    """Follow so many releases for two minutes; None for one that is not rolled back in them."""
    random = np.random.default_rng([30, round(10 * rps), round(1000 * failing)])
    plan, shifts = plan_of(f"canary-{weight:g}-5m"), [Shift(START, weight, START + SHIFTED)]
    phi = restlessness(random, releases, rps, RATE)
    found = []
    for row in range(releases):
        n1, n0 = (random.poisson(rps * part, WATCHED + 30) for part in (weight / 100, 1 - weight / 100))
        n1[:SHIFTED] = 0
        calls = Calls(n1, random.binomial(n1, failing), n0, random.binomial(n0, RATE))
        found.append(_followed(calls, plan, Baseline(dispersions={ERRORS: float(phi[row])}), shifts))
    return found


def _followed(calls: Calls, plan: ReleasePlan, baseline: Baseline, shifts: Sequence[Shift]) -> Ended | None:
    def fails(second: int) -> bool:
        seen = {START + at: calls.within(at, min(at + SLOT, second)) for at in range(0, second, SLOT)}
        return judge_log(log_metric(plan, seen, baseline, shifts), plan).fails

    assert LOGS_LATE <= LATE, "the simulation takes every line of a slot to be there at its look"
    for end in range(SLOT, WATCHED + 1, look_every(1)):
        if fails(end):
            known = next(second for second in range(end - SLOT + 1, end + 1) if fails(second))
            wrote = end + LATE + READS + COMPARES + WRITES
            return Ended(wrote, int(calls.x1[:wrote].sum()), wrote - known)
    return None
