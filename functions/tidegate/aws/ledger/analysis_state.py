"""State between ticks: minutes, complete hours, baseline, forecasts."""

import json
from base64 import b64decode, b64encode
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from zlib import compress, crc32, decompress

from tidegate.aws.ledger import optional, table
from tidegate.aws.ledger.records import Release
from tidegate.domain.analysis.baseline import Baseline
from tidegate.domain.analysis.readings import Minutes, Reading, Readings
from tidegate.domain.judge import Minute
from tidegate.domain.ledger_items import (
    BAKE,
    BASELINE,
    COMPLETE,
    COUNTS,
    SLOTS,
    ReleaseItems,
    ahead_key,
    numbered_key,
    release_partition,
)
from tidegate.domain.schedule import format_time, minute_of

ROWS_AN_HOUR_ITEM = 20_000
"""Most minutes of a measure in one item. A packed minute takes about 8 bytes and at most 20; an item 400 KB."""


def read(release: Release) -> dict[int, Readings]:
    """Return the complete hours that earlier ticks of this release stored, by their starts (seconds since 1970)."""
    hours: dict[int, dict[str, Reading]] = defaultdict(dict)
    found = ReleaseItems(table.query(release_partition(release.name), COMPLETE)).since(release.started)
    for item in found.complete_hours:
        hours[item["hour"]] |= _unpacked(item["packed"])
    names = {target.name for target in release.plan.shifting}
    return {hour: readings for hour, readings in hours.items() if names <= readings.keys()}


def keep(release: Release, now: int, hours: Mapping[int, Readings]) -> None:
    for hour, readings in sorted(hours.items()):
        for number, part in enumerate(_parts(readings)):
            key = {"pk": release_partition(release.name), "sk": numbered_key(COMPLETE, hour, number)}
            optional.put({**key, "hour": hour, "at": now, "packed": _packed(part), "ttl": release.plan.expires})


Document = dict[str, Any]
"""Of some targets by name: `rows` by measure, and which measures are `counted`."""


def _rows(minutes: Minutes) -> list[list[int]]:
    """Return a row a minute: its start, calls and bad ones of the canary, then of stable."""
    return [[start, *minute.counts] for start, minute in minutes.items()]


def _parts(readings: Readings) -> Iterator[Document]:
    part: Document = {}
    size = 0
    for name, reading in readings.items():
        rows = {measure: _rows(minutes) for measure, minutes in reading.counts.items()}
        more = sum(len(of) for of in rows.values())
        if size and size + more > ROWS_AN_HOUR_ITEM:
            yield part
            part, size = {}, 0
        part[name] = {"rows": rows, "counted": sorted(reading.counted)}
        size += more
    yield part


def _packed(part: Document) -> str:
    return b64encode(compress(json.dumps(part, separators=(",", ":")).encode(), 9)).decode()


def _unpacked(packed: str) -> dict[str, Reading]:
    document = json.loads(decompress(b64decode(packed)))
    return {name: _reading(of_target) for name, of_target in document.items()}


def _reading(document: Document) -> Reading:
    counts = {name: {start: Minute(*row) for start, *row in rows} for name, rows in document["rows"].items()}
    return Reading(counts, counted=frozenset(document["counted"]))


def keep_slots(release: Release, now: int, found: Mapping[str, Minutes]) -> None:
    """Write the slots of the logs since the last shift, by target name."""
    key = {"pk": release_partition(release.name), "sk": f"{SLOTS}{format_time(release.shifts[-1].at)}"}
    rows = {name: _rows(slots) for name, slots in found.items()}
    optional.put({**key, "at": now, "rows": rows, "ttl": release.plan.expires})


def slots(release: Release, since: int = 0) -> dict[str, Minutes]:
    """Return the slots of the logs by target name; `since` is the time of a shift (seconds since 1970)."""
    found: dict[str, dict[int, Minute]] = defaultdict(dict)
    for item in ReleaseItems(table.query(release_partition(release.name), SLOTS)).since(max(since, release.started)):
        for name, rows in item["rows"].items():
            found[name] |= {start: Minute(*counts) for start, *counts in rows if start >= since}
    return dict(found)


ROWS = 4000
"""Most rows in one item: a row takes 40 bytes or so, and an item 400 KB at most (DynamoDB quotas)."""

