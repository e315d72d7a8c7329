"""The evidence that the canary is better: the rule's e-value with the roles of the versions swapped."""

from collections.abc import Sequence
from math import log

from tidegate.domain.judge.e_values import weigh
from tidegate.domain.judge.metrics import Better, Metric
from tidegate.domain.judge.minutes import Minute

BURNING = 0.05
"""How much more of stable's calls are bad, at least, before it is asked whether the canary is better."""


def better(metric: Metric, minutes: Sequence[Minute], whole: Minute, *, share: float, alpha: float) -> Better | None:
    """Return the evidence if a pass waits for the metric, and stable fails so heavily in it that there may be some.

    `whole` are the totals of the minutes. Minutes whose weight changed, or whose calls may still be running, are left
    out: stable's share of the bad calls would count as too large. The e-value is the present one, not the largest so
    far: what was better may not be now. It has a separate `alpha`, of which the metric has its share.
    """
    if not (metric.gates and metric.waits and metric.of_failures and whole.canary_total and whole.stable_total):
        return None
    if whole.stable_bad / whole.stable_total - whole.canary_bad / whole.canary_total < BURNING:
        return None
    settled = [minute for minute in minutes if minute.weight is None]
    swapped = [Minute(each.stable_total, each.stable_bad, each.canary_total, each.canary_bad) for each in settled]
    weighing = weigh(swapped, metric.dispersion)
    evidence = (weighing.log_e_values[-1] if swapped else 0.0) + log(share)
    if evidence < log(1 / alpha) or weighing.worse.excess < BURNING:
        return None
    return Better(evidence, weighing.worse.excess)
