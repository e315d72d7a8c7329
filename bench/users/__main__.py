"""Print the figures of releases to users, or of a trace, as JSON lines; exit status 1 if a bar is missed."""

import argparse
import sys
from collections.abc import Iterable
from math import inf
from pathlib import Path

from bench.figure import Figure, printed
from bench.users import judged, library, trace
from tests.arguments import at_least_one


def main() -> int:
    asked = argparse.ArgumentParser(prog="make bench-users")
    asked.add_argument("--trace", type=Path, help="CSV with the columns time_s, user and failed")
    asked.add_argument("--share", type=_share, default=0.5, help="share of the users on the canary, a fraction")
    asked.add_argument("--hours", type=_hours, default=6.0, help="length of a release")
    asked.add_argument("--releases", type=at_least_one, default=judged.RELEASES, help="simulated releases in a cell")
    given = asked.parse_args()
    try:
        found = trace.figures(given.trace, given.share, given.hours) if given.trace else _simulated(given.releases)
        return printed(found)
    except (trace.TraceError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2


def _simulated(releases: int) -> Iterable[Figure]:
    yield from library.figures()
    yield from judged.figures(releases)


def _share(text: str) -> float:
    share = float(text)
    if not 0 < share < 1:
        raise argparse.ArgumentTypeError(f"a share is a fraction between 0 and 1, not {text}")
    return share


def _hours(text: str) -> float:
    hours = float(text)
    if not 1 / 60 <= hours < inf:
        raise argparse.ArgumentTypeError(f"a release takes a minute or more, not {text} hours")
    return hours


if __name__ == "__main__":
    sys.exit(main())
