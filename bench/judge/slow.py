"""A healthy canary whose good calls take three minutes, beside a stable version that takes a second; long time-out.

Calls appear when they end, in the minute in which they began. 1 % of the calls fail on both versions, at once: for
three minutes, all that is seen of the canary is what failed.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from bench.judge.counts import Counts
from bench.judge.outcome import Outcome
from bench.judge.rules import RULES
from bench.judge.situations import draw

MINUTES = 3


def run(random: np.random.Generator, releases: int, rps: float, planned: Sequence[float]) -> dict[str, Outcome]:
    """Look once a minute, each time at what is there by then; young minutes are held against the weight."""
    counts = replace(draw(random, releases, rps, planned, stable=0.01, before=0.01), weights=np.asarray(planned))
    found = {}
    for rule in RULES:
        failed = np.zeros(releases, np.bool_)
        for look in range(1, len(planned) + 1):
            failed |= rule.fails(as_seen(counts.until(look)))
        found[rule.name] = Outcome(releases, float(failed.mean()), None, None)
    return found


def as_seen(counts: Counts) -> Counts:
    """Take the good calls of the canary's newest minutes away: they have not ended yet."""
    total = counts.canary_total.copy()
    total[:, -MINUTES:] = counts.canary_bad[:, -MINUTES:]
    return replace(counts, canary_total=total)
