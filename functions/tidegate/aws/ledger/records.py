"""The record of a release: its plan, what was prepared, how it moved, and how it ended."""

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from tidegate.aws.failures import code_of
from tidegate.aws.ledger import table
from tidegate.aws.settings import settings
from tidegate.domain.errors import ReleaseExists, ReleaseUnknown
from tidegate.domain.evidence import Shift
from tidegate.domain.plan import ReleasePlan
from tidegate.domain.schedule import DAY, format_time

RUNNING = "running"
PROMOTED = "promoted"
UNDOING = "undoing"
"""A release is `running` until one of the others is written; which one, DynamoDB decides: that is the commit point."""


@dataclass(frozen=True)
class Release:
    """A release as the ledger has it; `ended` is the outcome's word once it is over."""

    name: str
    execution: str
    status: str
    started: int
    labels: dict[str, str]
    plan: ReleasePlan
    shifts: tuple[Shift, ...]
    ended: str | None = None


def open_record(name: str, execution: str, now: int, labels: dict[str, str], plan: ReleasePlan) -> None:
    """Write the record before any lock is taken, so that whoever finds a lock also finds its release.

    Raises
    ------
    ReleaseExists
        When another execution of this name is on record and not over.
    """
    try:
        table.put(
            {
                "pk": _partition(name),
                "sk": "record",
                "execution": execution,
                "status": RUNNING,
                "started": now,
                "labels": labels,
                "plan": plan.document(),
                "ttl": _expiry(now),
            },
            condition="attribute_not_exists(#pk) OR attribute_exists(#ended) OR "
            "(#execution = :execution AND #status = :running)",
            execution=execution,
            running=RUNNING,
        )
    except ClientError as error:
        if code_of(error) != "ConditionalCheckFailedException":
            raise
        raise ReleaseExists(f"Release {name} is on record already and not over; choose another name.") from None


def read(name: str) -> Release:
    """Read a release with everything that was prepared and shifted so far.

    Raises
    ------
    ReleaseUnknown
        When the ledger has no such release.
    """
    record = table.get(_partition(name), "record")
    if record is None:
        raise ReleaseUnknown(f"The ledger has no release {name}.")
    prepared = table.query(_partition(name), "target#")
    shifts = table.query(_partition(name), "shift#")
    canaries = {item["target"]: item["canary"] for item in prepared}
    return Release(
        name=name,
        execution=record["execution"],
        status=record["status"],
        started=record["started"],
        labels=record["labels"],
        plan=ReleasePlan.of(record["plan"]).with_canaries(canaries),
        shifts=tuple(Shift(item["at"], item["weight"]) for item in shifts),
        ended=record.get("ended"),
    )


def commit_promotion(name: str, now: int) -> bool:
    """Write `promoted` unless the release is being undone; False when it is. From then on nothing undoes it."""
    return _turn(name, PROMOTED, now, unless=UNDOING)


def begin_undo(name: str, now: int) -> bool:
    """Write `undoing` unless the release is promoted; False when it is."""
    return _turn(name, UNDOING, now, unless=PROMOTED)


def _turn(name: str, status: str, now: int, *, unless: str) -> bool:
    try:
        table.update(
            _partition(name),
            "record",
            {"status": status, "turned": now},
            condition="attribute_exists(#pk) AND #status <> :other",
            other=unless,
        )
    except ClientError as error:
        if code_of(error) != "ConditionalCheckFailedException":
            raise
        return False
    return True


def close(name: str, outcome: str, sentence: str, now: int) -> None:
    """Write how the release ended; closing twice keeps the last word."""
    table.update(
        _partition(name),
        "record",
        {"ended": outcome, "outcome": sentence, "ended_at": now},
        condition="attribute_exists(#pk)",
    )


def record_target(name: str, target: str, canary: str, now: int, details: dict[str, Any]) -> None:
    """Write which version a target is to get, before it gets any traffic."""
    table.put(
        {
            "pk": _partition(name),
            "sk": f"target#{target}",
            "target": target,
            "canary": canary,
            "at": now,
            "ttl": _expiry(now),
            **details,
        }
    )


def record_shift(name: str, step: int, shift: Shift, details: dict[str, Any]) -> None:
    table.put(
        {
            "pk": _partition(name),
            "sk": f"shift#{step:03d}",
            "at": shift.at,
            "weight": shift.weight,
            "ttl": _expiry(shift.at),
            **details,
        }
    )


def record_event(name: str, now: int, kind: str, details: dict[str, Any]) -> None:
    """Write a milestone or a tick; the same one written twice (a retried step) is one item."""
    table.put(
        {
            "pk": _partition(name),
            "sk": f"event#{format_time(now)}#{kind}",
            "kind": kind,
            "at": now,
            "ttl": _expiry(now),
            **details,
        }
    )


def _partition(name: str) -> str:
    return f"release#{name}"


def _expiry(now: int) -> int:
    return now + settings().retention_days * DAY
