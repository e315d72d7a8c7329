"""Complete hours of a release's counts, packed: CloudWatch is not asked for them again.

Their sort keys come before `event#`, so that whoever follows a release does not read them.
"""

import json
from base64 import b64decode, b64encode
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any
from zlib import compress, decompress

from tidegate.aws.ledger import optional, partitions, table
from tidegate.aws.ledger.records import Release
from tidegate.domain.analysis.readings import Counts, Reading, Readings
from tidegate.domain.schedule import format_time

ROWS = 20_000
"""Most minutes of a measure in one item. Packed, one takes 8 bytes or so and 20 at most; an item 400 KB."""

PREFIX = "complete#"


def read(release: Release) -> dict[int, Readings]:
    """Give the hours that earlier ticks of this very release kept whole, by their starts (seconds since 1970)."""
    hours: dict[int, dict[str, Reading]] = defaultdict(dict)
    for item in table.query(partitions.of_release(release.name), PREFIX):
        if item["at"] >= release.started:
            hours[item["hour"]] |= _unpacked(item["packed"])
    names = {target.name for target in release.plan.shifting}
    return {hour: readings for hour, readings in hours.items() if names <= readings.keys()}


def keep(release: Release, now: int, hours: Mapping[int, Readings]) -> None:
    for hour, readings in sorted(hours.items()):
        for number, part in enumerate(_parts(readings)):
            key = {"pk": partitions.of_release(release.name), "sk": f"{PREFIX}{format_time(hour)}#{number:03d}"}
            optional.put({**key, "hour": hour, "at": now, "packed": _packed(part), "ttl": release.plan.expires})


Document = dict[str, Any]
"""Of some targets by name: `rows` of `Counts.row()` by measure, and which measures are `counted`."""


def _parts(readings: Readings) -> Iterator[Document]:
    part: Document = {}
    size = 0
    for name, reading in readings.items():
        rows = {measure: [each.row() for each in counts] for measure, counts in reading.counts.items()}
        more = sum(len(of) for of in rows.values())
        if size and size + more > ROWS:
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
    counts = {measure: tuple(Counts(*row) for row in rows) for measure, rows in document["rows"].items()}
    return Reading(counts, counted=frozenset(document["counted"]))
