"""The record of each release: plan, status, outcome, holds and pauses."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tidegate.aws.ledger import reading, table
from tidegate.aws.ledger.index import Heading
from tidegate.aws.ledger.optional import size
from tidegate.aws.ledger.reading import typed
from tidegate.aws.ledger.table import ConditionUnmet
from tidegate.domain.analysis.readings import Shift
from tidegate.domain.errors import InvalidRequest, LockLost, ReleaseUnknown
from tidegate.domain.foreign_text import shortened
from tidegate.domain.ledger_items import RECORD, SHIFT, TARGET, ReleaseItems, release_partition
from tidegate.domain.plan import ReleasePlan
from tidegate.domain.rollout.pauses import Pause, lengthened

RUNNING = "running"
PROMOTED = "promoted"
UNDOING = "undoing"
"""A release is `running` until one of the others is written; DynamoDB decides which one: this is the commit point."""

LARGEST = 256 * 1024
"""Most bytes of a record that Plan writes. The rest of DynamoDB's 400 KB is for later writes.

Later writes are limited below and in `holds`: a release must never fail for lack of space.
"""

LONGEST = 8000
"""Most characters of a text that is written later (32,000 bytes at most), such as a reason with AWS's message."""


WRITTEN_LATER = ("ended", "outcome", "held", "superseded_by", "proof")
"""Texts of a record that Plan does not write."""


@dataclass(frozen=True)
class Release:
    """A release in the ledger; `ended` is the outcome's word after its end, `outcome` its sentence.

    `held` is the reason for a hold, or ""; `blame` the reason for the failure. `pauses` are the times of its
    holds. `superseded_by` is the release that superseded it. `proof` is what its promotion lacks (rollout.proof), for
    the targets `unproven`, or for all if that is empty. `expiry_told` is the end of a hold that was announced last.
    `went_back`: a shift failed, and those aliases that it had moved were moved back.
    """

    name: str
    execution: str
    status: str
    started: int
    labels: dict[str, str]
    plan: ReleasePlan
    shifts: tuple[Shift, ...]
    ended: str | None = None
    outcome: str = ""
    held: str = ""
    blame: dict[str, Any] | None = None
    pauses: tuple[Pause, ...] = ()
    superseded_by: str | None = None
    proof: str = ""
    unproven: tuple[str, ...] = ()
    expiry_told: int = 0
    went_back: bool = False

    @property
    def touched(self) -> bool:
        """Return whether an alias was shifted, if only until a shift failed and went back."""
        return self.went_back or bool(self.shifts)

    @property
    def heading(self) -> Heading:
        return Heading(self.name, self.execution, self.labels, self.plan.functions, self.plan.event_bus)


def refuse_too_large(labels: dict[str, str], plan: ReleasePlan) -> None:
    """Check that the record of a release leaves space for later writes.

    Raises
    ------
    InvalidRequest
        When it does not.
    """
    bytes_ = size({"labels": labels, "plan": plan.document()})
    if bytes_ > LARGEST:
        problem = (
            f"targets: the plan of this release needs {bytes_} bytes in the ledger, more than the limit of {LARGEST}. "
            "Use fewer targets, metrics, dimensions or labels, or shorter names"
        )
        raise InvalidRequest([problem])


def opening(name: str, execution: str, now: int, labels: dict[str, str], plan: ReleasePlan, *, attempt: int = 0) -> Any:
    """Return the write of a new record; it is in one transaction with the locks, so that neither exists alone.

    A name may be reused when Step Functions no longer knows it (90 days), but not during an
    earlier attempt of Plan.
    """
    return table.put_request(
        {
            "pk": release_partition(name),
            "sk": RECORD,
            "execution": execution,
            "status": RUNNING,
            "started": now,
            "attempt": attempt,
            "labels": labels,
            "plan": plan.document(),
            "ttl": plan.expires,
        },
        condition="attribute_not_exists(#pk) OR (attribute_exists(#ended) AND #started < :started) OR "
        "(#execution = :execution AND #status = :running AND #attempt <= :attempt)",
        execution=execution,
        running=RUNNING,
        started=now,
        attempt=attempt,
    )


def record_of(name: str) -> dict[str, Any] | None:
    """Return only the record: plan, labels, status, and after the end `ended`, `outcome` and `ended_at`."""
    return table.get(release_partition(name), RECORD)


def _record(name: str) -> dict[str, Any]:
    record = record_of(name)
    if record is None:
        raise ReleaseUnknown(f"The ledger has no release {name}.")
    return record


def read(name: str) -> Release:
    """Read a release with everything that was prepared and shifted so far.

    Raises
    ------
    ReleaseUnknown
        When the ledger has no such release.
    ItemUnreadable
        When one of its items is malformed.
    """
    record = _record(name)
    with reading.of_record(name):
        return _read(name, record)


