"""Send events that are drawn from a seed, and print what became of them. Exit status 1 after a violation."""

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from localcloud import LocalCloud, lambda_
from tests.arguments import at_least_one
from tests.starting import table
from tests.starting.draw import REPOSITORY, Names, draw
from tests.starting.outcome import Outcome, strays
from tests.starting.run import Run
from tests.workflow.deployed import EVERYTHING, TEMPLATE
from tests.workflow.releases import Watch
from tests.workflow.world import World

FUNCTIONS = 4


def main() -> int:
    options = _options()
    numbers = options.only or list(range(options.count))
    begun = time.monotonic()
    with _deployed() as world:
        names = Names(tuple(world.target().name for _ in range(FUNCTIONS)), world.target(None).name)
        run = Run(world, names)
        if options.list:
            for number in numbers:
                _say(draw(options.seed, number, names))
            return 0
        outcomes = run.carry_out(options.seed, numbers)
        unasked = strays(run.gathered, outcomes, (*names.requested, names.updated, REPOSITORY))
    for outcome in outcomes:
        _tell(outcome, options.seed)
    _say("\n".join(table.lines(outcomes, unasked)))
    _say(f"{run.elsewhere} calls of Start failed besides")
    _say(f"{time.monotonic() - begun:.0f} s with seed {options.seed}")
    return 1 if unasked or any(outcome.violations for outcome in outcomes) else 0


@contextmanager
def _deployed() -> Iterator[World]:
    with LocalCloud(factor=None) as cloud, lambda_.throttle.off():
        for bus in ("EventBusName", "RequestBusName"):
            cloud.client("events").create_event_bus(Name=EVERYTHING[bus])
        yield World(cloud, cloud.deploy(TEMPLATE, EVERYTHING, "tidegate"), Watch(), [])
        refused = [call for call in list(cloud.calls) if call.caller_role and not call.allowed]
        assert not refused, f"a role was refused what it needs: {refused[:3]}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.starting", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="what everything is drawn from")
    parser.add_argument("--count", type=at_least_one, default=1000, help="how many events")
    parser.add_argument("--only", type=int, nargs="+", metavar="K", help="these events of the seed alone")
    parser.add_argument("--list", action="store_true", help="say what would be sent, and do not")
    return parser.parse_args()


def _say(what: object) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def _tell(outcome: Outcome, seed: int) -> None:
    if outcome.violations:
        _say(f"\nVIOLATION in event {outcome.scenario.number}: {outcome.scenario}")
        for sentence in outcome.violations:
            _say(f"  {sentence}")
        _say(f"again: python -m tests.starting --seed {seed} --only {outcome.scenario.number}\n")


if __name__ == "__main__":
    sys.exit(main())
