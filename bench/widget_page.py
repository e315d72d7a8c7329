"""How large the widget of a release is, and how long it takes to make: a hundred targets, held for a day."""

import os
from collections.abc import Iterator
from statistics import median
from time import process_time
from typing import Any
from unittest.mock import patch

from bench.figure import Figure
from tests.fakes.partition import Partition
from tests.report_samples import NAME, running
from tidegate.aws.ledger import table
from tidegate.aws.ledger.index import recent
from tidegate.domain.ledger_items import TICK
from tidegate.domain.schedule import MINUTE
from tidegate.report.load import load
from tidegate.report.widget import MOST_TICKS, Frame, widget

TARGETS, MINUTES, RUNS = 100, 24 * 60, 5


def measure() -> Iterator[Figure]:
    partition = _partition()
    now = max(item["at"] for item in partition.items.values())
    text, took = "", []
    with patch.object(table, "ledger_client", lambda: partition), patch.dict(os.environ, LEDGER_TABLE="ledger"):
        for _ in range(RUNS):
            items = recent(NAME, now, MOST_TICKS * MINUTE)
            started = process_time()
            text = widget(Frame("arn"), load(NAME, items, now=now), [])
            took.append(process_time() - started)
    read = sum(len(str(item)) for item in partition.read) // RUNS
    note = f"of a release of {TARGETS} targets that is held for a day"
    yield Figure("widget", len(text.encode()), "bytes", 64_000, note)
    yield Figure("read from the ledger for the widget", read, "letters", 1_000_000, note)
    yield Figure("making the widget", round(1000 * median(took), 1), "ms", 200.0, f"CPU time; {note}")


def _partition() -> Partition:
    """Give the sample's release, a hundred times as wide and a day longer."""
    items = [_wide(item) for item in running().items]
    last = max((item for item in items if item.get("kind") == TICK), key=lambda item: item["at"])
    return Partition([*items, *({**last, "at": last["at"] + n * MINUTE} for n in range(1, MINUTES))])


def _wide(item: dict[str, Any]) -> dict[str, Any]:
    names = [f"shop-{n}" for n in range(TARGETS)]
    if "plan" in item:
        (target,) = item["plan"]["targets"]
        return {**item, "plan": {**item["plan"], "targets": [{**target, "function": name} for name in names]}}
    if item.get("kind") == TICK:
        (verdict,) = item["verdicts"]
        return {**item, "verdicts": [{**verdict, "target": f"{name}:live"} for name in names]}
    return item
