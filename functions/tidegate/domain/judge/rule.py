"""The rule: when the canary fails, and when enough is known to let it pass."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import log

from tidegate.domain.judge import sentences
from tidegate.domain.judge.e_values import Worse, log_e_values, log_factors, worse
from tidegate.domain.judge.information import information, needed_information
from tidegate.domain.judge.minutes import Minute


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
    return decide(weigh(minutes, dispersion), alpha=alpha, min_effect=min_effect, dispersion=dispersion, mde=mde)


@dataclass(frozen=True, slots=True)
class Weighing:
    """What the minutes weigh, before any setting turns it into a verdict.

    `log_e_values` has one value a minute. Several metrics are averaged by these, minute by minute.
    """

    minutes: Sequence[Minute]
    log_e_values: Sequence[float]
    worse: Worse

    @property
    def log_e_value(self) -> float:
        return max(0.0, *self.log_e_values) if self.log_e_values else 0.0


def weigh(minutes: Sequence[Minute], dispersion: float) -> Weighing:
    if not 1 <= dispersion < float("inf"):
        raise ValueError(f"dispersion is 1 or more, not {dispersion!r}")
    factors = [log_factors(minute, dispersion) for minute in minutes]
    return Weighing(minutes, log_e_values(minutes, factors), worse(minutes, factors))


def decide(weighing: Weighing, *, alpha: float, min_effect: float, dispersion: float, mde: float) -> Judgement:
    """Turn what the minutes weigh into a judgement; the settings are those of `judge`."""
    _check(alpha, min_effect, mde)
    whole, minutes = totals(weighing.minutes), len(weighing.minutes)
    known, needed = information(weighing.minutes, mde=mde, dispersion=dispersion), needed_information(alpha)
    log_e_value, excess = weighing.log_e_value, weighing.worse.excess
    if not whole.canary_total:
        verdict, summary = Verdict.NO_DATA, sentences.no_data(whole, minutes)
    elif log_e_value >= log(1 / alpha) and excess >= min_effect:
        verdict, summary = Verdict.FAIL, sentences.fail(whole, excess, log_e_value)
    elif known >= needed:
        verdict, summary = Verdict.PASS, sentences.enough(whole, mde)
    else:
        verdict, summary = Verdict.INCONCLUSIVE, sentences.inconclusive(whole, mde, known, needed)
    counts = (whole.canary_total, whole.canary_bad, whole.stable_total, whole.stable_bad)
    return Judgement(verdict, log_e_value, excess, known, *counts, summary)


def _check(alpha: float, min_effect: float, mde: float) -> None:
    """Refuse what would turn the promise of `alpha` into nothing; NaN compares false, and is refused."""
    if not 0 < alpha < 1:
        raise ValueError(f"alpha is a chance between 0 and 1, not {alpha!r}")
    if not 0 <= min_effect <= 1:
        raise ValueError(f"min_effect is a difference of rates from 0 to 1, not {min_effect!r}")
    if not 0 < mde <= 1:
        raise ValueError(f"mde is a difference of rates above 0, at most 1, not {mde!r}")


def totals(minutes: Sequence[Minute]) -> Minute:
    """All minutes in one, for people; what is judged is never pooled."""
    return Minute(
        sum(minute.canary_total for minute in minutes),
        sum(minute.canary_bad for minute in minutes),
        sum(minute.stable_total for minute in minutes),
        sum(minute.stable_bad for minute in minutes),
    )
