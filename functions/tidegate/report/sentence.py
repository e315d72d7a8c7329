"""A release in one sentence: the outcome, with the numbers of both versions and the limit."""

from tidegate.report import words
from tidegate.report.model import (
    RECOVERED,
    RELEASED,
    ROLLED_BACK,
    RUNNING,
    Report,
    Target,
)


def headline(report: Report) -> str:
    """Return the title: the targets and the outcome."""
    return f"{subject(report)}: {words.title(report.state).lower()}"


def subject(report: Report) -> str:
    """Name the targets, or the first ones if there are many."""
    names = [target.name for target in report.targets]
    if not names:
        return report.release
    more = f" and {len(names) - 2} more" if len(names) > 2 else ""
    return ", ".join(names[:2]) + more


def sentence(report: Report) -> str:
    """Explain the outcome, or the current state."""
    failed = [target for target in report.targets if target.verdict == "fail" and target.explanation]
    if report.outcome in {ROLLED_BACK, RECOVERED} and failed:
        return _failure(report, max(failed, key=lambda target: target.log_e_value or 0.0))
    if report.outcome == RELEASED:
        return _released(report)
    if report.outcome == RUNNING:
        return _running(report)
    return report.why


def consequence(report: Report) -> str:
    """Describe the aliases after a roll back, or the result of the look back."""
    if report.outcome == RELEASED:
        return f"Looked back: {report.after.summary}" if report.after else ""
    return f"{report.left.rstrip('.')}." if report.left else ""


def _failure(report: Report, target: Target) -> str:
    enough = (target.log_e_value or 0.0) >= report.limit
    limit = f" The limit is {words.odds(report.limit)}." if enough else ""
    return f"Version {target.canary} of {target.name} failed. {words.capital(target.explanation)}{limit}"


def _released(report: Report) -> str:
    judged = [target for target in report.targets if target.explanation]
    if not judged:
        return f"{report.why}."
    target = min(judged, key=lambda each: each.verdict == "pass")
    return f"{report.why}. {words.capital(target.explanation)}"


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
    since = (
        f"{words.weight(shift.weight)} of the requests have gone to the new version since {words.clock(shift.at)} UTC"
    )
    judged = [target for target in report.targets if target.explanation]
    if not judged or not report.ticks:
        return f"{since}; the versions have not been compared yet."
    target = max(judged, key=lambda each: each.log_e_value or 0.0)
    return f"{since}. {words.capital(target.explanation)} {_so_far(report)}"


def _looking_back(report: Report, since: int) -> str:
    found = f" {words.capital(report.after.summary).rstrip('.')}." if report.after else ""
    told = "the look back compares it with the time before, and rolls it back if it is worse"
    return f"Every request has gone to the new version since {words.clock(since)} UTC; {told}.{found}"


def _so_far(report: Report) -> str:
    """Return the newest verdict, and the reason for a hold, which is at the end of a tick's summary."""
    if report.undoing:
        return "It is being rolled back."
    tick = report.ticks[-1]
    held = tick.summary.rpartition("; held")[2] if tick.held and "; held" in tick.summary else None
    return f"So far: {words.verdict(tick.verdict)}." if held is None else _stays(f"held{held}")


def _stays(held: str) -> str:
    return f"It is {held}" if held.endswith(("?", ".")) else f"It is {held}."
