"""The rule: when the canary fails on all its metrics, and when there is enough information for a pass."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp, fsum, log

from tidegate.domain.judge import sentences
from tidegate.domain.judge.better import better
from tidegate.domain.judge.e_values import Weighing, weigh
from tidegate.domain.judge.information import information, needed_information
from tidegate.domain.judge.metrics import Combined, Metric, MetricJudgement, Verdict
from tidegate.domain.judge.minutes import totals
from tidegate.domain.judge.ratio import ratio_interval
from tidegate.domain.judge.shown import shown


@dataclass(frozen=True, slots=True)
class _Part:
    """One metric, its share, and the evidence of its minutes."""

    metric: Metric
    share: float
    starts: tuple[int, ...]
    weighing: Weighing

    @property
    def ends(self) -> list[int]:
        return [start + self.metric.seconds for start in self.starts]

    @property
    def matters(self) -> bool:
        return self.weighing.worse.lasting >= self.metric.min_effect and self.weighing.worse.since is not None

    @property
    def rank(self) -> tuple[float, float, str]:
        return self.weighing.log_e_value + log(self.share), self.share, self.metric.name


def judge_metrics(metrics: Sequence[Metric], *, alpha: float, provisional_since: int | None = None) -> Combined:
    """Judge one target on all its metrics, on every whole minute since the alias first served the canary.

    The average of e-values, minute by minute (each keeps its value in a missing minute), is an e-value under any
    dependence between them. The maximum is taken after averaging, because an average of maxima is not an e-value.
    The canary fails once the average reaches 1/alpha, counting only metrics whose excess is at least
    their `min_effect`. Omitting metrics makes it smaller, so the guarantee of `alpha` holds, and strong evidence of
    a tiny difference in one metric neither fails the canary nor hides another metric.

    A fail that needs a minute younger than the time-out must also hold without the newest minute: calls of that
    minute may still be running, except where the metric is `settled`. `provisional_since` is the start of the first
    such minute (seconds since 1970).

    A pass needs enough information about every metric that gates and `waits`, or evidence that the canary is `better`
    in it. No data: no gating metric has a completed call of the canary.

    Parameters
    ----------
    alpha
        Probability of failing a canary that is as good as stable, over all checks and metrics. With N targets in a
        release each gets alpha / N.

    Raises
    ------
    ValueError
        No metric gates, two have the same name, or a setting is out of range.
    """
    _check(metrics, alpha)
    whole = fsum(metric.weight for metric in metrics if metric.gates)
    parts = [_part(metric, metric.weight / whole if metric.gates else 0.0) for metric in metrics]
    combined = _combine(parts, alpha)
    if combined.verdict is Verdict.FAIL and provisional_since is not None:
        running = (part for part in parts if part.metric.gates and not part.metric.settled)
        newest = max((start for part in running for start in part.starts), default=0)
        before = [_without(newest, metric) for metric in metrics]
        if newest >= provisional_since and judge_metrics(before, alpha=alpha).verdict is not Verdict.FAIL:
            summary = f"{combined.summary} {sentences.UNCONFIRMED}"
            return replace(combined, verdict=Verdict.INCONCLUSIVE, summary=summary, unconfirmed=True)
    return combined


def _without(newest: int, metric: Metric) -> Metric:
    if metric.settled:
        return metric
    return replace(metric, minutes={start: minute for start, minute in metric.minutes.items() if start != newest})


def _check(metrics: Sequence[Metric], alpha: float) -> None:
    """Refuse invalid input; an alpha of NaN compares false, and is refused."""
    names = [metric.name for metric in metrics]
    if len(set(names)) < len(names):
        raise ValueError(f"metrics need different names; these repeat: {', '.join(names)}")
    if not any(metric.gates for metric in metrics):
        raise ValueError("at least one metric must gate; otherwise nothing can fail the canary")
    if not 0 < alpha < 1:
        raise ValueError(f"alpha is a chance between 0 and 1, not {alpha!r}")


def _part(metric: Metric, share: float) -> _Part:
    starts = tuple(sorted(metric.minutes))
    minutes = [metric.minutes[start] for start in starts]
    return _Part(metric, share, starts, weigh(minutes, metric.dispersion, metric.forgiven))


def _combine(parts: Sequence[_Part], alpha: float) -> Combined:
    gating = sorted((part for part in parts if part.metric.gates), key=lambda part: part.metric.name)
    mattering = [part for part in gating if part.matters]
    fails = bool(mattering) and _largest_average(mattering) >= log(1 / alpha)
    leading = max(mattering if fails else gating, key=lambda part: part.rank)
    first = min((part.starts[0] for part in parts if part.starts), default=None)
    judged = tuple(_judged(part, alpha, first, worse=fails and part is leading) for part in parts)
    verdict = Verdict.FAIL if fails else _without_fail(judged)
    log_e_value = max(0.0, _largest_average(gating))
    worse = leading.weighing.worse
    place, start = (worse.since or 0, worse.start or 1) if fails else (0, 1)
    ratio = ratio_interval(leading.weighing.minutes[place:], start=start, dispersion=leading.metric.dispersion)
    since = None if worse.since is None else leading.starts[worse.since]
    combined = Combined(verdict, log_e_value, leading.metric.name, worse.excess, since, ratio, judged, "")
    return replace(combined, summary=sentences.summary(combined))


def _judged(part: _Part, alpha: float, first: int | None, *, worse: bool) -> MetricJudgement:
    """Judge one metric alone, at its share of alpha; if it fails or `worse`, it is shown since it became worse."""
    metric, weighing, own = part.metric, part.weighing, alpha * (part.share or 1.0)
    log_e_value, found, whole = weighing.log_e_value, weighing.worse, totals(weighing.minutes)
    sure = log_e_value >= log(1 / own)
    fails = sure and found.lasting >= metric.min_effect
    place = (found.since or 0) if fails or worse else 0
    limit, evidence = log(1 / alpha) if metric.gates else None, log_e_value + log(part.share or 1.0)
    return MetricJudgement(
        metric,
        part.share,
        log_e_value,
        found.excess,
        information(weighing.minutes, mde=metric.mde, dispersion=metric.dispersion),
        needed_information(own),
        whole,
        fails=fails,
        shown=shown(part.starts, weighing.minutes, place, first=first, evidence=evidence, limit=limit),
        worse=sure and found.lasting >= metric.least_told,
        better=better(metric, weighing.minutes, whole, share=part.share, alpha=alpha),
    )


def _without_fail(judged: Sequence[MetricJudgement]) -> Verdict:
    if not any(each.whole.canary_total for each in judged if each.metric.gates):
        return Verdict.NO_DATA
    return Verdict.INCONCLUSIVE if any(each.lacks for each in sentences.asked(judged)) else Verdict.PASS


def _largest_average(parts: Sequence[_Part]) -> float:
    """Return the log of the largest weighted average of e-values so far, at the end of any minute of any of them."""
    ends = sorted({end for part in parts for end in part.ends})
    sums = [0.0] * len(ends)
    peak = max(part.weighing.log_e_value for part in parts)
    for part in parts:
        values = dict(zip(part.ends, part.weighing.log_e_values, strict=True))
        latest = part.share * exp(-peak)
        for place, end in enumerate(ends):
            if end in values:
                latest = part.share * exp(values[end] - peak)
            sums[place] += latest
    largest = max(sums, default=0.0)
    return peak + log(largest) if largest else 0.0
