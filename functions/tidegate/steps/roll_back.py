"""Roll back: restore every alias of the release to its snapshot, last shifted first. Safe to repeat."""

from typing import Any

from pydantic import BaseModel

from tidegate.aws.aliases import at_once
from tidegate.aws.ledger import history, locks, records
from tidegate.aws.ledger.records import Release
from tidegate.aws.restoration import Restoration, restore
from tidegate.domain.cause import sentence_of
from tidegate.domain.plan import TargetPlan
from tidegate.steps.handling import StepEvent, step


class Reason(BaseModel):
    """Why: an error's name and cause, and the targets whose canary failed."""

    error: str = "Unknown"
    cause: str = ""
    failed: tuple[str, ...] = ()


class RollBackEvent(StepEvent):
    reason: Reason


@step(RollBackEvent)
def handler(event: RollBackEvent) -> dict[str, Any]:
    release = records.read(event.release)
    if not records.begin_undo(release.name, event.now):
        for target in release.plan.targets:
            locks.free(target.name, release.name)
        return {
            "outcome": "released",
            "error": "",
            "cause": "",
            "summary": "The release was promoted already.",
        }
    why = sentence_of(event.reason.cause)
    held = {lock.target for lock in locks.read([t.name for t in release.plan.targets]) if lock.release == release.name}
    restorations = _restore(release, held)
    _remember(release, event, why)
    summary = "; ".join(r.sentence for r in restorations) or "recover had restored every alias already"
    records.record_event(release.name, event.now, "rolled-back", {"summary": summary, "why": why})
    records.close(release.name, "rolled-back", why, event.now)
    for target in release.plan.targets:
        locks.free(target.name, release.name)
    return {
        "outcome": "rolled-back",
        "error": event.reason.error,
        "cause": f"{why}\n{summary}.",
        "summary": summary,
    }


def _restore(release: Release, held: set[str]) -> list[Restoration]:
    """Restore what this release still holds; what recover gave back already is no longer ours to touch."""

    def one(target: TargetPlan) -> Restoration:
        return restore(target.name, release.name, target.canary)

    ours = [target for target in reversed(release.plan.targets) if target.name in held]
    return at_once(one, ours, calls=2)


def _remember(release: Release, event: RollBackEvent, why: str) -> None:
    """Remember the versions that failed, so that they are not released again by mistake."""
    for target in release.plan.targets:
        if target.name in event.reason.failed and target.canary:
            history.record_rolled_back(target.name, target.canary, release.name, event.now, why)
