"""How much the minutes could have shown: before a pass, a regression would have had to be caught."""

from collections.abc import Sequence
from math import log, log1p

from tidegate.domain.judge.minute import Minute

_LOWEST_RATE = 0.0001
_LARGEST_MDE = 0.20
POWER_80 = 5.0
"""What has to be known beyond ln(1/alpha), so that four of five such regressions are caught."""


def step_mde(weight_percent: float, mde: float = 0.02) -> float:
    """Give the smallest regression, as a difference of rates, that has to be caught at a step's weight.

    What may slip through does equal harm at every step: `mde` is what counts at 50 %.
    """
    if not weight_percent > 0:
        raise ValueError(f"a step's weight is above 0 %, not {weight_percent!r}")
    return min(_LARGEST_MDE, mde * 50 / weight_percent)


def information(minutes: Sequence[Minute], *, mde: float, dispersion: float) -> float:
    """Growth of the log e-value to be expected if the canary were `mde` worse than stable; never below 0.

    Only minutes in which both versions ran count.
    """
    compared = [minute for minute in minutes if minute.comparable]
    stable_total = sum(minute.stable_total for minute in compared)
    if not stable_total:
        return 0.0
    base = max(sum(minute.stable_bad for minute in compared) / stable_total, _LOWEST_RATE)
    return sum(_growth(minute, base, base + mde) for minute in compared) / dispersion


def _growth(minute: Minute, base: float, worse: float) -> float:
    """Give the expected log factor of one minute at theta = worse / base.

    The bad ones fall by the minute's own share. Where the weight changed within it, they are held against
    the larger weight: such a minute shows less, or nothing.
    """
    canary_bad = minute.canary_total * worse
    bad = canary_bad + minute.stable_total * base
    reach = log1p(minute.fair_share * (worse / base - 1))
    return max(0.0, canary_bad * log(worse / base) - bad * reach)
