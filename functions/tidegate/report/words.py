"""Formatting of numbers, times and outcomes, and a release in one sentence."""

from datetime import UTC, datetime

from tidegate.domain import amounts
from tidegate.domain.amounts import clock, signed_points, since_clock
from tidegate.domain.analysis.exposure import COUNTED, ESTIMATED, UNKNOWN, Exposure
from tidegate.domain.region_releases import told
from tidegate.domain.schedule import HOUR, MINUTE
from tidegate.domain.truncation import first_names
from tidegate.report.counts import CallCounts, MetricCounts
from tidegate.report.model import (
    DRY_RUN,
    HELD,
    LEFT_TO_RECOVER,
    PARTLY_RELEASED,
    RECOVERED,
    REFUSED,
    RELEASED,
    ROLLED_BACK,
    ROLLING_BACK,
    RUNNING,
    SUPERSEDED,
    WORSE,
    Report,
    Target,
)

NOTHING = "\N{EN DASH}"
NAMED = 2
"""Targets that a title has."""

TITLES = {
    RUNNING: "Running",
    HELD: "Held",
    ROLLING_BACK: "Rolling back",
    RELEASED: "Released",
    WORSE: "Released, but worse than before",
    "released-not-compared": "Released, not compared",
    "promoted-not-proven": "Promoted, not proven",
    ROLLED_BACK: "Rolled back",
    REFUSED: "Refused",
    RECOVERED: "Recovered",
    SUPERSEDED: "Superseded",
    DRY_RUN: "Dry run",
    LEFT_TO_RECOVER: "Left to recover",
}
TONES = {
    RUNNING: "now",
    ROLLING_BACK: "bad",
    RELEASED: "good",
    DRY_RUN: "good",
    RECOVERED: "bad",
    ROLLED_BACK: "bad",
    LEFT_TO_RECOVER: "bad",
    PARTLY_RELEASED: "bad",
}
"""How an outcome is coloured; others are `warn`."""
OUTCOME_MARKS = {"good": "✓", "bad": "✗", "now": "●", "warn": "!"}

VERDICTS = {"pass": "✓", "fail": "✗", "inconclusive": "…", "no_data": "·", "worse": "!"}
VERDICT_TONES = {"pass": "good", "fail": "bad"}


def title(outcome: str) -> str:
    return TITLES.get(outcome, outcome.replace("-", " ").capitalize())


def tone(outcome: str) -> str:
    return TONES.get(outcome, "warn")


def verdict(word: str) -> str:
    """Write a verdict with its sign, not only with a colour."""
    return f"{VERDICTS.get(word, '?')} {word.replace('_', ' ')}"


def moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%-d %b %Y %H:%M:%S UTC")


