"""Sentences about verdicts."""

from collections.abc import Sequence
from math import ceil

from tidegate.domain.amounts import many, odds, points, rate, rounded, since_clock, since_when
from tidegate.domain.judge.metrics import Combined, Metric, MetricJudgement, Verdict
from tidegate.domain.judge.minutes import Calls, Minute
from tidegate.domain.judge.ratio import Ratio
from tidegate.domain.judge.shown import Shown

FAR_OFF = 1000
"""As many times as often, or more: two versions are compared by ratios up to that."""

NOTHING = "There is no call of either version yet."

UNCONFIRMED = "No action yet: calls of the newest minute may still be running, so the next tick must confirm this."


def summary(combined: Combined) -> str:
    """Describe the result with the numbers that the leading metric shows."""
    leading = combined.metric(combined.leading)
    both = _both_rates(leading.metric, leading.shown)
    if combined.verdict is Verdict.NO_DATA:
        minutes = max(len(each.metric.minutes) for each in combined.metrics if each.metric.gates)
        said = f"The canary has completed no call in {many(minutes, 'minute')}; {both}." if minutes else NOTHING
    elif combined.verdict is Verdict.FAIL:
        said = f"{leading.metric.name}: {_fail(combined, leading.shown, both)}."
    elif combined.better:
        said = f"{combined.better.metric.name}: {_better(combined.better)}{_unknown(combined)}."
    else:
        known = f"{_window(leading.shown)}{both}{_times(combined.ratio)}{_adjusted(leading.shown)}"
        passes = combined.verdict is Verdict.PASS
        rest = (
            f": no regression; {_seen(asked(combined.metrics))}" if passes else f"; {_missing(asked(combined.metrics))}"
        )
        said = f"{leading.metric.name}: {known}{rest}."
    return said + _others(combined)


def asked(judged: Sequence[MetricJudgement]) -> Sequence[MetricJudgement]:
    """Return the metrics whose information a pass needs: those that wait; if none waits, all that gate."""
    gating = [each for each in judged if each.metric.gates]
    return [each for each in gating if each.metric.waits] or gating


def _fail(combined: Combined, shown: Shown, both: str) -> str:
    when = "" if shown.since is None else f"{since_when(shown.since)}, "
    return f"{when}{both}: {_worse(shown)}{_times(combined.ratio)}; {_chance(combined, shown)}"


def _worse(shown: Shown) -> str:
    """Say how much worse the counts are, and within the same minutes if that differs: weights or rates changed."""
    plain, within = shown.difference or 0.0, shown.adjusted
    if plain <= 0:
        return f"{points(within)} worse within the same minutes" if within and within > 0 else "worse"
    return f"{points(plain)} worse" + ("" if within is None else f" ({points(within)} within the same minutes)")


def _adjusted(shown: Shown) -> str:
    within = shown.adjusted
    if within is None:
        return ""
    return f", {points(abs(within))} {'worse' if within >= 0 else 'better'} within the same minutes"


def _window(shown: Shown) -> str:
    return "" if shown.named_since is None else f"{since_when(shown.named_since)}, "


def _chance(combined: Combined, shown: Shown) -> str:
    """Name the evidence and its limit; all metrics together, if the leading one alone does not reach it."""
    limit, together, evidence = shown.limit or 0.0, "", shown.evidence
    if evidence < limit:
        evidence, together = combined.log_e_value, " and the other metrics together"
    return f"chance explains this{together} less than {odds(evidence)} (limit: {odds(limit)})"


def _better(judged: MetricJudgement) -> str:
    shown, evidence = judged.shown, judged.better.evidence if judged.better else 0.0
    chance = f"chance explains this less than {odds(evidence)} (limit: {odds(shown.limit or 0.0)})"
    return f"{_both_rates(judged.metric, shown)}: better: {fewer(shown)}{_adjusted(shown)}; {chance}"


def fewer(shown: Shown) -> str:
    """Write by how much the canary's rate is lower."""
    return f"{points(-(shown.difference or 0.0))} fewer"


def _unknown(combined: Combined) -> str:
    lacking = [each for each in asked(combined.metrics) if each.lacks]
    return f"; {_missing(lacking)}" if lacking else ""


