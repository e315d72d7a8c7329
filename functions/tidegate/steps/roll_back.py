"""Roll back: restore every alias of the release to its snapshot, in reverse order of the shifts. Safe to repeat."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from tidegate.aws.announcements import tell_event
from tidegate.aws.ending import restoration
from tidegate.aws.ending.conclusion import conclude_or_leave
from tidegate.aws.ending.recovery import SUPERSEDED, how_it_ended
from tidegate.aws.ending.restoration import Restoration, look_after, restore
from tidegate.aws.failures import FAILED_CALL, is_busy
from tidegate.aws.lambda_.aliases import at_once
from tidegate.aws.ledger import history, items, locks, records
from tidegate.aws.ledger.lock import UNDOING, Lock
from tidegate.aws.ledger.records import Release
from tidegate.aws.logger import logger
from tidegate.domain.due_hooks import with_hooks
from tidegate.domain.errors import REFUSED, ItemUnreadable, ReleaseUnknown, outcome_of, sentence_of
from tidegate.domain.execution import BEFORE_FINISH, CarriedTarget
from tidegate.domain.foreign_text import shortened
from tidegate.domain.hooks import ON_ROLLBACK
from tidegate.domain.plan import TargetPlan
from tidegate.domain.truncation import first_sentences
from tidegate.domain.waves import in_order
from tidegate.steps.handling import StepEvent, step

BEFORE_TRAFFIC = ("Prepare versions", "Before traffic", "Run hooks")
"""States of the state machine in which no alias was moved yet, unless a shift is recorded."""

NAMED = 10
"""Most aliases in a cause; the summary lists all."""

STAYS = "The release is promoted and stays promoted."

INSISTS = 3
"""Retries in which a failed write of an event makes the step fail and retry; later the event is omitted."""


class Reason(BaseModel):
    """Why: an error's name and cause, the state it came from, and the targets whose canary failed."""

    error: str = "Unknown"
    cause: str = ""
    state: str = ""
    failed: tuple[str, ...] = ()

    def sentence(self) -> str:
        """Return the reason.

        Errors of Step Functions and Lambda have a dot in their names and do not mention the release.
        """
        why = sentence_of(self.cause)
        return f"{self.state} ended in {self.error}: {why}" if "." in self.error and self.state else why


class RollBackEvent(StepEvent):
    """`targets` are the targets from the execution, if the ledger is missing."""

    reason: Reason
    targets: tuple[CarriedTarget, ...] = ()
    retries: int = 0


@step(RollBackEvent)
def handler(event: RollBackEvent) -> dict[str, Any]:
    try:
        promoted = not records.begin_undo(event.release, event.now)
        release = records.read(event.release)  # now that no other step can note anything any more
    except ItemUnreadable as error:
        return _released(f"{STAYS} {error}") if promoted else _without_ledger(event, str(error))
    except ReleaseUnknown as error:
        return _without_ledger(event, str(error))
    except FAILED_CALL as error:
        if is_busy(error):
            raise
        return _without_ledger(event, str(error))
    return _by_the_ledger(event, release, promoted=promoted)


def _released(summary: str) -> dict[str, Any]:
    return {"outcome": "released", "error": "", "cause": "", "summary": summary}


def _without_ledger(event: RollBackEvent, problem: str) -> dict[str, Any]:
    """Restore the aliases with the versions from the execution."""
    logger.error("the ledger cannot be used: %s", problem)
    why, gone = event.reason.sentence(), shortened(problem, 500).rstrip(".")
    restorations = restoration.restore_without_ledger(
        event.targets,
        lambda target: _has_another(target.name, event.release),
        before_finish=event.reason.state in BEFORE_FINISH,
    )
    return {
        "outcome": "rolled-back",
        "error": event.reason.error,
        "cause": f"{why} The ledger could not be used, so this roll back is not recorded ({gone}). "
        f"Now: {_few(restorations)}.",
        "summary": "; ".join(each.sentence for each in restorations),
    }


def _has_another(target: str, release: str) -> bool:
    """Return whether another release has locked an alias; False without a ledger."""
    try:
        return any(lock.release != release for lock in locks.read([target]))
    except FAILED_CALL as error:
        if is_busy(error):
            raise
        return False


def _by_the_ledger(event: RollBackEvent, release: Release, *, promoted: bool) -> dict[str, Any]:
    if promoted:
        return _released(_stays(event, release))
    reason = _reason(event, release)
    why = reason.sentence()
    held = [lock for lock in locks.read([t.name for t in release.plan.aliases]) if lock.release == release.name]
    restorations = _restore(release, {lock.target for lock in held})
    insist = event.retries < INSISTS
    history.record_failed(release, reason.failed, event.now, why, insist=insist)
    summary = "; ".join(r.sentence for r in restorations)
    told = items.is_told(release.name, event.now, REFUSED)
    outcome = outcome_of(reason.error, moved=not told and _moved(release, reason, held, restorations))
    details = {"summary": summary, "why": why}
    if outcome == REFUSED:
        why = f"{why.rstrip('.')}. No request has reached the new version."
        details = {"summary": f"{why} Now: {_few(restorations)}", "error": reason.error}
    tell_event(release.name, event.now, outcome, release.plan.expires, details, insist=insist)
    records.close(release.name, SUPERSEDED if release.superseded_by else outcome, why, event.now)
    for alias in release.plan.aliases:
        locks.free(alias.name, release.name)
    answer = {
        "outcome": "rolled-back",
        "error": reason.error,
        "cause": f"{why} Now: {_few(restorations)}.",
        "summary": summary,
    }
    return with_hooks(answer, release.plan, [(ON_ROLLBACK, None)], then="rolled_back")


def _moved(release: Release, reason: Reason, held: Sequence[Lock], restorations: Sequence[Restoration]) -> bool:
    """Return whether an alias was moved, or may have been; a retry that finds all aliases restored cannot know."""
    if release.touched or reason.state in BEFORE_TRAFFIC:
        return release.touched
    return any(each.moved for each in restorations) or any(lock.phase == UNDOING for lock in held)


def _few(restorations: Sequence[Restoration]) -> str:
    """Describe the results for a few aliases, first those that are not restored."""
    return first_sentences([each.sentence for each in sorted(restorations, key=lambda each: each.as_before)], NAMED)


def _stays(event: RollBackEvent, release: Release) -> str:
    """Conclude a promoted release, unless that is done: its aliases may belong to another release now."""
    held = [lock for lock in locks.read([t.name for t in release.plan.aliases]) if lock.release == release.name]
    if release.ended and not held:
        return f"{STAYS} {event.reason.sentence()}"
    return conclude_or_leave(release, event.now)


def _reason(event: RollBackEvent, release: Release) -> Reason:
    """Return the reason: Compare's finding has priority, even if Compare failed to return it."""
    if release.blame:
        return Reason.model_validate(release.blame)
    if release.superseded_by:
        return Reason(error="Superseded", cause=how_it_ended(release)[1])
    return event.reason


def _restore(release: Release, held: set[str]) -> list[Restoration]:
    """Restore the aliases that this release still has locked.

    On the others (for example recovered ones), only remove our weight. The last wave goes back first; the wave before
    it waits until all of it is restored.
    """

    def one(target: TargetPlan) -> Restoration:
        return restore(target.name, release.name, target.canary) if target.name in held else look_after(target)

    return [each for wave in in_order(release.plan.aliases, back=True) for each in at_once(one, wave, calls=2)]
