"""The Regions of a release of several, one item each."""

from collections.abc import Iterable

from tidegate.aws.ledger import reading, table
from tidegate.domain.ledger_items import REGION, alias_partition, release_partition
from tidegate.domain.region_releases import RegionRelease


def lock_of(release: str) -> str:
    """Return the name of the lock by which Recover finds such a release: no alias can have it."""
    return f"*regions:{release}"


def is_lock_of_regions(target: str) -> bool:
    """Return whether a lock is that of such a release, not of an alias."""
    return target.startswith("*regions:")


def write(release: str, place: int, one: RegionRelease, *, started: int, expires: int) -> None:
    """Write the Region at a place of the request of a release that `started` then (seconds since 1970)."""
    keys = {"pk": release_partition(release), "sk": f"{REGION}{place:03d}"}
    table.put({**keys, "at": started, "ttl": expires, **one.document()})


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


def released_by(live: Iterable[reading.Item], since: int) -> dict[str, str]:
    """Return the last release of each target that was released after `since`, by its name, from its `live` item."""
    later = (item for item in live if item["at"] > since)
    return {item["pk"].removeprefix(alias_partition("")): item["release"] for item in later}
