"""The average of the metrics' evidence and that of the logs, of many releases; and the judge's own word on it."""

from collections.abc import Sequence
from math import log

import numpy as np

from bench.fast.slots import A_MINUTE, Slots
from bench.judge.counts import SHARE
from bench.judge.fast import Floats, Ints, log_e_values
from tidegate.domain.analysis.log_calls import SLOT
from tidegate.domain.judge import Metric, Minute, Verdict, judge_metrics
from tidegate.domain.metric import ERRORS, LOG
from tidegate.domain.schedule import MINUTE

ALPHA = 0.05


def averages(counts: Slots, looked: Sequence[int], share: float) -> Floats:
    """Give the log of the average at the end of each slot: of whole minutes, and of the slots that were looked at."""
    n1, x1, n0, x0 = counts.by_minute()
    minutes = log_e_values((n1, x1), (n0, x0), counts.floors, counts.phi)
    none = np.full((len(minutes), 1), 0.0)
    known = np.concatenate([none, minutes], axis=1)[:, [(slot + 1) // A_MINUTE for slot in range(counts.n1.shape[1])]]
    if not share:
        return known + log(SHARE)
    at = list(looked)
    values = log_e_values(
        (counts.n1[:, at], counts.x1[:, at]), (counts.n0[:, at], counts.x0[:, at]), counts.weights[at], counts.phi
    )
    places = np.searchsorted(at, np.arange(counts.n1.shape[1]), side="right")
    logs = np.concatenate([none, values], axis=1)[:, places]
    return np.logaddexp(known + log(SHARE * (1 - share)), logs + log(share))


def first_fail(counts: Slots, looked: Sequence[int], share: float) -> Ints:
    """Give the slot (from 1) at whose end each release fails, 0 where none does, by the product's judge."""
    large = np.maximum.accumulate(averages(counts, looked, share), axis=1) >= log(1 / ALPHA) - 1e-6
    found = np.zeros(len(large), np.int64)
    for row in np.flatnonzero(large[:, -1]):
        begin, last = int(large[row].argmax()) + 1, large.shape[1]
        looks = [*range(begin, min(begin + A_MINUTE, last)), *range(begin + A_MINUTE, last, A_MINUTE), last]
        found[row] = next((look for look in looks if fails(counts, int(row), look, looked, share)), 0)
    return found


def fails(counts: Slots, row: int, look: int, looked: Sequence[int], share: float) -> bool:
    """Judge a release at the end of a slot, with errors and logs alone: the parts of other metrics stay empty."""
    metrics = metrics_at(counts, row, look, looked, share)
    whole = sum(metric.weight for metric in metrics)
    return judge_metrics(metrics, alpha=ALPHA * whole).verdict is Verdict.FAIL


def metrics_at(counts: Slots, row: int, look: int, looked: Sequence[int], share: float) -> list[Metric]:
    """Give what the product judges at the end of so many slots."""
    n1, x1, n0, x0 = (part[row] for part in counts.by_minute())
    floors = [None if np.isnan(floor) else float(floor) for floor in counts.floors]
    minutes = {
        MINUTE * k: Minute(int(n1[k]), int(x1[k]), int(n0[k]), int(x0[k]), floors[k]) for k in range(look // A_MINUTE)
    }
    phi = float(counts.phi[row])
    metrics = [Metric(ERRORS, minutes, weight=SHARE * (1 - share), dispersion=phi)]
    if share:
        seen = {SLOT * slot: counts.slot(row, slot) for slot in looked if slot < look}
        metrics.append(Metric(LOG, seen, weight=share, waits=False, dispersion=phi, seconds=SLOT, settled=True))
    return metrics
