"""Looks at the logs soon after a shift: when, and what they add to the evidence."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tidegate.domain.analysis.baseline import Baseline
from tidegate.domain.analysis.log_calls import SLOT
from tidegate.domain.analysis.measure import FAILED_IN_LOG
from tidegate.domain.analysis.readings import Minutes, Shift, weights_in
from tidegate.domain.judge import Metric, Minute, Verdict, judge_metrics, step_mde
from tidegate.domain.metric import ERRORS, LOG
from tidegate.domain.plan import ReleasePlan
from tidegate.domain.schedule import MINUTE, minute_of
from tidegate.domain.strategy import WHOLE

LOG_SHARE = 0.1
"""Its part of alpha. `make bench-fast` compares shares: with a tenth, one more failed call of the canary is needed than
with all of it, and the metrics need 1 % more calls."""

FIRST, LATER = 10 * MINUTE, 2 * MINUTE
"""How long after the first shift, and after later ones, the logs are looked at."""

LATE = 6
"""Seconds after the end of a slot until its lines count as complete; later lines count at the following one."""

MOST_CALLS = 4
"""Most calls of FilterLogEvents for a version and look; two are usual: its streams began today or the day before."""

MOST_TARGETS = 6
"""With more, the looks would be as far apart as ticks."""


def look_every(targets: int) -> int:
    """Return the seconds from one look to the next: at most one call a second, of at least five that AWS allows."""
    return SLOT * -(-targets * 2 * MOST_CALLS // SLOT)


def looked_until(shifts: Sequence[Shift]) -> int:
    """Return when the looks after the last shift end (seconds since 1970)."""
    return minute_of(shifts[-1].at) + (FIRST if len(shifts) == 1 else LATER)


def has_looks(plan: ReleasePlan, shifts: Sequence[Shift], now: int) -> bool:
    """Return whether the logs are still to be looked at after `now`."""
    watched = sum(target.looks_at_logs for target in plan.shifting)
    split = bool(shifts) and shifts[-1].weight < WHOLE
    return split and 0 < watched <= MOST_TARGETS and now + SLOT <= looked_until(shifts)


def log_metric(plan: ReleasePlan, found: Minutes, baseline: Baseline, shifts: Sequence[Shift]) -> Metric:
    """Return the failed calls in the logs, by slot.

    A call counts where it ended. Soon after a shift, only short calls of the canary have ended, and if those are the
    ones that fail, it would look worse than it is: so its fair share of the failed calls is at least its weight.
    """
    return Metric(
        LOG,
        {start: _held(start, slot, shifts) for start, slot in sorted(found.items())},
        noun=FAILED_IN_LOG,
        weight=LOG_SHARE / (1 - LOG_SHARE),
        waits=False,
        min_effect=next((each.min_effect for each in plan.metrics if each.name == ERRORS), plan.min_effect),
        mde=step_mde(shifts[-1].weight, plan.mde),
        dispersion=baseline.dispersion(ERRORS),
        seconds=SLOT,
        # A failed event comes back, perhaps to the version that failed it: then one slot is no proof.
        settled=not baseline.retried,
    )


@dataclass(frozen=True)
class Looked:
    """What the logs alone say: that the canary `fails`; or `enough` to have shown a gross regression, but did not."""

    fails: bool
    enough: bool


def judge_log(metric: Metric, plan: ReleasePlan) -> Looked:
    """Judge the logs as the average does if nothing comes of the metrics: by their share of alpha."""
    alpha = plan.target_alpha * LOG_SHARE
    combined = judge_metrics([metric], alpha=alpha, provisional_since=None if metric.settled else 0)
    judged = combined.metric(LOG)
    return Looked(combined.verdict is Verdict.FAIL, judged.information >= judged.needed)


def _held(start: int, slot: Minute, shifts: Sequence[Shift]) -> Minute:
    return replace(slot, weight=max(weights_in(start, shifts), default=None))