def told(judged: Sequence[MetricJudgement]) -> tuple[str, ...]:
    """Describe what is worse without failing the canary; of the two limits of slow calls, the one that says more."""
    by_kind: dict[str, MetricJudgement] = {}
    for each in sorted((one for one in judged if one.only_told), key=lambda one: (one.log_e_value, one.metric.name)):
        by_kind["slower" if each.metric.noun.startswith("took over") else f"{each.metric.name} worse"] = each
    return tuple(f"{kind}: {_told(each)}; reported only" for kind, each in sorted(by_kind.items()))


def _told(judged: MetricJudgement) -> str:
    whole, since = judged.shown.counts, judged.shown.named_since
    window = "" if since is None else f" {since_clock(since)}"
    return (
        f"{whole.canary_bad} of {whole.canary_total} {judged.metric.noun}{window}, "
        f"{whole.stable_bad} of {whole.stable_total} on stable"
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
    """Return the metric for which a pass waits longest; what was shown to be better lacks nothing."""
    return min(judged, key=lambda one: (not one.lacks, one.information / one.needed, one.metric.name))


def calls_lacking(judged: MetricJudgement) -> int | None:
    """Return how many more calls of the canary a pass needs, at the current mix and rates, rounded.

    None: unknown, because both versions have not yet been called in one minute.
    """
    if not judged.information:
        return None
    lacking = max(0.0, judged.needed - judged.information) / judged.information
    return rounded(ceil(judged.whole.canary_total * lacking))


def _others(combined: Combined) -> str:
    said = [
        f" {one.metric.name} is {_worse(one.shown)} too{' (reported only)' if one.only_told else ''}."
        for one in combined.metrics
        if one.worse and not (one.fails and one.metric.name == combined.leading)
    ]
    return "".join(sorted(said))


def promoted(metric: Metric, shown: Shown, windows: tuple[str, str], ratio: Ratio | None, *, alerts: bool) -> str:
    """Describe the comparison of the promoted version; `windows` name the time after the promotion and that before."""
    whole, (after, before) = shown.counts, windows
    if not whole.canary_total:
        return f"{metric.name} {after}: no call yet."
    canary = _part(metric, whole.canary_bad, whole.canary_total)
    stable = f"{whole.stable_bad} of {whole.stable_total}{_rate(whole.stable_bad, whole.stable_total)}"
    both = f"{metric.name} {after}: {canary}, on stable in {before} {stable}"
    if not alerts:
        return f"{both}{_times(ratio)}: not shown to be more than twice as many."
    return (
        f"{both}: {_worse(shown)}{_times(ratio)}; "
        f"if it were at most twice as bad, chance would show this less than {odds(shown.evidence)}."
    )


def fleet(metrics: Sequence[Metric], since: int, whole: Minute, excess: float, chance: tuple[float, float]) -> str:
    """Describe a fail of all targets as one.

    `whole` are their counts since the minute `since`, `chance` the evidence and its limit.
    """
    canaries = _part(metrics[0], whole.canary_bad, whole.canary_total)
    stable = f"{whole.stable_bad} of {whole.stable_total}{_rate(whole.stable_bad, whole.stable_total)}"
    return (
        f"{metrics[0].name} of {len(metrics)} targets together: {since_when(since)}, on the canaries {canaries}, on "
        f"stable {stable}: {points(excess)} worse within the same minutes of each target; chance explains this less "
        f"than {odds(chance[0])} (limit: {odds(chance[1])})."
    )


def environment(stable: Calls, canary: Calls, before: Calls, minutes: int) -> str:
    then, *now = (100 * each.bad / each.total for each in (before, stable, canary))
    return (
        f"Both versions are much worse than before the release: {now[0]:.3g} % of stable's calls and {now[1]:.3g} % of "
        f"the canary's failed in the last {many(minutes, 'minute')}, {then:.3g} % in the hour before; the weights stay "
        "unchanged."
    )


def _both_rates(metric: Metric, shown: Shown) -> str:
    whole = shown.counts
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
    return f" ({rate(bad / total)})" if total else ""


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
