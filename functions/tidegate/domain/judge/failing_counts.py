"""The number of bad calls with which the canary would have failed in a minute; reports draw it behind the rates."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import floor, log, log1p

from tidegate.domain.judge.e_values import GAINS, LOG_THETAS, Growing, log_factors, log_mean, worse
from tidegate.domain.judge.minutes import Minute


def failing_from(
    minutes: Sequence[Minute], *, limit: float, min_effect: float, dispersion: float = 1.0, forgiven: int = 0
) -> list[int | None]:
    """Return for each minute the lowest number of the canary's bad calls with which it would have failed there.

    Everything else is unchanged: the minutes before, stable's calls, the canary's number of calls. None if
    not even all of them would have been enough, or one of the versions did not run. `limit` is the natural log of the
    evidence that fails the metric; `forgiven` as in `Metric`.
    """
    factors = [log_factors(minute, dispersion) for minute in minutes]
    grown, found = Growing(), list[int | None]()
    for place, minute in enumerate(minutes):
        grown.count(comparable=minute.weighed)
        fewest, most = None, minute.canary_total
        if minute.comparable:
            fewest = _fewest_by_evidence(grown, minute, limit, dispersion)
        if fewest is not None:
            matters = _effect(minutes[: place + 1], factors[:place], min_effect, dispersion, forgiven)
            fewest = _fewest(fewest, most, matters)
        found.append(fewest)
        grown.take(factors[place])
    return found


def _fewest(low: int, high: int, enough: Callable[[int], bool]) -> int | None:
    """Find it by bisection: more bad calls never mean less evidence."""
    if enough(low):
        return low
    return _bisected(low + 1, high, enough) if enough(high) else None


def _bisected(low: int, high: int, enough: Callable[[int], bool]) -> int:
    """Find it if `high` is enough."""
    while low < high:
        middle = (low + high) // 2
        if enough(middle):
            high = middle
        else:
            low = middle + 1
    return low


def _fewest_by_evidence(grown: Growing, minute: Minute, limit: float, dispersion: float) -> int | None:
    """Return the number of bad calls at which the e-value reaches the limit; each factor is linear in it.

    The mean of the factors is at most the largest, and at least a 40th of it: these bounds leave few numbers to try.
    """
    needed, share, most = grown.needed(limit), minute.fair_share, minute.canary_total
    spread = [log1p(share * gain) for gain in GAINS]
    base = [p - minute.stable_bad / dispersion * s for p, s in zip(grown.products(), spread, strict=True)]
    slopes = [(log_theta - s) / dispersion for log_theta, s in zip(LOG_THETAS, spread, strict=True)]

    def reaches(bad: int) -> bool:
        return log_mean([b + bad * slope for b, slope in zip(base, slopes, strict=True)]) >= needed

    def largest_reaches(value: float) -> int:
        bound = min([(value - b) / slope for b, slope in zip(base, slopes, strict=True) if slope > 0], default=0.0)
        return floor(min(max(bound, 0.0), most))

    low, high = largest_reaches(needed), largest_reaches(needed + log(len(GAINS))) + 1
    return _bisected(low, min(high, most), reaches) if high <= most or reaches(most) else None


def _effect(
    minutes: Sequence[Minute], factors: Sequence[list[float]], min_effect: float, dispersion: float, forgiven: int
) -> Callable[[int], bool]:
    """Return the number of the last minute's bad calls at which the difference of the rates is large enough."""
    last = minutes[-1]

    def matters(bad: int) -> bool:
        changed = replace(last, canary_bad=bad)
        own = log_factors(changed, dispersion)
        difference = (bad - forgiven) / last.canary_total - last.stable_bad / last.stable_total
        if own and difference >= min_effect and log_mean(own) >= 0:
            return True  # by itself; no other start has to be looked at
        return worse([*minutes[:-1], changed], [*factors, own], forgiven).lasting >= min_effect

    return matters
