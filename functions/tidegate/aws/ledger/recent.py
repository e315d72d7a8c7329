"""What the widget reads of a release: little, however long it takes and however many its targets are.

With a hundred targets a tick has 50 KB: all of two hours would take the widget longer than it has.
"""

from tidegate.aws.ledger import entries, partitions, table
from tidegate.aws.ledger.table import Item
from tidegate.domain.schedule import format_time

TICK = "judged"
OF_A_TICK = "#sk, #kind, #at, #weight, #verdict, #summary, #held, #next"
"""What is read of each tick but the newest, which alone is read with its verdicts."""


def recent(name: str, now: int, seconds: int) -> list[Item]:
    """Give the items of a release; of its ticks those alone of its last `seconds`, until its end or now.

    Counts by the minute, only where that is all of it: a part of them would say nothing of the whole.
    """
    partition = partitions.of_release(name)
    found = table.query(partition, start="record")
    record = next((item for item in found if item["sk"] == "record"), None)
    if record is None:
        return []
    since, started = record.get("ended_at", now) - seconds, record["started"]
    found += table.select(partition, "baseline", "counts$" if started >= since else "baseline")
    found += table.select(partition, "event#", "event$", where="#kind <> :tick", tick=TICK)
    found += [*_ticks(partition, since), *entries.decided(name)]
    return [item for item in found if item.get("at", started) >= started]


def _ticks(partition: str, since: int) -> list[Item]:
    first = f"event#{format_time(since)}"
    ticks = table.select(partition, first, "event$", where="#kind = :tick", only=OF_A_TICK, tick=TICK)
    whole = table.get(partition, ticks[-1]["sk"]) if ticks else None
    return [{**tick, "verdicts": []} for tick in ticks[:-1]] + ([whole] if whole else [])