REMEMBERED = 60
"""How many minutes are compared with their stored counts; a function's time-out is 15 at most."""

Rows = dict[str, dict[str, list[list[int]]]]
"""Counts by target and measure; see `_rows`."""


@dataclass(frozen=True)
class Kept:
    """State from earlier ticks. `unreadable` ticks in a row, up to `at`, had no evidence.

    `written` are checksums of the minutes in the table, by their start.
    """

    baselines: Mapping[str, Baseline] = field(default_factory=dict)
    at: int = 0
    unreadable: int = 0
    written: Mapping[int, int] = field(default_factory=dict)

    def unreadable_with(self, now: int, *, problem: bool) -> int:
        """Count this tick too; a retried tick counts once."""
        before = self.unreadable - 1 if self.at == now and self.unreadable else self.unreadable
        return before + 1 if problem else 0


def kept(release: Release) -> Kept:
    """Read the state from earlier ticks of this release."""
    partition = release_partition(release.name)
    found = ReleaseItems(table.get_all([(partition, BASELINE), (partition, BAKE)])).since(release.started)
    tick = found.bake
    return Kept(
        {name: Baseline.of(document) for name, document in found.baselines.items()},
        tick.get("at", 0),
        tick.get("unreadable", 0),
        {int(start): checksum for start, checksum in tick.get("written", {}).items()},
    )


def keep_baselines(release: Release, now: int, baselines: Mapping[str, Baseline]) -> None:
    targets = {name: baseline.document() for name, baseline in baselines.items()}
    item = {"sk": BASELINE, "at": now, "targets": targets, "ttl": release.plan.expires}
    optional.put({"pk": release_partition(release.name), **item})


def write_minutes(release: Release, now: int, before: Kept, readings: Mapping[str, Reading], unreadable: int) -> None:
    """Write every minute that is new or corrected since the last tick, and record which minutes are written."""
    partition = release_partition(release.name)
    checksums = _checksums(readings)
    changed = {start for start, checksum in checksums.items() if before.written.get(start) != checksum}
    oldest = min(before.written, default=0)
    for number, rows in enumerate(_chunks(readings, {start for start in changed if start >= oldest})):
        key = numbered_key(COUNTS, now, number)
        optional.put({"pk": partition, "sk": key, "at": now, "rows": rows, "ttl": release.plan.expires})
    newest = sorted({**before.written, **checksums}.items())[-REMEMBERED:]
    written = {str(start): checksum for start, checksum in newest}
    item = {"sk": BAKE, "at": now, "unreadable": unreadable, "written": written, "ttl": release.plan.expires}
    optional.put({"pk": partition, **item})


def _checksums(readings: Mapping[str, Reading]) -> dict[int, int]:
    """Return a checksum for each minute, of which a log has several slots."""
    sums: dict[int, int] = {}
    for name, reading in sorted(readings.items()):
        for measure, minutes in sorted(reading.counts.items()):
            for row in _rows(minutes):
                start = minute_of(row[0])
                sums[start] = crc32(f"{name} {measure} {row}".encode(), sums.get(start, 0))
    return sums


def _chunks(readings: Mapping[str, Reading], starts: set[int]) -> Iterator[Rows]:
    chunk: Rows = {}
    size = 0
    for name, reading in readings.items():
        for measure, minutes in reading.counts.items():
            rows = [row for row in _rows(minutes) if minute_of(row[0]) in starts]
            if size and size + len(rows) > ROWS:
                yield chunk
                chunk, size = {}, 0
            if rows:
                chunk.setdefault(name, {})[measure] = rows
                size += len(rows)
    if chunk:
        yield chunk


AT_ONCE = 25
"""Targets whose forecasts go into one item: with a hundred steps each, 100 KB or so."""


def record(release: str, now: int, expires: int, rows: dict[str, Any]) -> None:
    """Write what each target's schedule can detect; see `Outlook.rows`."""
    targets = sorted(rows)
    for number, first in enumerate(range(0, len(targets), AT_ONCE)):
        forecasts = {target: rows[target] for target in targets[first : first + AT_ONCE]}
        optional.put(
            {
                "pk": release_partition(release),
                "sk": ahead_key(number),
                "at": now,
                "forecasts": forecasts,
                "ttl": expires,
            }
        )
