"""Releases of many functions on the local cloud, with Lambda's throttling on: skew, size, and the way back."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain

from bench import fleet_drain, fleet_drained, fleet_judge, fleet_meetings
from bench.figure import Figure, printed
from localcloud import LocalCloud, stepfunctions
from tests.arguments import at_least_one
from tests.workflow.deployed import EVERYTHING, TEMPLATE, create_bus, recorded
from tests.workflow.elsewhere import Elsewhere, request
from tests.workflow.releases import Release, Watch
from tests.workflow.targets import AliasWrite, Target
from tests.workflow.world import World
from tidegate.domain.ledger_items import release_partition
from tidegate.domain.schedule import MINUTE, minute_of, visible_at
from tidegate.report.load import load

COMMAND = "make bench-fleet"
QUOTA = 15
"""Control-plane calls of Lambda a second (Lambda quotas)."""
TICKS = 2
AN_HOUR = range(60)
SHIFT, KIB = "Shift traffic", 1024
OF_REGIONS = {"RegionsRole", "RegionsAccounts", "RegionsBusArn"}
ASKED = {"FunctionPattern", "KeepVersions", "ReleaseOnUpdate", "PreflightSeverities", *OF_REGIONS}


@contextmanager
def world() -> Iterator[World]:
    """Deploy Tidegate on a cloud whose clock leaps where everything waits; its quotas keep the same clock."""
    watch, written = Watch(), list[AliasWrite]()
    with LocalCloud(factor=None) as cloud:
        stepfunctions.observers.append(watch.state_event)
        stepfunctions.status_observers.append(watch.status_event)
        create_bus(cloud, "RegionsBusArn")
        stack = cloud.deploy(TEMPLATE, {name: value for name, value in EVERYTHING.items() if name in ASKED})
        with recorded(cloud, written):
            yield World(cloud, stack, watch, written)
        stepfunctions.observers.remove(watch.state_event)
        stepfunctions.status_observers.remove(watch.status_event)


def measure(count: int) -> Iterator[Figure]:
    with world() as ready:
        targets = [ready.target() for _ in range(count)]
        yield from _released(ready, [target.evidence(minutes=AN_HOUR) for target in targets])
        yield from _one_by_one(ready, targets)
    with world() as ready:
        yield _rolled_back(ready, count)
        yield _spread_thinly(ready, count)


SKEWS = list[float]()
"""Of the shifts of the release, in seconds."""


def _released(ready: World, targets: list[Target]) -> Iterator[Figure]:
    count = len(targets)
    release = _succeeded(ready.release(*targets, strategy="guarded"))
    skews = [result["skew_seconds"] for result in release.results(SHIFT)]
    SKEWS[:] = skews
    least = count / QUOTA
    yield Figure(
        f"{count} targets, one shift: skew against {count}/{QUOTA} s",
        round(max(skews) / least, 2),
        "ratio",
        1.25,
        f"{', '.join(f'{skew:.2f}' for skew in skews)} s between the answers of the first and the last UpdateAlias",
        command=COMMAND,
    )
    history = release.history
    largest = max((len(_input(event)), _name(event)) for event in history if "stateEnteredEventDetails" in event)
    figure = f"{count}-target release: largest state input"
    yield Figure(figure, round(largest[0] / KIB, 1), "KiB", 64, f"of {largest[1]}", command=COMMAND)
    ticks = len(release.results("Compare versions"))
    figure = f"{count}-target release: history events for guarded"
    yield Figure(figure, len(history), "events", 8000, f"{ticks} ticks among them", command=COMMAND)


def _input(event: dict[str, dict[str, str]]) -> bytes:
    return event["stateEnteredEventDetails"].get("input", "").encode()


def _name(event: dict[str, dict[str, str]]) -> str:
    return event["stateEnteredEventDetails"]["name"]


def _one_by_one(ready: World, targets: list[Target]) -> Iterator[Figure]:
    """Update code, version and alias of the same functions one by one, and wait for each, as CloudFormation does."""
    client, clock = ready.cloud.client("lambda"), ready.cloud.clock
    at = list[float]()
    for target in targets:
        client.update_function_configuration(FunctionName=target.name, Description="one by one")
        target.settled()
        version = client.publish_version(FunctionName=target.name)["Version"]
        target.move(version)
        at.append(clock.time())
    skew = at[-1] - at[0]
    yield Figure(
        f"{len(targets)} targets, one shift: skew against one by one, same run",
        round(max(SKEWS) / skew, 3),
        "ratio",
        0.2,
        f"{skew:.0f} s one by one: update, wait (Lambda takes 1 s here), publish, move the alias",
        command=COMMAND,
    )


def _rolled_back(ready: World, count: int) -> Figure:
    """Let one canary fail at 5 %; return the seconds from when that can be read until every alias is whole."""
    good = [ready.target().evidence() for _ in range(count - 1)]
    bad = ready.target().evidence(canary_calls=50, canary_failing=0.3)
    release = ready.release(*good, bad, strategy="guarded").wait()
    if release.error != "VersionFailed":
        raise RuntimeError(f"{release.error}: {release.cause}")
    began = min(target.written_at[0] for target in release.targets)
    known = _readable(began)
    whole = max(target.written_at[-1] for target in release.targets)
    split = [target.full_name for target in release.targets if target.writes[-1] != ("1", {})]
    if split:
        raise RuntimeError(f"not restored: {split}")
    return Figure(
        f"failure of one in {count} at 5 %: seconds until all aliases are whole again",
        round(whole - known, 1),
        "s",
        round(TICKS * MINUTE + count / QUOTA, 1),
        f"since its first minute could be read; {whole - began:.0f} s after the first alias shifted",
        command=COMMAND,
    )


def _readable(began: float) -> int:
    """Return when the first minute after a shift can be read."""
    return visible_at(minute_of(int(began)) + MINUTE)


def _spread_thinly(ready: World, count: int) -> Figure:
    """Release so many canaries that are 1 point worse, and one of them alone, to be found as soon as may be."""
    together, alone = (_found(ready, [_slightly_worse(ready) for _ in range(many)]) for many in (count, 1))
    return Figure(
        f"a regression of 1 point on all {count}: ticks until the roll back against one of them alone",
        round(together[0] / alone[0], 2),
        "ratio",
        0.99,
        f"{together[1]} after {together[0]} ticks; one alone {alone[1]} after {alone[0]}",
        command=COMMAND,
    )


def _slightly_worse(ready: World) -> Target:
    """Make a function with a thousand calls a minute, of which the canary has 50."""
    return ready.target().evidence(canary_calls=50, canary_failing=0.02, stable_failing=0.01)


def _found(ready: World, targets: list[Target]) -> tuple[int, str]:
    """Release them; return the ticks until the end, and what that was."""
    release = ready.release(*targets, strategy="guarded", analysis={"on_inconclusive": "promote"}).wait()
    ticks = len(release.results("Compare versions"))
    return ticks, "rolled back" if release.error == "VersionFailed" else release.status.lower()


def in_two_regions() -> Iterator[Figure]:
    """Release in two Regions of two accounts, one after the other; the second one fails."""
    with world() as ready:
        elsewhere, target = Elsewhere.in_europe(ready.cloud), ready.target()
        elsewhere.create(target.name, "broken")
        began = ready.cloud.clock.time()
        release = ready.start(request(target.name, regions_on_failure="rollback"), [target]).wait()
        seconds = ready.cloud.clock.time() - began
        before = [target.state == ("1", {}), elsewhere.version(target.name) == "1"]
        report = load(release.name, ready.ledger(release_partition(release.name)), now=int(ready.cloud.clock.time()))
        told, error = [str(one.stage) for one in report.regions], release.error
        events = len(release.history)
    yield Figure(
        "two Regions in waves, the second fails: Regions as before, and told so in one report",
        sum(before) if told == ["back", "unchanged"] and error == "InitFailed" else 0,
        "Regions",
        2,
        f"{', '.join(told)} after {seconds:.0f} s, and {events} events of the parent",
        at_least=True,
        command=COMMAND,
    )


def _succeeded(release: Release) -> Release:
    if release.wait().status != "SUCCEEDED":
        raise RuntimeError(f"{release.error}: {release.cause}")
    return release


def main() -> int:
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__)
    parser.add_argument("--targets", type=at_least_one, default=100, help="functions of a release")
    parser.add_argument("--releases", type=at_least_one, default=100, help="simulated releases of each situation")
    parser.add_argument("--drains", type=at_least_one, default=200, help="releases that drain on the local cloud")
    options = parser.parse_args()
    figures = chain(
        fleet_judge.measure(options.targets, options.releases),
        fleet_drain.measure(),
        fleet_drained.measure(world(), options.drains),
        fleet_meetings.measure(),
        measure(options.targets),
        in_two_regions(),
    )
    return printed(figures)


if __name__ == "__main__":
    sys.exit(main())
