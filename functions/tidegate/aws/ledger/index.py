"""Lists of releases: all of them, the newest of an alias, and the heading of each."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import NamedTuple

from tidegate.aws.ledger import items, reading, table
from tidegate.aws.ledger.table import Item
from tidegate.domain.errors import ReleaseUnknown
from tidegate.domain.ledger_items import (
    BASELINE,
    COUNTS,
    EVENT,
    RECORD,
    RELEASES,
    TICK,
    ReleaseItems,
    end_of,
    event_key,
    listed_key,
    release_partition,
)
from tidegate.domain.schedule import format_time


def enlist(name: str, now: int, targets: list[str], expires: int) -> None:
    """Write the index entries of a release: by target, and by start time."""
    item = {"pk": RELEASES, "sk": listed_key(now, name), "release": name, "targets": targets, "ttl": expires}
    table.put(item)


class ListedRelease(NamedTuple):
    """A release in the list of all, with the names of its targets."""

    name: str
    targets: Sequence[str]


def listed() -> Iterator[ListedRelease]:
    """Return every release that there was, the newest first, as far as one reads on."""
    for item in table.query_backwards(RELEASES):
        yield from reading.each([item], _listed)


def _listed(item: reading.Item) -> ListedRelease:
    return ListedRelease(reading.typed(item, "release", str), reading.typed(item, "targets", list))


MOST_LISTED = 2000
"""Releases of all functions, the newest first, among which those of an alias are looked for."""

MOST_READ = 100
"""Releases whose records are read for that."""

AT_ONCE = 20
"""Records that are read in one call, until what is looked for was found."""


NO_RECORD: Item = {"plan": {"targets": []}}
"""What counts for a release whose record has expired before its entry in the list."""


class PastMove(NamedTuple):
    """A target in a release: its version `before` it (None: no alias), and how the release ended."""

    release: str
    target: str
    before: str | None
    ended: str | None


def past_moves(targets: Collection[str]) -> Iterator[PastMove]:
    """Return what the newest releases of some targets moved, the newest first, as far as one reads on."""
    listed_ = (past.name for past in islice(listed(), MOST_LISTED) if not set(targets).isdisjoint(past.targets))
    names = islice(listed_, MOST_READ)
    while some := list(islice(names, AT_ONCE)):
        records = {item["pk"]: item for item in table.get_all([(release_partition(name), RECORD) for name in some])}
        for name in some:
            found = reading.each([records.get(release_partition(name), NO_RECORD)], partial(_moves, name))
            yield from (move for moves in found for move in moves if move.target in targets)


def _moves(release: str, record: Item) -> list[PastMove]:
    return [
        PastMove(
            release,
            f"{each['function']}:{each['alias']}",
            each["snapshot"] and str(each["snapshot"]["version"]),
            record.get("ended"),
        )
        for each in record["plan"]["targets"]
    ]


class LastRelease(NamedTuple):
    """The newest release of an alias: `outcome` is a running release's status; `at` is its end, or else its start.

    `proof` is what the evidence for its promotion lacks (rollout.proof).
    """

    release: str
    outcome: str
    at: int
    proof: str = ""

    def document(self) -> dict[str, str]:
        return {**self._asdict(), "at": format_time(self.at)}


def newest_by_target(most: int, only: str | None = None) -> dict[str, LastRelease]:
    """Return the newest release of each alias, or of `only` one, among the newest `most` releases.

    Releases whose records have expired are omitted.
    """
    names: dict[str, str] = {}
    for past in islice(listed(), most):
        for target in past.targets if only is None else {*past.targets} & {only}:
            names.setdefault(target, past.name)
    keys = [(release_partition(name), RECORD) for name in sorted({*names.values()})]
    found = {each.release: each for each in reading.each(table.get_all(keys), _last)}
    return {target: found[name] for target, name in names.items() if name in found}


def _last(record: reading.Item) -> LastRelease:
    name = record["pk"].removeprefix(release_partition(""))
    if "ended" in record:
        ended, at = reading.typed(record, "ended", str), reading.moment(record, "ended_at")
        return LastRelease(name, ended, at, str(record.get("proof", "")))
    return LastRelease(name, reading.typed(record, "status", str), reading.moment(record, "started"))


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
    record = table.get(release_partition(name), RECORD)
    if record is None:
        raise ReleaseUnknown(f"The ledger has no release {name}.")
    with reading.of_record(name):
        plan = record["plan"]
        functions = tuple(target["function"] for target in plan["targets"])
        return Heading(name, record["execution"], record["labels"], functions, plan.get("event_bus", DEFAULT_BUS))


OF_A_TICK = "#sk, #kind, #at, #weight, #verdict, #summary, #held, #next"
"""The attributes of each tick, except the newest, which is read with its verdicts."""


def recent(name: str, now: int, seconds: int) -> ReleaseItems:
    """Return the items of a release; only the ticks of its last `seconds`, until its end or now.

    Counts per minute are included only if they are complete.
    """
    partition = release_partition(name)
    found = table.query(partition, start=RECORD)
    record = ReleaseItems(found).record
    if record is None:
        return ReleaseItems()
    since = record.get("ended_at", now) - seconds
    found += table.select(partition, BASELINE, end_of(COUNTS) if record["started"] >= since else BASELINE)
    found += table.select(partition, EVENT, end_of(EVENT), where="#kind <> :tick", tick=TICK)
    return ReleaseItems([*found, *_ticks(partition, since), *items.decided(name)]).own()


def _ticks(partition: str, since: int) -> list[Item]:
    first, end = event_key(since), end_of(EVENT)
    ticks = table.select(partition, first, end, where="#kind = :tick", only=OF_A_TICK, tick=TICK)
    whole = table.get(partition, ticks[-1]["sk"]) if ticks else None
    return [{**tick, "verdicts": []} for tick in ticks[:-1]] + ([whole] if whole else [])
