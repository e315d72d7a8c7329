"""What Compare keeps from tick to tick: the baselines, the table of minutes, and how the last look went.

Their sort keys come before `event#`, so that whoever follows a release does not read them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

from tidegate.aws.ledger import optional, partitions, table
from tidegate.aws.ledger.records import Release
from tidegate.domain.analysis.baseline import Baseline
from tidegate.domain.analysis.readings import Reading
from tidegate.domain.schedule import format_time

ROWS = 4000
"""Most rows in one item: a row takes 40 bytes or so, and an item 400 KB at most (DynamoDB quotas)."""

REMEMBERED = 60
"""How many minutes are compared with what was written of them; a function's time-out is 15 at most."""

Rows = dict[str, dict[str, list[list[int]]]]
"""Rows of `Counts.row()` by target and measure."""


@dataclass(frozen=True)
class Kept:
    """What the ticks before left. `unreadable` of them in a row, up to `at`, had no evidence.

    `written` are checksums of the minutes in the table, by their start.
    """

    baselines: Mapping[str, Baseline] = field(default_factory=dict)
    at: int = 0
    unreadable: int = 0
    written: Mapping[int, int] = field(default_factory=dict)

    def unreadable_with(self, now: int, *, problem: bool) -> int:
        """Count this tick too; one that is tried again counts once."""
        before = self.unreadable - 1 if self.at == now and self.unreadable else self.unreadable
        return before + 1 if problem else 0


def kept(release: Release) -> Kept:
    """Read what earlier ticks of this very release left."""
    partition = partitions.of_release(release.name)
    items = table.get_all([(partition, "baseline"), (partition, "bake")])
    found = {item["sk"]: item for item in items if item["at"] >= release.started}
    tick = found.get("bake", {})
    baselines: Mapping[str, Any] = found.get("baseline", {}).get("targets", {})
    return Kept(
        {name: Baseline.of(document) for name, document in baselines.items()},
        tick.get("at", 0),
        tick.get("unreadable", 0),
        {int(start): checksum for start, checksum in tick.get("written", {}).items()},
    )


def keep_baselines(release: Release, now: int, baselines: Mapping[str, Baseline]) -> None:
    targets = {name: baseline.document() for name, baseline in baselines.items()}
    item = {"sk": "baseline", "at": now, "targets": targets, "ttl": release.plan.expires}
    optional.put({"pk": partitions.of_release(release.name), **item})


def write_minutes(release: Release, now: int, before: Kept, readings: Mapping[str, Reading], unreadable: int) -> None:
    """Write every minute that is new or was corrected since the last tick, and remember what is written."""
    partition = partitions.of_release(release.name)
    checksums = _checksums(readings)
    changed = {start for start, checksum in checksums.items() if before.written.get(start) != checksum}
    oldest = min(before.written, default=0)
    for number, rows in enumerate(_chunks(readings, {start for start in changed if start >= oldest})):
        key = f"counts#{format_time(now)}#{number:03d}"
        optional.put({"pk": partition, "sk": key, "at": now, "rows": rows, "ttl": release.plan.expires})
    newest = sorted({**before.written, **checksums}.items())[-REMEMBERED:]
    written = {str(start): checksum for start, checksum in newest}
    item = {"sk": "bake", "at": now, "unreadable": unreadable, "written": written, "ttl": release.plan.expires}
    optional.put({"pk": partition, **item})


def _checksums(readings: Mapping[str, Reading]) -> dict[int, int]:
    sums: dict[int, int] = {}
    for name, reading in sorted(readings.items()):
        for measure, counts in sorted(reading.counts.items()):
            for each in counts:
                sums[each.start] = crc32(f"{name} {measure} {each.row()}".encode(), sums.get(each.start, 0))
    return sums


def _chunks(readings: Mapping[str, Reading], starts: set[int]) -> Iterator[Rows]:
    chunk: Rows = {}
    size = 0
    for name, reading in readings.items():
        for measure, counts in reading.counts.items():
            rows = [each.row() for each in counts if each.start in starts]
            if size and size + len(rows) > ROWS:
                yield chunk
                chunk, size = {}, 0
            if rows:
                chunk.setdefault(name, {})[measure] = rows
                size += len(rows)
    if chunk:
        yield chunk
