"""Run faulted releases and print what became of them. Exit status 1 after a violation, or healing past its bar."""

import argparse
import sys
import time

from tests.arguments import at_least_one
from tests.faults import table
from tests.faults.draw import draw
from tests.faults.processes import from_processes
from tests.faults.worker import Result, Settings


def main() -> int:
    options = _options()
    numbers = options.only or list(range(options.count))
    settings = Settings(options.seed, options.at_once)
    if options.list:
        for number in numbers:
            _say(draw(options.seed, number))
        return 0
    begun, seen = time.monotonic(), list[Result]()
    for result in from_processes(numbers, settings, min(options.clouds, len(numbers))):
        seen.append(result)
        if options.verbose:
            _say(f"{result.number:5} {result.outcome:12} {result.seconds:5.0f} s  {', '.join(result.struck)}")
        if result.violations:
            _tell(result, settings)
            if not options.keep_going:
                break
    _say("\n".join(table.lines(seen)))
    _say(f"{time.monotonic() - begun:.0f} s with seed {settings.seed}")
    late = table.too_late(seen)
    for result in late:
        _say(f"too late: release {result.number} ({result.healing}); {result.scenario}")
    return 1 if late or any(result.violations for result in seen) or len(seen) < len(numbers) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="what everything is drawn from")
    parser.add_argument("--count", type=at_least_one, default=500, help="how many releases")
    parser.add_argument("--only", type=int, nargs="+", metavar="K", help="these releases of the seed alone")
    parser.add_argument("--at-once", type=at_least_one, default=10, help="releases at a time in each cloud")
    parser.add_argument("--clouds", type=at_least_one, default=4, help="local clouds, each in a process of its own")
    parser.add_argument("--keep-going", action="store_true", help="go on after a violation")
    parser.add_argument("--verbose", action="store_true", help="a line for each release")
    parser.add_argument("--list", action="store_true", help="say what would happen, and do not")
    return parser.parse_args()


def _say(what: object) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def _tell(result: Result, settings: Settings) -> None:
    _say(f"\nVIOLATION in release {result.number}: {result.scenario}")
    for sentence in result.violations:
        _say(f"  {sentence}")
    _say(f"again: python -m tests.faults --seed {settings.seed} --only {result.number}\n")


if __name__ == "__main__":
    sys.exit(main())
