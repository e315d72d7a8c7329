"""Look back: compare the new version at 100 % with the old version in the hour before the release, then drain."""

from typing import Any

from tidegate.aws.announcements import tell_event
from tidegate.aws.cloudwatch import analysis_input
from tidegate.aws.cloudwatch.baselines import Unreadable
from tidegate.aws.ending.conclusion import promote
from tidegate.aws.failures import FAILED_CALL
from tidegate.aws.lambda_ import aliases
from tidegate.aws.lambda_.aliases import at_once
from tidegate.aws.ledger import decisions, records
from tidegate.aws.ledger.records import PROMOTED, Release
from tidegate.domain.alias import AliasState
from tidegate.domain.control.decision import aborted
from tidegate.domain.due_hooks import with_hooks
from tidegate.domain.foreign_text import undotted
from tidegate.domain.hooks import AFTER_PROMOTION
from tidegate.domain.plan import TargetPlan
from tidegate.domain.schedule import MINUTE, format_time, next_look_back, visible_until
from tidegate.domain.truncation import first_sentences
from tidegate.steps.draining import drain, then_drain
from tidegate.steps.handling import StepEvent, step

PATIENCE = 10 * MINUTE
"""How long to retry if CloudWatch cannot be read."""

NAMED = 3
"""Most targets in a sentence."""


class LookBackEvent(StepEvent):
    """`since` is the first minute at 100 %; `over` is how the look back ended, after which the old versions drain."""

    since: int
    over: dict[str, Any] | None = None


@step(LookBackEvent)
def handler(event: LookBackEvent) -> dict[str, Any]:
    release = records.read_running(event.release)
    if event.over:
        return drain(release, event.now, event.since, event.over)
    answer = _looked_back(event, release)
    if answer.get("outcome") != "released":
        return answer
    answer = then_drain(answer, release.plan, event.since)
    return with_hooks(answer, release.plan, [(AFTER_PROMOTION, None)], then=answer.get("next", "released"))


def _looked_back(event: LookBackEvent, release: Release) -> dict[str, Any]:
    if release.status != PROMOTED:
        abort = decisions.abort_in(decisions.read(release), event.now)
        if abort:
            return _undo(release, *aborted(abort), [])
        at_once(lambda each: aliases.require(each.function, each.alias, _whole(each)), release.plan.aliases)
    try:
        found = analysis_input.retrospect(release, event.now, event.since)
    except (*FAILED_CALL, Unreadable) as error:
        return _unread(event, release, undotted(error))
    worse = [each for each in found if each.alerts]
    summary = first_sentences([each.sentence for each in worse or found], NAMED, " ")
    details = {"summary": summary, "alerts": bool(worse), "targets": [each.document() for each in found]}
    tell_event(release.name, event.now, "looked-back", release.plan.expires, details)
    if not worse and visible_until(event.now) < event.since + release.plan.after_minutes * MINUTE:
        return _again(event, summary)
    if release.status == PROMOTED:
        return {"outcome": "released", "alert": bool(worse), "summary": f"{'WORSE. ' if worse else ''}{summary}"}
    if worse:
        return _undo(release, "WorseAfterPromotion", summary, [each.target.name for each in worse])
    return _promoted_unless_aborted(release, event.now, summary)


def _promoted_unless_aborted(release: Release, now: int, summary: str) -> dict[str, Any]:
    """Promote the release, after which nobody can abort it."""
    abort = decisions.close(release, now)
    if abort:
        return _undo(release, *aborted(abort), [])
    return {"outcome": "released", "alert": False, "summary": f"{promote(release, now)}. {summary}"}


def _whole(target: TargetPlan) -> AliasState:
    """Return an alias that this release still holds."""
    return AliasState(str(target.canary))


def _unread(event: LookBackEvent, release: Release, problem: str) -> dict[str, Any]:
    """Try again in a minute; after the time-out, unreadable evidence does not count as healthy."""
    said = f"The look back failed: CloudWatch could not be read ({problem})"
    if event.now < event.since + release.plan.after_minutes * MINUTE + PATIENCE:
        return _again(event, said)
    details = {"summary": said, "alerts": False, "targets": []}
    tell_event(release.name, event.now, "looked-back", release.plan.expires, details)
    if release.status == PROMOTED:
        return {"outcome": "released", "alert": False, "summary": f"{said}. The release is promoted."}
    return _undo(release, "EvidenceUnreadable", f"{said}.", [])


def _again(event: LookBackEvent, summary: str) -> dict[str, Any]:
    tick = format_time(next_look_back(event.now, event.since))
    return {"next": "look_back", "since": event.since, "tick": tick, "summary": summary}


def _undo(release: Release, error: str, cause: str, failed: list[str]) -> dict[str, Any]:
    reason = {"error": error, "cause": cause, "failed": failed}
    records.blame(release.name, reason)
    return {"next": "roll_back", "summary": cause, "reason": reason}
