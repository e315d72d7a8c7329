"""The information in the minutes: before a pass, a regression would have been detected."""

from collections.abc import Iterable, Sequence
from math import log, log1p

from tidegate.domain.judge.minutes import Minute

_LOWEST_RATE = 0.0001
_LARGEST_MDE = 0.20
POWER_80 = 5.0
"""What has to be known beyond ln(1/alpha), so that four of five such regressions are caught."""


def step_mde(weight_percent: float, mde: float = 0.02, largest: float = _LARGEST_MDE) -> float:
    """Return the smallest regression, as a difference of rates, that must be detected at a step's weight.

    Undetected regressions cause equal harm at every step: `mde` is the value at 50 %.
    """
    if not weight_percent > 0:
        raise ValueError(f"a step's weight is above 0 %, not {weight_percent!r}")
    return min(largest, mde * 50 / weight_percent)


def latency_mde(weight_percent: float) -> float:
    """Return the same for slow calls: 5 points at 50 %, at most 40.

    A slow call causes less harm than a failed one, and with stable's p95 as the limit, 5 % of all calls
    are always slow: with the values for errors, a quiet function would wait three times as long for latency.
    """
    return step_mde(weight_percent, 0.05, 0.40)


def needed_information(alpha: float) -> float:
    """Return the information needed before a pass, if this metric alone must reach 1/alpha."""
    return log(1 / alpha) + POWER_80


def information(minutes: Sequence[Minute], *, mde: float, dispersion: float) -> float:
    """Return the expected growth of the log e-value if the canary were `mde` worse than stable; never below 0.

    Only minutes in which both versions ran count.
    """
    compared = [minute for minute in minutes if minute.comparable]
    stable_total = sum(minute.stable_total for minute in compared)
    if not stable_total:
        return 0.0
    base = max(sum(minute.stable_bad for minute in compared) / stable_total, _LOWEST_RATE)
    return (
        sum(_growth(minute.canary_total, minute.stable_total, minute.fair_share, base, mde) for minute in compared)
        / dispersion
    )


def planned_information(periods: Iterable[tuple[float, float]], *, base: float, mde: float) -> float:
    """Return the same for future calls, in pairs of the canary's weight (a fraction) and the total number of calls."""
    known = max(base, _LOWEST_RATE)
    return sum(_growth(calls * weight, calls * (1 - weight), weight, known, mde) for weight, calls in periods)


def _growth(canary_total: float, stable_total: float, fair_share: float, base: float, mde: float) -> float:
    """Return the expected log factor at theta = (base + mde) / base.

    Bad calls are distributed by the share of calls. If the weight changed within a minute, they are compared with the
    larger weight: such a minute contains less information, or none.
    """
    worse = base + mde
    canary_bad = canary_total * worse
    reach = log1p(fair_share * mde / base)
    return max(0.0, canary_bad * log(worse / base) - (canary_bad + stable_total * base) * reach)
