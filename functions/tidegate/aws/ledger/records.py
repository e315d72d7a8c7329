"""The record of a release: its plan, what was prepared, how it moved, and how it ended."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from tidegate.aws.failures import code_of
from tidegate.aws.ledger import table
from tidegate.aws.ledger.headings import Heading
from tidegate.aws.ledger.table import Item
from tidegate.domain.comparing.evidence import Shift
from tidegate.domain.errors import LockLost, ReleaseUnknown
from tidegate.domain.moves.pause import Pause, lengthened
from tidegate.domain.plan import ReleasePlan
from tidegate.domain.schedule import format_time

RELEASES = "releases"

RUNNING = "running"
PROMOTED = "promoted"
UNDOING = "undoing"
"""A release is `running` until one of the others is written; which one, DynamoDB decides: that is the commit point."""


@dataclass(frozen=True)
class Release:
    """A release as the ledger has it; `ended` is the outcome's word once it is over, `outcome` its sentence.

    `held` is why it stays where it is, "" while it does not; `blame` why it failed. `pauses` are the times in which it
    was held. `superseded_by` is the release that took its aliases over.
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

    @property
    def heading(self) -> Heading:
        return Heading(self.name, self.execution, self.labels, self.plan.functions, self.plan.event_bus)


def opening(name: str, execution: str, now: int, labels: dict[str, str], plan: ReleasePlan, *, attempt: int = 0) -> Any:
    """Give the write of a new record; the locks are taken with it, so that neither is ever there alone.

    A name may come again once Step Functions has forgotten it (90 days); an earlier attempt of Plan that is
    still under way may not.
    """
    return table.put_request(
        {
            "pk": _partition(name),
            "sk": "record",
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
    """
    record = _record(name)
    # Items of an earlier release of this name may still be there.
    started = record["started"]
    prepared = [item for item in table.query(_partition(name), "target#") if item["at"] >= started]
    shifts = [item for item in table.query(_partition(name), "shift#") if item["at"] >= started]
    canaries = {item["target"]: item["canary"] for item in prepared}
    return Release(
        name=name,
        execution=record["execution"],
        status=record["status"],
        started=started,
        labels=record["labels"],
        plan=ReleasePlan.of(record["plan"]).with_canaries(canaries),
        shifts=tuple(Shift(item["at"], item["weight"], item["until"]) for item in shifts),
        ended=record.get("ended"),
        outcome=record.get("outcome", ""),
        held=record.get("held", ""),
        blame=record.get("blame"),
        pauses=_pauses(record),
        superseded_by=record.get("superseded_by"),
    )


def _pauses(record: dict[str, Any]) -> tuple[Pause, ...]:
    return tuple(Pause.of(pause) for pause in record.get("pauses", []))


def deadline(name: str) -> int:
    """Give the moment by which a release must be over; cheaper than reading all of it.

    Raises
    ------
    ReleaseUnknown
        When the ledger has no such release.
    """
    record = _record(name)
    return lengthened(ReleasePlan.of(record["plan"]).deadline, _pauses(record))


def read_running(name: str) -> Release:
    """Read a release that may still shift and finish.

    Raises
    ------
    LockLost
        When it is being undone: by recover, before a redrive, say.
    """
    release = read(name)
    if release.status == UNDOING:
        raise _being_undone(name)
    return release


def _being_undone(name: str) -> LockLost:
    return LockLost(f"Release {name} is being undone; this late or repeated step changes nothing.")


def blame(name: str, reason: dict[str, Any]) -> None:
    """Note why a release is about to be rolled back (error, cause, failed targets), for whoever carries it out.

    Raises
    ------
    LockLost
        When it is being undone already: whoever does that may have looked for this note before.
    """
    if not _change(name, {"blame": reason}, condition="#status <> :undoing", undoing=UNDOING):
        raise _being_undone(name)


def commit_promotion(name: str, now: int) -> bool:
    """Write `promoted` unless the release is being undone; False when it is. From then on nothing undoes it."""
    return _turn(name, PROMOTED, now, unless=UNDOING)


def begin_undo(name: str, now: int, *, superseded_by: str | None = None) -> bool:
    """Write `undoing`, and for which release if for one, unless the release is promoted; False when it is."""
    return _turn(name, UNDOING, now, unless=PROMOTED, **({"superseded_by": superseded_by} if superseded_by else {}))


def _turn(name: str, status: str, now: int, *, unless: str, **more: str) -> bool:
    return _change(name, {"status": status, "turned": now, **more}, condition="#status <> :other", other=unless)


def close(name: str, outcome: str, sentence: str, now: int) -> None:
    """Write how the release ended; what was written first stays: a late step or a redrive changes no outcome."""
    _close(name, outcome, sentence, now, condition="attribute_not_exists(#ended)")


def close_refused(name: str, sentence: str, now: int, *, attempt: int) -> None:
    """Write that Plan refused the release, unless a later attempt of Plan has taken it on."""
    unended = "attribute_not_exists(#ended) AND #attempt = :attempt"
    _close(name, "refused", sentence, now, condition=unended, attempt=attempt)


def _close(name: str, outcome: str, sentence: str, now: int, *, condition: str, **bound: Any) -> None:
    changes = {"ended": outcome, "outcome": sentence, "ended_at": now}
    _change(name, changes, condition=condition, **bound)


def _change(name: str, changes: dict[str, Any], *, condition: str, **bound: Any) -> bool:
    """Change the record where the condition holds; False where it does not, or there is none."""
    try:
        table.update(_partition(name), "record", changes, condition=f"attribute_exists(#pk) AND {condition}", **bound)
    except ClientError as error:
        if code_of(error) != "ConditionalCheckFailedException":
            raise
        return False
    return True


def record_target(name: str, target: str, canary: str, now: int, *, expires: int, details: dict[str, Any]) -> Item:
    """Write which version a target is to get, before it gets any traffic."""
    return table.put(
        {
            "pk": _partition(name),
            "sk": f"target#{target}",
            "target": target,
            "canary": canary,
            "at": now,
            "ttl": expires,
            **details,
        }
    )


def record_shift(name: str, step: int, shift: Shift, expires: int, details: dict[str, Any]) -> Item:
    return table.put(
        {
            "pk": _partition(name),
            "sk": f"shift#{step:03d}",
            "at": shift.at,
            "until": shift.until,
            "weight": shift.weight,
            "ttl": expires,
            **details,
        }
    )


def record_event(name: str, now: int, kind: str, expires: int, details: dict[str, Any]) -> Item:
    """Write a milestone or a tick; the same one written twice (a retried step) is one item."""
    return table.put(
        {
            "pk": _partition(name),
            "sk": f"event#{format_time(now)}#{kind}",
            "kind": kind,
            "at": now,
            "ttl": expires,
            **details,
        }
    )


def enlist(name: str, now: int, targets: list[str], expires: int) -> None:
    """Write a release down where it is found by its targets, and by when it began."""
    item = {"pk": RELEASES, "sk": f"{format_time(now)}#{name}", "release": name, "targets": targets, "ttl": expires}
    table.put(item)


def listed() -> Iterator[dict[str, Any]]:
    """Give `release` and `targets` of every release that there was, the newest first, as far as one reads on."""
    return table.query_backwards(RELEASES)


def record_of(name: str) -> dict[str, Any] | None:
    """Give the record alone: plan, labels, status, and once it is over `ended`, `outcome` and `ended_at`."""
    return table.get(_partition(name), "record")


def items(name: str, since: int = 0) -> list[dict[str, Any]]:
    """Give what the ledger has of a release: record, targets, shifts, and what happened from `since` on.

    Items of an earlier release of this name are left out; without a record there is nothing.
    """
    return _own(name, table.query(_partition(name), start=f"event#{format_time(since)}"), since)


def everything(name: str) -> list[dict[str, Any]]:
    """Give all that the ledger has of a release, also what it was judged by: see `items`."""
    return _own(name, table.query(_partition(name)))


def _own(name: str, found: list[dict[str, Any]], since: int = 0) -> list[dict[str, Any]]:
    """Leave out what is of an earlier release of the name; add what people decided.

    Decisions are in a partition of their own, the only one that Decide may write to.
    """
    started = next((item["started"] for item in found if item["sk"] == "record"), None)
    if started is None:
        return []
    decided = table.query(f"decisions#{name}", start=f"event#{format_time(since)}")
    found += [item for item in decided if "kind" in item]
    return [item for item in found if item.get("at", started) >= started]


def _partition(name: str) -> str:
    return f"release#{name}"
