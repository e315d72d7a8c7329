"""Items of a release: each preparation, change of weight, milestone and tick."""

from typing import Any

from tidegate.aws.ledger import optional, table
from tidegate.aws.ledger.table import Item
from tidegate.domain.analysis.readings import Shift
from tidegate.domain.schedule import format_time


def record_target(name: str, target: str, canary: str, now: int, *, expires: int, details: dict[str, Any]) -> Item:
    """Write the version for a target, before it receives any traffic."""
    return table.put(
        {
            "pk": table.of_release(name),
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
            "pk": table.of_release(name),
            "sk": f"shift#{step:03d}",
            "at": shift.at,
            "until": shift.until,
            "weight": shift.weight,
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
            "pk": table.of_release(name),
            "sk": f"event#{format_time(now)}#{kind}",
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
    return table.get(table.of_release(name), f"event#{format_time(now)}#{kind}") is not None


ERRORS = "version-errors"
"""The sort key comes after `record`: a reader that follows a release reads it."""


def record_errors(name: str, now: int, expires: int, errors: list[dict[str, Any]]) -> None:
    """Write the logged errors of failed versions: target, type, count, request id and link of each error."""
    optional.put({"pk": table.of_release(name), "sk": ERRORS, "at": now, "errors": errors, "ttl": expires})


def items(name: str, since: int = 0) -> list[dict[str, Any]]:
    """Return the items of a release: record, targets, shifts, and events from `since` on.

    Items of an earlier release with this name are omitted; without a record the result is empty.
    """
    return _own(name, table.query(table.of_release(name), start=f"event#{format_time(since)}"), since)


def everything(name: str) -> list[dict[str, Any]]:
    """Return all items of a release, including its evidence: see `items`."""
    return _own(name, table.query(table.of_release(name)))


def _own(name: str, found: list[dict[str, Any]], since: int = 0) -> list[dict[str, Any]]:
    """Omit items of an earlier release with the same name; add decisions."""
    started = next((item["started"] for item in found if item["sk"] == "record"), None)
    if started is None:
        return []
    found += decided(name, since)
    return [item for item in found if item.get("at", started) >= started]


def decided(name: str, since: int = 0) -> list[dict[str, Any]]:
    """Return the decisions: they have their own partition, the only one that Decide may write to."""
    found = table.query(table.of_decisions(name), start=f"event#{format_time(since)}")
    return [item for item in found if "kind" in item]
