"""Comparisons with stable's hour before the release, without a second version in the same minute.

Traffic and load may have changed since that hour, so a rate counts as worse only beyond a margin of twice its
earlier value. If the rate is at most R times the other one, then given the bad ones of both, those of the first are at
most a binomial with odds R n1 : n0, so q = R n1 / (R n1 + n0) is the largest fair share, and everything else is
the rule's own arithmetic.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log

from tidegate.domain.judge import sentences
from tidegate.domain.judge.e_values import log_factors, log_mean, weigh
from tidegate.domain.judge.metrics import Metric
from tidegate.domain.judge.minutes import Calls, Minute, totals
from tidegate.domain.judge.ratio import Ratio, ratio_interval
from tidegate.domain.judge.shown import Shown, shown

MARGIN = 2.0
_WINDOW = 3
_LEAST_CHANGE = 0.01
_STABLE_SURE, _CANARY_SURE = log(1000), log(20)


@dataclass(frozen=True, slots=True)
class Environment:
    """Return whether both versions are much worse than stable was, and by how much, in words."""

    worse: bool
    summary: str


def compare_environment(
    minutes: Mapping[int, Minute], before: Mapping[int, Calls], *, dispersion: float = 1.0
) -> Environment:
    """Check whether the newest three minutes of both versions are much worse than stable's hour before.

    If so, the weights stay: the cause is outside the release, or the canary harms both versions, and the comparison
    cannot distinguish the two. `minutes` are those since the first shift, `before` stable's of the hour before it,
    each by the minutes' starts (seconds since 1970).

    Much worse means at least one point more than before, and evidence for more than twice the rate before: an
    e-value of 1000 on stable and of 20 on the canary, which has less traffic. Each check is a separate test on the
    newest minutes, so the freeze ends with its cause; with rates up to twice those before, a check freezes falsely
    at most once in 1000. It never fails a release.
    """
    newest = [minutes[start] for start in sorted(minutes)[-_WINDOW:]]
    whole, was = totals(newest), _sum(before.values())
    on_stable = Calls(whole.stable_total, whole.stable_bad)
    on_canary = Calls(whole.canary_total, whole.canary_bad)
    worse = _is_much_worse(on_stable, was, dispersion, _STABLE_SURE) and _is_much_worse(
        on_canary, was, dispersion, _CANARY_SURE
    )
    summary = sentences.environment(on_stable, on_canary, was, len(newest)) if worse else ""
    return Environment(worse, summary)


@dataclass(frozen=True, slots=True)
class Promoted:
    """The promoted version against stable's hour before; the fields are those of `Combined`.

    `shown` has the counts that its sentence shows: since the version became worse if it alerts, otherwise all of them.
    """

    alerts: bool
    log_e_value: float
    shown: Shown
    ratio: Ratio | None
    summary: str


def judge_promoted(
    minutes: Sequence[Calls],
    before: Sequence[Calls],
    *,
    bake_minutes: int,
    alpha: float = 0.05,
    min_effect: float = 0.001,
    dispersion: float = 1.0,
    name: str = "errors",
    noun: str = "failed",
    unit: str = "call",
) -> Promoted:
    """Compare the version at 100 % with stable's hour before the release.

    `minutes` are those of the bake so far and `before` stable's minutes of that hour, both in order of time and without
    gaps (`Calls(0)` for a minute without calls). The i-th of the bake's minutes is compared with the i-th slice of the
    hour and with no other, so each call is used once and the product of factors is an e-process for any number of
    checks. It alerts if the version is more than twice as bad, with `alpha` and `min_effect` as in `judge_metrics`;
    `name`, `noun` and `unit` as in `Metric`, for the sentence.

    Raises
    ------
    ValueError
        The bake has no minute.
    """
    if bake_minutes < 1:
        raise ValueError(f"a bake must be at least one minute, not {bake_minutes}")
    cuts = [min(len(before), i * len(before) // bake_minutes) for i in range(len(minutes) + 1)]
    paired = [_against(now, _sum(before[a:b])) for now, (a, b) in zip(minutes, pairwise(cuts), strict=True)]
    weighing = weigh(paired, dispersion)
    worse = weighing.worse
    alerts = weighing.log_e_value >= log(1 / alpha) and worse.excess >= min_effect
    place, start = (worse.since or 0, worse.start or 1) if alerts else (0, 1)
    plain = [Minute(*minute.counts) for minute in paired[place:]]
    ratio = ratio_interval(plain, start=start, dispersion=dispersion)
    numbers = shown(range(len(plain)), plain, evidence=weighing.log_e_value, limit=log(1 / alpha))
    windows = _after(place), _slice(cuts[place], cuts[-1], len(before))
    summary = sentences.promoted(Metric(name, {}, noun, unit), numbers, windows, ratio, alerts=alerts)
    return Promoted(alerts, weighing.log_e_value, numbers, ratio, summary)


def _after(place: int) -> str:
    return f"from minute {place + 1} after promotion on" if place else "after promotion"


def _slice(begin: int, end: int, minutes: int) -> str:
    """Name the minutes of the hour before that were compared."""
    return "the hour before" if (begin, end) == (0, minutes) else f"minutes {begin + 1} to {end} of the hour before"


def _against(now: Calls, then: Calls) -> Minute:
    """Return both as a minute in which the first may have MARGIN times its share of the bad ones."""
    weight = MARGIN * now.total / (MARGIN * now.total + then.total) if now.total else None
    return Minute(now.total, now.bad, then.total, then.bad, weight)


def _is_much_worse(now: Calls, then: Calls, dispersion: float, sure: float) -> bool:
    if not (now.total and then.total) or now.bad / now.total - then.bad / then.total < _LEAST_CHANGE:
        return False
    logs = log_factors(_against(now, then), dispersion)
    return bool(logs) and log_mean(logs) >= sure


def _sum(calls: Iterable[Calls]) -> Calls:
    known = list(calls)
    return Calls(sum(each.total for each in known), sum(each.bad for each in known))
