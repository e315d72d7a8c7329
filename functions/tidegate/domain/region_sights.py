"""What is seen of the release in a Region, and what the Region is then doing; also when nothing can be seen."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from tidegate.domain.region_releases import ROLLED_BACK, STOPPED, UNDER_WAY, RegionRelease, Stage
from tidegate.domain.request.regions import PARENT
from tidegate.domain.schedule import HOUR, MINUTE

APPEARS_WITHIN = MINUTE
"""Seconds after which an execution that Step Functions does not know is started again; the name makes that safe."""

RECOVERS_WITHIN = 15 * MINUTE
"""Seconds after the end of an execution in which Recover, which runs every minute, should have closed its release."""

LOST_AFTER = 5 * MINUTE
"""Seconds without an answer after which the other Regions do not wait for a Region before they go back."""

OUTAGE, REFUSAL, OUTAGE_BEFORE = 6 * HOUR, 30 * MINUTE, 15 * MINUTE
"""Seconds for which a Region is asked again: in an outage, after a refused call, and in an outage at its dry run."""

MOST_TRIES = 20
"""Executions that should roll a Region back, one at each poll; the locks that they wait for are released in minutes."""

UNMOVED = {"FAILED", "ABORTED"}
"""Ends of an execution that changed nothing if it has no record: Plan refused it, or it was stopped before its record.

A record is written before anything else. With any other end it is gone, and the versions before are unknown.
"""


@dataclass(frozen=True)
class RegionSight:
    """A release in another Region: of its execution `status` (None: unknown), `error`, `cause` and end.

    Of its record, if there is one: the word and the sentence of its outcome, whether it is promoted, and what the
    evidence lacks (`proof`). `locked`: it was refused for a lock of the release that it should roll back.
    """

    status: str | None
    error: str = ""
    cause: str = ""
    stopped: int = 0
    recorded: bool = False
    promoted: bool = False
    ended: str = ""
    outcome: str = ""
    proof: str = ""
    locked: bool = False

    @property
    def running(self) -> bool:
        return self.status in {"RUNNING", "PENDING_REDRIVE"}


def seen(one: RegionRelease, sight: RegionSight, now: int, *, stops: bool) -> RegionRelease:
    """Return a Region as it is now; `stops`: nothing is started again."""
    if sight.status is None and not sight.recorded:
        return _missing(one, now, stops=stops)
    if sight.status is None and not sight.ended:
        return missed(one, now, "ReleaseUnknown", "Step Functions there does not know the release of its record")
    one = reached(one)
    if one.stage is Stage.CHECKING:
        return _checked(one, sight, now)
    ended = "" if sight.ended == "refused" and sight.running else sight.ended
    if not ended and (sight.running or (sight.recorded and not sight.promoted)):
        return one if sight.running else _unrestored(one, sight, now)
    if ended == "released" or (sight.promoted and not ended):
        stage = Stage.BACK if one.stage is Stage.GOING_BACK else Stage.RELEASED
        proof = sight.proof if stage is Stage.RELEASED else ""
        return one.at(stage, now, error="", summary=sight.outcome, moved=True, proof=proof)
    return _failed(one, sight, ended, now)


def _unrestored(one: RegionRelease, sight: RegionSight, now: int) -> RegionRelease:
    if now - sight.stopped <= RECOVERS_WITHIN:
        return one
    why = f"its execution is {sight.status}, and Recover has not restored it"
    return one.at(Stage.UNCERTAIN, now, error="RollBackIncomplete", summary=why)


def _failed(one: RegionRelease, sight: RegionSight, ended: str, now: int) -> RegionRelease:
    if one.stage is Stage.GOING_BACK and sight.locked and one.tries < MOST_TRIES:
        # The release that it rolls back has ended, and releases its locks: soon another execution can have them.
        return replace(one, stage=Stage.RELEASED, tries=one.tries + 1, trouble=sight.cause)
    if not sight.recorded and sight.status not in UNMOVED:
        why = f"its execution is {sight.status}, and its record is not in the ledger there"
        return one.at(Stage.UNCERTAIN, now, error="ReleaseUnknown", summary=why)
    error = sight.error or ended or str(sight.status)
    summary = sight.outcome or sight.cause or f"its execution is {sight.status}"
    stage = Stage.UNCERTAIN if one.stage is Stage.GOING_BACK else Stage.UNCHANGED
    moved = one.moved or ended in {ROLLED_BACK, "recovered", "superseded"}
    return one.at(stage, now, error=error, summary=summary, moved=moved)


def _missing(one: RegionRelease, now: int, *, stops: bool) -> RegionRelease:
    if one.appeared and one.stage is not Stage.CHECKING:
        return missed(one, now, "ReleaseUnknown", "its release is not known there any more")
    if now - one.since < APPEARS_WITHIN:
        return one
    before = {Stage.CHECKING: Stage.WAITING, Stage.RELEASING: Stage.CHECKED, Stage.GOING_BACK: Stage.RELEASED}
    if stops and one.stage is Stage.RELEASING:
        return one.at(Stage.UNCHANGED, now, error=STOPPED, summary="its release did not start", execution="")
    return replace(one, stage=before[one.stage])


def _checked(one: RegionRelease, sight: RegionSight, now: int) -> RegionRelease:
    if sight.running:
        return one
    if sight.status == "SUCCEEDED":
        return one.at(Stage.CHECKED, now)
    return one.at(Stage.UNCHANGED, now, error=sight.error or str(sight.status), summary=sight.cause)


def reached(one: RegionRelease) -> RegionRelease:
    """Return a Region whose release was seen."""
    return replace(one, appeared=True, unreached=0, trouble="", lost=False)


def missed(one: RegionRelease, now: int, error: str, why: str, *, outage: bool = False) -> RegionRelease:
    """Return a Region whose release cannot be followed now, in an `outage` of AWS or for another reason.

    It stays at its stage, and is asked again; given up only after a long time. A dry run changes nothing: it is not
    asked again for long, and not at all if AWS refuses that.
    """
    before = one.stage in {Stage.WAITING, Stage.CHECKING}
    since = one.unreached or now
    patience = (OUTAGE_BEFORE if before else OUTAGE) if outage else 0 if before else REFUSAL
    if now - since < patience:
        return replace(one, unreached=since, trouble=why, lost=now - since >= LOST_AFTER)
    left = "its release may still be running: " if one.stage in UNDER_WAY else "" if before else "it did not go back: "
    return one.at(Stage.UNCHANGED if before else Stage.UNCERTAIN, now, error=error, summary=f"{left}{why}")


@dataclass(frozen=True)
class RegionEnded:
    """An event that says that the release of a Region has ended: the name of its `parent`, and its own `execution`.

    `event` is the same for another copy of it.
    """

    parent: str
    execution: str
    event: str


def region_ended(event: Mapping[str, Any]) -> RegionEnded | None:
    """Read an event; None unless it comes from the account and the Region of the execution that it names.

    EventBridge sets both, also for what another bus has sent on: who may send events from one account cannot name
    executions in another one.
    """
    detail = event.get("detail")
    labels = detail.get("labels") if isinstance(detail, Mapping) else None
    if not isinstance(detail, Mapping) or not isinstance(labels, Mapping):
        return None
    execution, parent = str(detail.get("execution", "")), str(labels.get(PARENT, ""))
    if execution.split(":")[3:5] != [event.get("region"), event.get("account")]:
        return None
    return RegionEnded(parent.rpartition(":")[2], execution, f"{execution} {event.get('detail-type')}")
