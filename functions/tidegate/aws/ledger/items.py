"""Items of a release: each preparation, change of weight, milestone and tick."""

from collections.abc import Mapping, Sequence
from typing import Any

from tidegate.aws.ledger import optional, table
from tidegate.aws.ledger.table import Item
from tidegate.domain.analysis.readings import Shift
from tidegate.domain.ledger_items import (
    RECORD,
    VERSION_ERRORS,
    ReleaseItems,
    decisions_partition,
    event_key,
    release_partition,
    shift_key,
    target_key,
)
from tidegate.domain.waves import in_wave


def record_target(name: str, target: str, canary: str, now: int, *, expires: int, details: dict[str, Any]) -> Item:
    """Write the version for a target, before it receives any traffic."""
    return table.put(
        {
            "pk": release_partition(name),
            "sk": target_key(target),
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
            "pk": release_partition(name),
            "sk": shift_key(step),
            "at": shift.at,
            "until": shift.until,
            "weight": shift.weight,
            **in_wave(shift.wave),
            "ttl": expires,
            **details,
        }
    )


def record_event(
    name: str,
    now: int,
    kind: str,
    expires: int,
    details: dict[str, Any],
    *,
    once: bool = False,
    insist: bool = True,
) -> Item:
    """Write a milestone or a tick; the same one written twice (a retried step) is one item. See `optional.put`.

    Raises
    ------
    ConditionUnmet
        When it must be written `once`, and already exists.
    """
    return optional.put(
        {
            "pk": release_partition(name),
            "sk": event_key(now, kind),
            "kind": kind,
            "at": now,
            "ttl": expires,
            **details,
        },
        condition="attribute_not_exists(#pk)" if once else None,
        insist=insist,
    )


def is_told(name: str, now: int, kind: str) -> bool:
    """Return whether an earlier try of the step that was entered at `now` has written this milestone."""
    return table.get(release_partition(name), event_key(now, kind)) is not None


def record_errors(name: str, now: int, expires: int, errors: list[dict[str, Any]]) -> None:
    """Write the logged errors of failed versions: target, type, count, request id and link of each error."""
    optional.put({"pk": release_partition(name), "sk": VERSION_ERRORS, "at": now, "errors": errors, "ttl": expires})


def items(name: str, since: int = 0) -> ReleaseItems:
    """Return the items of a release: record, targets, shifts, and events from `since` on.

    Items of an earlier release with this name are omitted; without a record the result is empty.
    """
    return _own(name, table.query(release_partition(name), start=event_key(since)), since)


def exist(name: str) -> bool:
    """Tell whether there is a release of that name. By Query: the roles of CI systems may do no GetItem."""
    return bool(table.query(release_partition(name), RECORD))


def everything(name: str) -> ReleaseItems:
    """Return all items of a release, including its evidence: see `items`."""
    return _own(name, table.query(release_partition(name)))


def _own(name: str, found: list[Item], since: int = 0) -> ReleaseItems:
    """Omit items of an earlier release with the same name; add decisions."""
    if ReleaseItems(found).record is None:
        return ReleaseItems()
    return ReleaseItems([*found, *decided(name, since)]).own()


def decided(name: str, since: int = 0) -> Sequence[Mapping[str, Any]]:
    """Return the decisions: they have their own partition, the only one that Decide may write to."""
    return ReleaseItems(table.query(decisions_partition(name), start=event_key(since))).events()
