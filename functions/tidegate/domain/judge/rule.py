"""The rule: when the canary fails, and when enough is known to let it pass."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import log

from tidegate.domain.judge import sentence
from tidegate.domain.judge.evidence import excess, log_e_values, log_factors
from tidegate.domain.judge.information import POWER_80, information
from tidegate.domain.judge.minute import Minute


class Verdict(StrEnum):
    PASS = "pass"  # noqa: S105 - a verdict, no password
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    NO_DATA = "no_data"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the minutes say of the canary.

    `log_e_value` is natural and the largest so far, from 0 (nothing) up; `excess` a difference of rates
    (0.02 is two points); `information` in the same unit as `log_e_value`; the totals are those of all
    minutes; `summary` is one sentence for people.
    """

    verdict: Verdict
    log_e_value: float
    excess: float
    information: float
    canary_total: int
    canary_bad: int
    stable_total: int
    stable_bad: int
    summary: str


def judge(
    minutes: Sequence[Minute],
    *,
    alpha: float = 0.05,
    min_effect: float = 0.001,
    dispersion: float = 1.0,
    mde: float = 0.02,
) -> Judgement:
    """Compare the canary with stable, on every whole minute since the alias first carried the canary.

    Parameters
    ----------
    minutes
        In order of time. Recompute from the first at every tick: late data then corrects itself.
    alpha
        Chance to fail a canary that is as good as stable, over all looks together. With N targets in a
        release each gets alpha / N.
    min_effect, mde
        Differences of rates: less than the first never fails; a regression of the second has to be
        visible before the canary passes (`step_mde` gives it for a weight).
    dispersion
        1 if bad calls come independently, more if they come in bursts.

    Raises
    ------
    ValueError
        A setting is out of its range.
    """
    _check(alpha, min_effect, dispersion, mde)
    factors = [log_factors(minute, dispersion) for minute in minutes]
    log_e_value = max([0.0, *log_e_values(minutes, factors)])
    found = excess(minutes, factors)
    known = information(minutes, mde=mde, dispersion=dispersion)
    whole = _whole(minutes)
    if not whole.canary_total:
        verdict, summary = Verdict.NO_DATA, sentence.no_data(whole, len(minutes))
    elif log_e_value >= log(1 / alpha) and found >= min_effect:
        verdict, summary = Verdict.FAIL, sentence.fail(whole, found, log_e_value)
    else:
        verdict, summary = _without_fail(whole, mde, known, log(1 / alpha) + POWER_80)
    totals = (whole.canary_total, whole.canary_bad, whole.stable_total, whole.stable_bad)
    return Judgement(verdict, log_e_value, found, known, *totals, summary)


def _without_fail(whole: Minute, mde: float, known: float, needed: float) -> tuple[Verdict, str]:
    if known >= needed:
        return Verdict.PASS, sentence.enough(whole, mde)
    return Verdict.INCONCLUSIVE, sentence.inconclusive(whole, mde, known, needed)


def _check(alpha: float, min_effect: float, dispersion: float, mde: float) -> None:
    """Refuse what would turn the promise of `alpha` into nothing; NaN compares false, and is refused."""
    if not 0 < alpha < 1:
        raise ValueError(f"alpha is a chance between 0 and 1, not {alpha!r}")
    if not 0 <= min_effect <= 1:
        raise ValueError(f"min_effect is a difference of rates from 0 to 1, not {min_effect!r}")
    if not 1 <= dispersion < float("inf"):
        raise ValueError(f"dispersion is 1 or more, not {dispersion!r}")
    if not 0 < mde <= 1:
        raise ValueError(f"mde is a difference of rates above 0, at most 1, not {mde!r}")


def _whole(minutes: Sequence[Minute]) -> Minute:
    """All minutes in one, for people; what is judged is never pooled."""
    return Minute(
        sum(minute.canary_total for minute in minutes),
        sum(minute.canary_bad for minute in minutes),
        sum(minute.stable_total for minute in minutes),
        sum(minute.stable_bad for minute in minutes),
    )
