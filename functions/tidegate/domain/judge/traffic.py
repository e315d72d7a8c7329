"""The traffic check: whether the canary completes its share of the calls.

A hanging canary shows neither errors nor invocations.

This check is outside `alpha`, with its own false alarm probability: 1 in 1000 over all checks. Of routed users, it is
their number that is compared with the share (`far_fewer`), at each check alone: it fails no version.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import exp, lgamma, log, log1p

from tidegate.domain.amounts import clock, rate, since_when
from tidegate.domain.judge.minutes import Minute, totals
from tidegate.domain.schedule import MINUTE

_PRIOR_CALLS = 100.0
_FAILS_AT = log(1000)
_SHARE_MISSED = 0.5
"""It fails below this part of the expected share. A mere difference is no proof of hanging: retries that go to the
version that failed swell the share of the worse one, which is stable when a fix is released, and callers that stick to
a version make the split coarser than chance."""


@dataclass(frozen=True, slots=True)
class SplitCheck:
    """The result for the split. `share` and `expected` are fractions since `since` (seconds since 1970).

    If it fails, `short` says so in a few words, and `summary` in a sentence.
    """

    fails: bool
    log_e_value: float
    share: float | None = None
    expected: float | None = None
    since: int | None = None
    short: str = ""
    summary: str = ""


def check_traffic(
    minutes: Mapping[int, Minute], weights: Mapping[int, float], *, settled_before: int | None = None
) -> SplitCheck:
    """Test the split of the calls itself against the weights.

    `minutes` and `weights` (the canary's, fractions) are keyed by the minutes' starts (seconds since 1970). A minute in
    which the weight changed has none and is omitted. Minutes that start at or after `settled_before` are
    also omitted: a call's point has its start time and appears at its end, so a canary that is
    slower than stable, with a long time-out, shows a smaller share in recent minutes without
    hanging. Pass now - 60 - time-out: then every call has ended.

    Under chance alone the product of `log_split_factor` over periods of one weight has expectation 1, from
    any minute on; like the rule, the check averages over the starts (the k-th has the prior 1/(k(k+1))), so a
    canary that starts to hang after hours is also detected.

    Raises
    ------
    ValueError
        A weight is not above 0 and below 1.
    """
    starts = [s for s in sorted(minutes.keys() & weights.keys()) if settled_before is None or s < settled_before]
    if not starts:
        return SplitCheck(fails=False, log_e_value=0.0)
    terms = _terms(minutes, weights, starts)
    best = max(range(len(terms)), key=terms.__getitem__)
    terms_and_rest = [*terms, -log(len(starts) + 1)]
    peak = max(terms_and_rest)
    value = peak + log(sum(exp(term - peak) for term in terms_and_rest))
    calls = totals([minutes[start] for start in starts[best:]])
    if not calls.total:
        return SplitCheck(fails=False, log_e_value=max(0.0, value))
    expected = sum(minutes[start].total * weights[start] for start in starts[best:]) / calls.total
    fails = value >= _FAILS_AT and calls.share < _SHARE_MISSED * expected
    found = SplitCheck(fails, max(0.0, value), calls.share, expected, starts[best])
    if not fails:
        return found
    share, sent, end = rate(calls.share), rate(expected), clock(starts[-1] + MINUTE)
    said = (
        f"The canary completes less than its share of the calls: {share} of {calls.total} "
        f"{since_when(starts[best])} (up to {end}), but {sent} are sent to it."
    )
    return replace(
        found,
        short=f"completes {share} of {calls.total} calls ({clock(starts[best])} to {end}), {sent} sent",
        summary=said,
    )


def far_fewer(canary: int, users: int, share: float) -> bool:
    """Return whether too few of the users are on the canary for a draw with its share: by chance 1 in 1000 at most.

    By Chernoff's bound, users times the divergence of the two shares.
    """
    if not users or not 0 < share < 1 or canary >= users * share:
        return False
    part = canary / users
    divergence = (1 - part) * log((1 - part) / (1 - share)) + (part * log(part / share) if part else 0.0)
    return users * divergence > log(1000)


def log_split_factor(weight: float, canary_total: int, stable_total: int) -> float:
    """Log of the likelihood ratio of a split at one weight: unknown share against the weight's share.

    B(kw + n1, k(1 - w) + n0) / B(kw, k(1 - w)) / (w^n1 (1 - w)^n0) with k = 100: a beta prior around the weight, worth
    a hundred calls.
    """
    a, b = _PRIOR_CALLS * weight, _PRIOR_CALLS * (1 - weight)
    by_weight = canary_total * log(weight) + stable_total * log1p(-weight)
    return _log_beta(a + canary_total, b + stable_total) - _log_beta(a, b) - by_weight


def _terms(minutes: Mapping[int, Minute], weights: Mapping[int, float], starts: list[int]) -> list[float]:
    """Return, for each start, the log of its prior times the product of factors from there on."""
    terms, later, current = [0.0] * len(starts), 0.0, 0.0
    weight, canary, stable = 0.0, 0, 0
    for k in range(len(starts), 0, -1):
        minute, own = minutes[starts[k - 1]], weights[starts[k - 1]]
        if not 0 < own < 1:
            raise ValueError(f"weight is a fraction between 0 and 1, not {own!r}")
        if own != weight:
            later, weight, canary, stable = later + current, own, 0, 0
        canary, stable = canary + minute.canary_total, stable + minute.stable_total
        current = log_split_factor(weight, canary, stable)
        terms[k - 1] = later + current - log(k * (k + 1))
    return terms


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)
