"""The Regions of a release of several, one item each; and what ends its wait for them.

That is the token of the wait, in one item with the events that have come so far. The state machine writes the token, if
no event has come since Follow regions read their number: so none is missed.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from tidegate.aws.ledger import reading, table
from tidegate.aws.ledger.table import ConditionUnmet
from tidegate.domain.errors import LockLost
from tidegate.domain.ledger_items import CURRENT, REGION, alias_partition, release_partition, wake_partition
from tidegate.domain.region_releases import RegionRelease


def lock_of(release: str) -> str:
    """Return the name of the lock by which Recover finds such a release: no alias can have it."""
    return f"*regions:{release}"


def is_lock_of_regions(target: str) -> bool:
    """Return whether a lock is that of such a release, not of an alias."""
    return target.startswith("*regions:")


def write(release: str, place: int, one: RegionRelease, *, started: int, expires: int) -> None:
    """Write the Region at a place of the request of a release that `started` then (seconds since 1970)."""
    table.put(_item(release, place, one, started, expires))


def replace(release: str, place: int, before: RegionRelease, one: RegionRelease, *, started: int, expires: int) -> None:
    """Write a Region that was like `before`.

    Raises
    ------
    LockLost
        When another process has changed it since.
    """
    condition = "#at = :at AND #stage = :stage AND #since = :since"
    bound = {"at": started, "stage": before.stage.value, "since": before.since}
    try:
        table.put(_item(release, place, one, started, expires), condition=condition, **bound)
    except ConditionUnmet:
        raise LockLost(
            f"Another process follows {one.name} of release {release}; this late step changes nothing."
        ) from None


def _item(release: str, place: int, one: RegionRelease, started: int, expires: int) -> dict[str, Any]:
    keys = {"pk": release_partition(release), "sk": f"{REGION}{place:03d}"}
    return {**keys, "at": started, "ttl": expires, **one.document()}


def read(release: str, started: int) -> list[RegionRelease]:
    """Return the Regions in the order of the request, not those of an earlier release of this name.

    Raises
    ------
    ItemUnreadable
        When an item is malformed.
    """
    with reading.of_record(release):
        found = table.query(release_partition(release), REGION)
        return [RegionRelease.of(item) for item in found if item["at"] == started]


def executions(release: str) -> set[str]:
    """Return the last execution in each Region of a release of this name, by ARN; none if there is no such release."""
    return {str(item.get("execution")) for item in table.query(release_partition(release), REGION)}


def released_by(live: Iterable[reading.Item], since: int) -> dict[str, str]:
    """Return the last release of each target that was released after `since`, by its name, from its `live` item."""
    later = (item for item in live if item["at"] > since)
    return {item["pk"].removeprefix(alias_partition("")): item["release"] for item in later}


@dataclass(frozen=True)
class Wake:
    """The number of events so far, and when the last one came (seconds since 1970)."""

    number: int
    last: int | None


def read_wake(release: str, expires: int) -> Wake:
    """Return the events of a release; makes the item, without which none is noted."""
    found = table.get(wake_partition(release), CURRENT)
    if found is None:
        item = {"pk": wake_partition(release), "sk": CURRENT, "wakes": 0, "ttl": expires}
        with suppress(ConditionUnmet):  # an earlier try of the step was cut off, and wrote it late
            table.put(item, condition="attribute_not_exists(#pk)")
        return Wake(0, None)
    return Wake(found["wakes"], found.get("last"))


def note_event(release: str, event: str, now: int) -> str | None:
    """Note an event, and return the token of the wait; None if it was noted before, or nothing waits."""
    name = f"e{sha256(event.encode()).hexdigest()[:16]}"
    known = f"attribute_exists(#pk) AND attribute_not_exists(#{name})"
    try:
        item = table.update(wake_partition(release), CURRENT, {name: now, "last": now}, condition=known, count="wakes")
    except ConditionUnmet:
        return None
    return item.get("token")
