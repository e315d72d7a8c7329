"""The drain in Look back: watch the old versions of a promoted release until their end is proven."""

from typing import Any

from tidegate.aws.announcements import tell_event
from tidegate.aws.cloudwatch.baselines import Unreadable
from tidegate.aws.cloudwatch.old_versions import remains
from tidegate.aws.failures import FAILED_CALL
from tidegate.aws.ledger import items
from tidegate.aws.ledger.records import Release
from tidegate.domain.foreign_text import undotted
from tidegate.domain.plan import ReleasePlan
from tidegate.domain.rollout.drain import DrainCheck, check_drain, first_check, unread
from tidegate.domain.schedule import format_time


def then_drain(answer: dict[str, Any], plan: ReleasePlan, since: int) -> dict[str, Any]:
    """Return the answer of a state that has promoted a release, after which the old versions are watched if wanted."""
    if not plan.drain_minutes or not plan.shifting:
        return answer
    over = {"summary": answer["summary"], "alert": answer.get("alert", False)}
    return {**answer, "next": "look_back", "since": since, "tick": format_time(first_check(plan, since)), "over": over}


def drain(release: Release, now: int, since: int, over: dict[str, Any]) -> dict[str, Any]:
    """Check the old versions; `over` is how the release ended before: `summary` and `alert`."""
    found = _check(release, now, since)
    kind = "drained" if found.drained else "not-drained" if found.check is None else "draining"
    details = {"summary": found.summary, "targets": list(found.targets)}
    if found.check is None:
        tell_event(release.name, now, kind, release.plan.expires, details)
        return {
            "outcome": "released",
            "alert": over["alert"],
            "summary": f"{undotted(over['summary'])}. {found.summary}",
        }
    items.record_event(release.name, now, kind, release.plan.expires, details)
    tick = format_time(found.check)
    return {"next": "look_back", "since": since, "tick": tick, "summary": found.summary, "over": over}


def _check(release: Release, now: int, since: int) -> DrainCheck:
    try:
        return check_drain(release.plan, remains(release, since, now), since, now)
    except (*FAILED_CALL, Unreadable) as error:
        return unread(release.plan, undotted(error), since, now)
