"""Print the figures of the chains as JSON lines, and draw them; exit status 1 if a bar is missed."""

import argparse
import sys
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout
from pathlib import Path

from bench.chain.picture import drawn
from bench.chain.run import Counts, run
from bench.chain.shop import CONSUMERS, PERCENT, USERS, WEIGHTS, opened
from bench.figure import Figure, printed
from tests.arguments import at_least_one

COMMAND = "make bench-chain"


def main() -> int:
    asked = argparse.ArgumentParser(prog=COMMAND)
    asked.add_argument("--users", type=at_least_one, default=200)
    asked.add_argument("--orders", type=at_least_one, default=8, help="of each user")
    asked.add_argument("--picture", type=Path, help="SVG to write")
    given = asked.parse_args()
    with opened() as shop, redirect_stdout(sys.stderr):  # the library writes lines for the comparison
        counts = run(shop, given.users, given.orders)
    if given.picture:
        given.picture.write_text(drawn(counts))
    return printed(figures(counts))


def figures(counts: Mapping[str, Counts]) -> Iterator[Figure]:
    users, orders = len(counts[USERS].users), len(counts[USERS].met)
    met = {way: 100 * len(each.reached()) / users for way, each in counts.items()}
    mixed = {way: 100 * each.mixed() / orders for way, each in counts.items()}
    name = f"users who met a new version at {PERCENT} %, off {PERCENT} %"
    note = f"{met[USERS]:.1f} % of {users} users, by weights {met[WEIGHTS]:.1f} %; {orders} orders"
    yield Figure(name, round(abs(met[USERS] - PERCENT), 2), "points", 4.0, note, command=COMMAND)
    note = f"{orders} orders through {1 + len(CONSUMERS)} functions, by weights {mixed[WEIGHTS]:.1f} %"
    yield Figure("orders that met old and new versions", round(mixed[USERS], 2), "%", 0.0, note, command=COMMAND)


if __name__ == "__main__":
    sys.exit(main())
