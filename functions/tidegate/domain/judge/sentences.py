"""Sentences about verdicts."""

from collections.abc import Sequence
from datetime import UTC, datetime
from math import ceil, exp, floor, log

from tidegate.domain.judge.metrics import Combined, Metric, MetricJudgement, Verdict
from tidegate.domain.judge.minutes import Calls, Minute
from tidegate.domain.judge.ratio import Ratio

FAR_OFF = 1000
"""As many times as often, or more: two versions are compared by ratios up to that."""

UNCONFIRMED = "No action yet: calls of the newest minute may still be running, so the next tick must confirm this."


def summary(combined: Combined, leading: Metric, whole: Minute) -> str:
    """Describe the result; `whole` has the leading metric's calls since it became worse, or all of them."""
    both = _both_rates(leading, whole)
    if combined.verdict is Verdict.NO_DATA:
        minutes = max(len(each.metric.minutes) for each in combined.metrics if each.metric.gates)
        said = f"The canary has completed no call in {many(minutes, 'minute')}; {both}."
    elif combined.verdict is Verdict.FAIL:
        said = f"{leading.name}: {_fail(combined, both)}."
    elif combined.verdict is Verdict.PASS:
        said = f"{leading.name}: {both}{_times(combined.ratio)}: no regression; {_seen(asked(combined.metrics))}."
    else:
        said = f"{leading.name}: {both}{_times(combined.ratio)}; {_missing(asked(combined.metrics))}."
    return said + _others(combined)


def asked(judged: Sequence[MetricJudgement]) -> Sequence[MetricJudgement]:
    """Return the metrics whose information a pass needs: those that wait; if none waits, all that gate."""
    gating = [each for each in judged if each.metric.gates]
    return [each for each in gating if each.metric.waits] or gating


def _fail(combined: Combined, both: str) -> str:
    when = "" if combined.since is None else f"{since_when(combined.since)}, "
    return (
        f"{when}{both}: {points(combined.excess)} worse{_times(combined.ratio)}; "
        f"chance explains this less than {odds(combined.log_e_value)}"
    )


def _seen(judged: Sequence[MetricJudgement]) -> str:
    """Name the detectable regressions by metric: smaller ones may exist."""
    by_name = sorted(judged, key=lambda one: one.metric.name)
    each = " and ".join(f"{points(one.metric.mde)} in {one.metric.name}" for one in by_name)
    return f"{each} would have been detected, smaller ones might not"


def _missing(judged: Sequence[MetricJudgement]) -> str:
    """Return how many more calls are needed, for the metric that lacks most, at the current mix and rates."""
    slowest = lacking_most(judged)
    metric, more = slowest.metric, calls_lacking(slowest)
    if more is None:
        return f"no minute yet in which both versions can be compared in {metric.name}"
    needed = many(more, f"more {metric.unit}")
    return f"about {needed} on the canary needed to detect {points(metric.mde)} in {metric.name}"


def lacking_most(judged: Sequence[MetricJudgement]) -> MetricJudgement:
    return min(judged, key=lambda one: (one.information / one.needed, one.metric.name))


def calls_lacking(judged: MetricJudgement) -> int | None:
    """Return how many more calls of the canary a pass needs, at the current mix and rates, rounded.

    None: unknown, because both versions have not yet been called in one minute.
    """
    if not judged.information:
        return None
    lacking = max(0.0, judged.needed - judged.information) / judged.information
    return rounded(ceil(judged.whole.canary_total * lacking))


def _others(combined: Combined) -> str:
    reported = {True: "", False: " (reported only)"}
    said = [
        f" {one.metric.name} is {points(one.excess)} worse too{reported[one.metric.gates]}."
        for one in combined.metrics
        if one.fails and one.metric.name != combined.leading
    ]
    return "".join(sorted(said))


def promoted(metric: Metric, whole: Minute, excess: float, ratio: Ratio | None, log_e_value: float | None) -> str:
    """Describe the comparison of the promoted version; `log_e_value` if it alerts."""
    if not whole.canary_total:
        return f"{metric.name} after promotion: no call yet."
    canary = _part(metric, whole.canary_bad, whole.canary_total)
    stable = f"{whole.stable_bad} of {whole.stable_total}{_rate(whole.stable_bad, whole.stable_total)}"
    both = f"{metric.name} after promotion: {canary}, on stable in the hour before {stable}"
    if log_e_value is None:
        return f"{both}{_times(ratio)}: not shown to be more than twice as many."
    return (
        f"{both}: {points(excess)} worse{_times(ratio)}; "
        f"if it were at most twice as bad, chance would show this less than {odds(log_e_value)}."
    )


def environment(stable: Calls, canary: Calls, before: Calls, minutes: int) -> str:
    then, *now = (100 * each.bad / each.total for each in (before, stable, canary))
    return (
        f"Both versions are much worse than before the release: {now[0]:.3g} % of stable's calls and {now[1]:.3g} % of "
        f"the canary's failed in the last {many(minutes, 'minute')}, {then:.3g} % in the hour before; the weights stay "
        "unchanged."
    )


def _both_rates(metric: Metric, whole: Minute) -> str:
    if not whole.canary_total:
        return f"on stable {_part(metric, whole.stable_bad, whole.stable_total)}"
    stable = "no call" if not whole.stable_total else f"{whole.stable_bad} of {whole.stable_total}"
    return (
        f"on the canary {_part(metric, whole.canary_bad, whole.canary_total)}, "
        f"on stable {stable}{_rate(whole.stable_bad, whole.stable_total)}"
    )


def _part(metric: Metric, bad: int, total: int) -> str:
    return f"{bad} of {many(total, metric.unit)} {metric.noun}{_rate(bad, total)}"


def _rate(bad: int, total: int) -> str:
    return f" ({100 * bad / total:.3g} %)" if total else ""


def _times(ratio: Ratio | None) -> str:
    """Describe how many times as often, if that is known.

    A bound that is far away, or on the wrong side, is omitted.
    """
    if ratio is None:
        return ""
    if ratio.high > FAR_OFF:
        return f", at least {_count(ratio.low)} times as often" if ratio.low >= 1 else ""
    if not ratio.low:
        return f", at most {_count(ratio.high)} times as often"
    return f", {_count(ratio.low)} to {_count(ratio.high)} times as often"


def _count(ratio: float) -> str:
    return f"{ratio:.2g}" if ratio < 100 else str(rounded(int(ratio)))


_READABLE = log(1e6)


def points(rate: float) -> str:
    return f"{100 * rate:.3g} points"


def many(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def since_when(start: int) -> str:
    return f"since {datetime.fromtimestamp(start, UTC):%Y-%m-%d %H:%M} UTC"


def rounded(count: int) -> int:
    """Round to two digits: it is an estimate."""
    step = int(10 ** max(0, len(str(count)) - 2))
    return ceil(count / step) * step


def odds(log_e_value: float) -> str:
    """Ville: if the canary is not worse, an e-value of E or more ever occurs with a probability of at most 1/E."""
    if log_e_value < _READABLE:
        return f"once in {floor(exp(log_e_value))}"
    return f"once in 10^{floor(log_e_value / log(10))}"
