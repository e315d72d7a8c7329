"""The list of releases: where one is found by its targets, and by when it began."""

from collections.abc import Iterator
from typing import Any

from tidegate.aws.ledger import reading, table
from tidegate.domain.schedule import format_time

RELEASES = "releases"


def enlist(name: str, now: int, targets: list[str], expires: int) -> None:
    """Write a release down where it is found by its targets, and by when it began."""
    item = {"pk": RELEASES, "sk": f"{format_time(now)}#{name}", "release": name, "targets": targets, "ttl": expires}
    table.put(item)


def listed() -> Iterator[dict[str, Any]]:
    """Give `release` and `targets` of every release that there was, the newest first, as far as one reads on."""
    for item in table.query_backwards(RELEASES):
        yield from reading.each([item], _listed)


def _listed(item: reading.Item) -> dict[str, Any]:
    return {**item, "release": reading.typed(item, "release", str), "targets": reading.typed(item, "targets", list)}
