"""The users of a release between ticks: who failed, who was seen, and how far the callers' logs are read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tidegate.aws.ledger import optional, table
from tidegate.aws.ledger.records import Release
from tidegate.domain.analysis.users import Row
from tidegate.domain.ledger_items import BY_USER, CALLER_LOGS, ReleaseItems, numbered_key, release_partition

LARGEST = 250_000
"""Most bytes of rows in one item; DynamoDB takes 400 KB, and a larger optional item would lose its rows."""

Rows = Mapping[str, Sequence[Row]]
"""By function."""


@dataclass(frozen=True)
class KeptUsers:
    """State from earlier ticks, or from an earlier try of this one.

    `items` were written at the time of this tick; `go_on` says for each log group from when on it is to be read
    (seconds since 1970).
    """

    found: ReleaseItems
    items: int = 0
    go_on: Mapping[str, int] = field(default_factory=dict)


def kept(release: Release, now: int) -> KeptUsers:
    partition = release_partition(release.name)
    read = ReleaseItems(table.get_all([(partition, CALLER_LOGS)])).since(release.started)
    found = ReleaseItems(table.query(partition, BY_USER)).since(release.started)
    until = {group: at for item in read for group, at in item["go_on"].items()}
    return KeptUsers(found, sum(item["at"] == now for item in found), until)


def keep(release: Release, now: int, before: KeptUsers, new: Rows, go_on: Mapping[str, int]) -> None:
    """Add users; items are never overwritten, so a repeated tick loses nothing that its earlier try has found.

    Where to read on is written last: what was not written is read again.
    """
    key = {"pk": release_partition(release.name), "at": now, "ttl": release.plan.expires}
    for number, rows in enumerate(_parts(new), before.items):
        optional.put({**key, "sk": numbered_key(BY_USER, now, number), "rows": rows})
    optional.put({**key, "sk": CALLER_LOGS, "go_on": dict(go_on)})


def _parts(new: Rows) -> Iterator[dict[str, list[Row]]]:
    part: dict[str, list[Row]] = {}
    size = 0
    for function, rows in new.items():
        for row in rows:
            own = optional.size(row)
            if size and size + own > LARGEST:
                yield part
                part, size = {}, 0
            part.setdefault(function, []).append(row)
            size += own
    if part:
        yield part
