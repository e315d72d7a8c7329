"""Lists of releases: all of them, the newest of an alias, and the heading of each."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tidegate.aws.ledger import items, reading, table
from tidegate.aws.ledger.table import Item
from tidegate.domain.errors import ReleaseUnknown
from tidegate.domain.schedule import format_time

RELEASES = "releases"


def enlist(name: str, now: int, targets: list[str], expires: int) -> None:
    """Write the index entries of a release: by target, and by start time."""
    item = {"pk": RELEASES, "sk": f"{format_time(now)}#{name}", "release": name, "targets": targets, "ttl": expires}
    table.put(item)


def listed() -> Iterator[dict[str, Any]]:
    """Yield `release` and `targets` of every past release, the newest first."""
    for item in table.query_backwards(RELEASES):
        yield from reading.each([item], _listed)


def _listed(item: reading.Item) -> dict[str, Any]:
    return {**item, "release": reading.typed(item, "release", str), "targets": reading.typed(item, "targets", list)}


DEFAULT_BUS = "default"


@dataclass(frozen=True)
class Heading:
    """Identifies a release; `event_bus` receives its events."""

    name: str
    execution: str
    labels: dict[str, str]
    functions: tuple[str, ...]
    event_bus: str


def read(name: str) -> Heading:
    """Read it from a release's record.

    Raises
    ------
    ReleaseUnknown
        When the ledger has no such release.
    ItemUnreadable
        When its record is malformed.
    """
    record = table.get(table.of_release(name), "record")
    if record is None:
        raise ReleaseUnknown(f"The ledger has no release {name}.")
    with reading.of_item(table.of_release(name), "record"):
        plan = record["plan"]
        functions = tuple(target["function"] for target in plan["targets"])
        return Heading(name, record["execution"], record["labels"], functions, plan.get("event_bus", DEFAULT_BUS))


TICK = "judged"
OF_A_TICK = "#sk, #kind, #at, #weight, #verdict, #summary, #held, #next"
"""The attributes of each tick, except the newest, which is read with its verdicts."""


def recent(name: str, now: int, seconds: int) -> list[Item]:
    """Return the items of a release; only the ticks of its last `seconds`, until its end or now.

    Counts per minute are included only if they are complete.
    """
    partition = table.of_release(name)
    found = table.query(partition, start="record")
    record = next((item for item in found if item["sk"] == "record"), None)
    if record is None:
        return []
    since, started = record.get("ended_at", now) - seconds, record["started"]
    found += table.select(partition, "baseline", "counts$" if started >= since else "baseline")
    found += table.select(partition, "event#", "event$", where="#kind <> :tick", tick=TICK)
    found += [*_ticks(partition, since), *items.decided(name)]
    return [item for item in found if item.get("at", started) >= started]


def _ticks(partition: str, since: int) -> list[Item]:
    first = f"event#{format_time(since)}"
    ticks = table.select(partition, first, "event$", where="#kind = :tick", only=OF_A_TICK, tick=TICK)
    whole = table.get(partition, ticks[-1]["sk"]) if ticks else None
    return [{**tick, "verdicts": []} for tick in ticks[:-1]] + ([whole] if whole else [])
