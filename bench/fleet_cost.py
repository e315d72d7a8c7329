"""What a release of many functions takes: measured for 1, 10 and 100 on the local cloud, the rest on paper.

Writes the table of docs/cost.md, as a part of `make cost`.
"""

import argparse
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from bench.cost import PAGE, PLACE, PRICES, dollars, listening, taken, three_digits
from tests.arguments import at_least_one
from tests.workflow.releases import Release
from tests.workflow.world import World
from tidegate.domain.region_moves import pause
from tidegate.domain.schedule import readable_duration

SIZES = (1, 10, 100)
REGIONS, OF_EACH = 10, 100
GROUPS = 3
"""Those of the release on paper: one Region, then three, then six."""

AN_HOUR = range(60)
PER_POLL = {"state transitions": 3.0, "invocations": 1.0, "GB-seconds of functions": 0.5}
"""What Follow regions takes each time; half a second of a function with 512 MB for each Region more."""

Row = Mapping[str, float]


def measure(world: AbstractContextManager[World], count: int) -> Row:
    with world as ready:
        targets = [ready.target().evidence(minutes=AN_HOUR) for _ in range(count)]
        with listening() as heard:
            began, before = ready.cloud.clock.time(), len(ready.cloud.invocations)
            release: Release = ready.release(*targets, strategy="guarded").wait()
        if release.status != "SUCCEEDED":
            raise RuntimeError(f"{release.error}: {release.cause}")
        counts = taken(ready.cloud, heard, release.history, before)
        return {**counts, "seconds": ready.cloud.clock.time() - began, "history events": len(release.history)}


def on_paper(one: Row) -> Row:
    """Return a release of ten Regions, each with what a hundred functions took, and the polls of the parent."""
    seconds = GROUPS * one["seconds"]
    polls, age = 0, 0
    while age < seconds:
        age, polls = age + pause(age), polls + 1
    parent = {name: polls * each for name, each in PER_POLL.items()}
    parent["GB-seconds of functions"] *= REGIONS / GROUPS
    parent["units read from the ledger"] = polls * (4.0 + REGIONS / GROUPS)
    parent["events"] = REGIONS * 4.0
    parent["units written to the ledger"] = parent["events"] + polls + REGIONS
    counts = {name: REGIONS * one[name] + parent.get(name, 0.0) for name in PRICES}
    return {**counts, "seconds": seconds, "history events": max(one["history events"], polls * 13)}


def table(columns: Mapping[str, Row]) -> str:
    rows = columns.values()
    cells = {name: [three_digits(row[name]) for row in rows] for name in PRICES}
    cells["history events of one execution"] = [f"{row['history events']:.0f}" for row in rows]
    cells["duration"] = [readable_duration(row["seconds"]) for row in rows]
    cells["**together**"] = [f"**${dollars({name: row[name] for name in PRICES}):.2g}**" for row in rows]
    lines = [f"| {name} | {' | '.join(texts)} |" for name, texts in cells.items()]
    return "\n".join([f"| | {' | '.join(columns)} |", f"|---|{'---|' * len(columns)}", *lines])


def write(columns: Mapping[str, Row]) -> None:
    text = PLACE.sub(
        lambda place: f"{place[1]}\n{table(columns)}\n{place[3]}" if place[2] == "fleets" else place[0],
        PAGE.read_text(),
    )
    PAGE.write_text(text)


def main() -> None:
    from bench.fleet import world

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=at_least_one, nargs="+", default=SIZES)
    sizes = parser.parse_args().sizes
    columns: dict[str, Any] = {f"{count} function{'s' * (count > 1)}": measure(world(), count) for count in sizes}
    if max(sizes) == OF_EACH:
        columns[f"{REGIONS * OF_EACH:,} functions in {REGIONS} Regions (on paper)"] = on_paper(
            columns[f"{OF_EACH} functions"]
        )
    write(columns)


if __name__ == "__main__":
    main()