def day_and_clock(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%-d %b %H:%M")


def elapsed(seconds: int) -> str:
    """Write a time since the start as mm:ss, from an hour on as h:mm:ss."""
    hours, rest = divmod(max(0, seconds), HOUR)
    minutes, rest = divmod(rest, MINUTE)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"


def count(number: float) -> str:
    return f"{number:,.0f}"


def rate(fraction: float | None) -> str:
    return NOTHING if fraction is None else amounts.rate(fraction)


MET = ("met another version", "old → new", "new → old", "of about")
BASES = {
    COUNTED: "counted by the caller",
    ESTIMATED: "estimated by minute",
    UNKNOWN: "not known: no lines of the caller",
}


def met(exposure: Exposure) -> tuple[str, ...]:
    """Write which of the calls between two targets met another version."""
    old_new, new_old = rate(exposure.old_new), rate(exposure.new_old)
    calls = count(exposure.calls) if exposure.calls else NOTHING
    if exposure.interval is None:
        return rate(exposure.share), old_new, new_old, calls
    low, high = map(rate, exposure.interval)
    return f"{rate(exposure.share)} ({low} to {high})", old_new, new_old, calls


def weight(percent: float) -> str:
    return f"{percent:g} %"


def share(counts: CallCounts | None) -> str:
    """Write `41 of 1,480`."""
    if counts is None:
        return "not compared"
    return f"{count(counts.bad)} of {count(counts.total)}" if counts.total else "no calls"


def difference(metric: MetricCounts) -> tuple[str, str]:
    """Return the difference of the shown rates; then that within the minutes, if the totals give a wrong impression."""
    if metric.difference is None:
        return NOTHING, ""
    within = "" if metric.adjusted is None else f"{signed_points(metric.adjusted)} within the same minutes"
    return signed_points(metric.difference), within


def what(metric: MetricCounts) -> str:
    """Describe what was counted, and since when if not since the first shift."""
    return metric.what if metric.since is None else f"{metric.what}, {since_clock(metric.since)}"


def evidence(metric: MetricCounts) -> tuple[str, str]:
    """Return how rarely chance explains the metric, and the limit."""
    if metric.log_e_value is None:
        return NOTHING, ""
    limit = f"limit {odds(metric.limit)}" if metric.limit is not None and metric.gates else ""
    return odds(metric.log_e_value), limit


def odds(log_e_value: float) -> str:
    return amounts.odds(log_e_value) if log_e_value > 0 else "no evidence"


def times(number: int) -> str:
    return f"{number}\N{MULTIPLICATION SIGN}"


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def many(number: int, noun: str) -> str:
    return f"{count(number)} {noun}{'' if number == 1 else 's'}"


def headline(report: Report) -> str:
    """Return the title: the targets and the outcome."""
    return f"{subject(report)}: {title(report.state).lower()}"


def subject(report: Report) -> str:
    """Name the targets, or the first ones if there are many."""
    names = [target.name for target in report.targets] or [one.region for one in report.regions]
    return first_names(names, NAMED) or report.release


def sentence(report: Report) -> str:
    """Explain the outcome, or the current state."""
    failed = [target for target in report.targets if target.verdict == "fail" and target.explanation]
    if report.outcome in {ROLLED_BACK, RECOVERED} and failed:
        return _failure(max(failed, key=lambda target: target.log_e_value or 0.0))
    if report.outcome == RELEASED:
        return _released(report)
    if report.outcome == RUNNING:
        return f"{told(report.regions)}." if report.regions else _running(report)
    return report.why


def consequence(report: Report) -> str:
    """Describe the aliases after a roll back, or the result of the look back."""
    if report.outcome == RELEASED:
        return f"Looked back: {report.after.summary}" if report.after else ""
    return f"{report.left.rstrip('.')}." if report.left else ""


def _failure(target: Target) -> str:
    return f"Version {target.canary} of {target.name} failed. {capital(target.explanation)}"


def _released(report: Report) -> str:
    judged = [target for target in report.targets if target.explanation]
    if not judged:
        return f"{report.why}."
    target = min(judged, key=lambda each: each.verdict == "pass")
    return f"{report.why}. {capital(target.explanation)}"


def _running(report: Report) -> str:
    if not report.shifts and report.undoing:
        return "No request has reached the new version. It is being rolled back."
    if not report.shifts and report.held:
        return f"No request has reached the new version yet. {_stays(report.held)}"
    if not report.shifts:
        return "Its versions are being prepared; no request has reached them yet."
    if report.promoted_at is not None and not report.undoing:
        return _looking_back(report, report.promoted_at)
    shift = report.shifts[-1]
    since = f"{weight(shift.weight)} of the requests have gone to the new version since {clock(shift.at)} UTC"
    judged = [target for target in report.targets if target.explanation]
    if not judged or not report.ticks:
        return f"{since}; the versions have not been compared yet."
    target = max(judged, key=lambda each: each.log_e_value or 0.0)
    return f"{since}. {capital(target.explanation)} {_so_far(report)}"


def _looking_back(report: Report, since: int) -> str:
    found = f" {capital(report.after.summary).rstrip('.')}." if report.after else ""
    told = "the look back compares it with the time before, and rolls it back if it is worse"
    return f"Every request has gone to the new version since {clock(since)} UTC; {told}.{found}"


def _so_far(report: Report) -> str:
    """Return the newest verdict, and the reason for a hold, which is at the end of a tick's summary."""
    if report.undoing:
        return "It is being rolled back."
    tick = report.ticks[-1]
    held = tick.summary.rpartition("; held")[2] if tick.held and "; held" in tick.summary else None
    if held is not None:
        return _stays(f"held{held}")
    if tick.verdict == "no_data" and any(metric.whole for target in report.targets for metric in target.metrics):
        return f"So far: no verdict at {weight(tick.weight)}."  # beside counts, which are data
    return f"So far: {verdict(tick.verdict)}."


def _stays(held: str) -> str:
    return f"It is {held}" if held.endswith(("?", ".")) else f"It is {held}."
