"""A release in one sentence: what came of it, with the numbers of both versions and the limit."""

from tidegate.report import words
from tidegate.report.model import (
    RECOVERED,
    RELEASED,
    ROLLED_BACK,
    RUNNING,
    Metric,
    Report,
    Target,
)


def headline(report: Report) -> str:
    """Give the title: the outcome and what it is about."""
    return f"{subject(report)}: {words.title(report.outcome).lower()}"


def subject(report: Report) -> str:
    """Name the targets, the first ones of many."""
    names = [target.name for target in report.targets]
    if not names:
        return report.release
    more = f" and {len(names) - 2} more" if len(names) > 2 else ""
    return ", ".join(names[:2]) + more


def sentence(report: Report) -> str:
    """Say why it ended as it did, or how it stands."""
    failed = [target for target in report.targets if target.blamed]
    if report.outcome in {ROLLED_BACK, RECOVERED} and failed:
        return _failure(report, max(failed, key=lambda target: target.log_e_value or 0.0))
    if report.outcome == RELEASED:
        return _released(report)
    if report.outcome == RUNNING:
        return _running(report)
    return report.why


def consequence(report: Report) -> str:
    """Say how the aliases are now, in the words of what was written last about them."""
    told = [event for event in report.events if event.kind in {"rolled-back", "recovered"} and event.text]
    if report.outcome not in {ROLLED_BACK, RECOVERED} or not told:
        return ""
    return f"{told[-1].text}."


def _failure(report: Report, target: Target) -> str:
    metric = target.blamed
    assert metric is not None
    evidence = metric.log_e_value or target.log_e_value or 0.0
    return (
        f"{_compared(target, metric)}. By chance that comes {words.odds(evidence)}; "
        f"the limit is {words.odds(report.limit)}."
    )


def _compared(target: Target, metric: Metric) -> str:
    new, old = metric.whole.canary, metric.whole.stable
    return (
        f"On version {target.canary} of {target.name}, "
        f"{words.share(new)} calls {metric.what} ({words.rate(new.rate)}); "
        f"on version {target.stable}, {words.share(old)} ({words.rate(old.rate)}): "
        f"within the same minutes {words.points(metric.difference)}"
    )


def _released(report: Report) -> str:
    judged = [target for target in report.targets if target.metrics]
    if not judged:
        return f"{report.why}."
    target = min(judged, key=lambda each: each.verdict == "pass")
    return f"{_compared(target, target.metrics[0])}. {_seen_to_be(target)}"


def _seen_to_be(target: Target) -> str:
    if target.verdict == "pass":
        return "That is no regression, and one that matters would have been seen."
    return "That was too little to tell, and its strategy goes on then."


def _running(report: Report) -> str:
    if not report.shifts:
        return "Its versions are being prepared; no request has reached them yet."
    shift = report.shifts[-1]
    since = f"{words.weight(shift.weight)} of the requests go to the new version since {words.clock(shift.at)} UTC"
    judged = [target for target in report.targets if target.metrics]
    if not judged or not report.ticks:
        return f"{since}; the versions have not been compared yet."
    target = max(judged, key=lambda each: each.log_e_value or 0.0)
    return f"{since}. {_compared(target, target.metrics[0])}; {words.verdict(report.ticks[-1].verdict)}."