def _read(name: str, record: dict[str, Any]) -> Release:
    # Items of an earlier release of this name may still be there.
    started = reading.moment(record, "started")
    partition = release_partition(name)
    prepared, shifts = (table.query(partition, prefix) for prefix in (TARGET, SHIFT))
    _require(prepared, at=int, target=str, canary=str)
    _require(shifts, at=int, until=int)
    found = ReleaseItems([*prepared, *shifts]).since(started)
    return Release(
        name=name,
        execution=typed(record, "execution", str),
        status=typed(record, "status", str),
        started=started,
        labels=typed(record, "labels", dict),
        plan=ReleasePlan.of(record["plan"]).with_canaries(found.canaries),
        shifts=found.shifts,
        blame=_blame(record),
        pauses=_pauses(record),
        expiry_told=typed(record, "expiry_told", int) if "expiry_told" in record else 0,
        went_back=bool(record.get("went_back")),
        unproven=tuple(typed(record, "unproven", list)) if "unproven" in record else (),
        **{name: typed(record, name, str) for name in WRITTEN_LATER if name in record},
    )


def _require(items: Iterable[reading.Item], **attributes: type) -> None:
    """Check that items have these attributes with these types; raises like `typed`."""
    for item in items:
        for name, kind in attributes.items():
            typed(item, name, kind)


def _blame(record: dict[str, Any]) -> dict[str, Any] | None:
    blame: dict[str, Any] | None = record.get("blame")
    if blame is not None:
        for name, kind in (("error", str), ("cause", str), ("failed", list)):
            typed(blame, name, kind)
    return blame


def _pauses(record: dict[str, Any]) -> tuple[Pause, ...]:
    return tuple(Pause.of(pause) for pause in record.get("pauses", []))


def deadline(name: str) -> int:
    """Return the deadline of a release; cheaper than reading all of it. Raises like `read`."""
    record = _record(name)
    with reading.of_record(name):
        return lengthened(ReleasePlan.of(record["plan"]).deadline, _pauses(record))


def read_running(name: str) -> Release:
    """Read a release that may still shift and finish.

    Raises
    ------
    LockLost
        When it is being rolled back, for example by Recover before a redrive.
    """
    release = read(name)
    if release.status == UNDOING:
        raise _being_undone(name)
    return release


def _being_undone(name: str) -> LockLost:
    return LockLost(f"Release {name} is being rolled back; this late or repeated step changes nothing.")


def blame(name: str, reason: dict[str, Any] | None) -> None:
    """Record why a release will be rolled back (error, cause, failed targets), for the step that does it.

    None deletes the reason. A long text is cut.

    Raises
    ------
    LockLost
        When it is already being rolled back: that step may have read the record before.
    """
    if reason is not None:
        reason = {**reason, "error": shortened(reason["error"], LONGEST), "cause": shortened(reason["cause"], LONGEST)}
    if not _change(name, {"blame": reason}, condition="#status <> :undoing", undoing=UNDOING):
        raise _being_undone(name)


def commit_promotion(name: str, now: int) -> bool:
    """Write `promoted` unless the release is being rolled back; False if it is. After that nothing rolls it back."""
    return _turn(name, PROMOTED, now, unless=UNDOING)


def begin_undo(name: str, now: int, *, superseded_by: str | None = None) -> bool:
    """Write `undoing`, and the superseding release if there is one, unless the release is promoted; False if it is."""
    return _turn(name, UNDOING, now, unless=PROMOTED, **({"superseded_by": superseded_by} if superseded_by else {}))


def _turn(name: str, status: str, now: int, *, unless: str, **more: str) -> bool:
    return _change(name, {"status": status, "turned": now, **more}, condition="#status <> :other", other=unless)


def close(name: str, outcome: str, sentence: str, now: int) -> None:
    """Write the outcome of the release; the first write stays: a late step or a redrive changes no outcome."""
    _close(name, outcome, sentence, now, condition="attribute_not_exists(#ended)")


def close_refused(name: str, sentence: str, now: int, *, attempt: int) -> None:
    """Write that Plan refused the release, unless a later attempt of Plan has accepted it."""
    unended = "attribute_not_exists(#ended) AND #attempt = :attempt"
    _close(name, "refused", sentence, now, condition=unended, attempt=attempt)


def _close(name: str, outcome: str, sentence: str, now: int, *, condition: str, **bound: Any) -> None:
    changes = {"ended": outcome, "outcome": shortened(sentence, LONGEST), "ended_at": now}
    _change(name, changes, condition=condition, **bound)


def _change(name: str, changes: dict[str, Any], *, condition: str, **bound: Any) -> bool:
    """Change the record if the condition holds; False if it does not, or there is no record."""
    condition = f"attribute_exists(#pk) AND {condition}"
    try:
        table.update(release_partition(name), RECORD, changes, condition=condition, **bound)
    except ConditionUnmet:
        return False
    return True
