"""A release of two Regions in two accounts: each by its own stack, reached through a role."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.workflow.deployed import EVERYTHING
from tests.workflow.elsewhere import BUS, EUROPE, OTHER, Elsewhere, request, stages
from tests.workflow.releases import Release, eventually
from tests.workflow.world import ONE_STEP, World


@pytest.fixture(scope="session")
def elsewhere(world: World) -> Elsewhere:
    return Elsewhere.in_europe(world.cloud)


def changes(world: World, name: str) -> list[str]:
    """Give how its Regions ended; of what comes within a second before, the ledger keeps one."""
    events = [item for item in world.ledger(f"release#{name}") if item.get("kind", "").startswith("region-changed#")]
    told = [f"{item['kind'].partition('#')[2].partition('/')[0]} {item['stage']}" for item in events]
    return [each for each in told if each.endswith((" released", " unchanged", " back"))]


def waits(release: Release) -> list[str]:
    """Give how each wait for a Region ended: by an event, or by the time of the next look."""
    ends = {"TaskSucceeded": "event", "TaskTimedOut": "time", "TaskFailed": "event before"}
    tasks = {"taskSucceededEventDetails", "taskTimedOutEventDetails", "taskFailedEventDetails"}
    found = [(each["type"], each[name]) for each in release.history for name in tasks & set(each)]
    return [ends[kind] for kind, details in found if details["resourceType"].startswith("aws-sdk")]


@contextmanager
def events_lost(world: World) -> Iterator[None]:
    """Let no stack tell of the end of a release here."""
    rule = {"Name": world.stack.resources["TellOfEnds"], "EventBusName": EVERYTHING["EventBusName"]}
    world.cloud.client("events").disable_rule(**rule)
    yield
    world.cloud.client("events").enable_rule(**rule)


def pretend(world: World, release: Release, execution: str) -> None:
    """Say that the release of a Region has ended, as whoever may send events from this account can."""
    detail = {"execution": execution, "labels": {"parent": release.arn}}
    entry = {"Source": "tidegate", "DetailType": "Release Finished", "EventBusName": BUS, "Detail": json.dumps(detail)}
    world.cloud.client("events").put_events(Entries=[entry])


def test_when_the_second_region_fails_both_are_as_before_and_one_record_says_so(
    world: World, elsewhere: Elsewhere
) -> None:
    here = world.target()
    elsewhere.create(here.name, "broken")
    release = world.start(request(here.name, regions_on_failure="rollback"), [here]).wait()
    assert (here.state, elsewhere.version(here.name)) == (("1", {}), "1"), release.cause
    assert [version for version, _ in here.writes].count("2") == 1, "it was released, then taken back"
    assert stages(world, release.name) == [("us-east-1", "back"), ("eu-west-1", "unchanged")]
    assert changes(world, release.name) == ["us-east-1 released", "eu-west-1 unchanged", "us-east-1 back"]
    assert "event" in waits(release), "it did not wait for its next look"
    eventually(lambda: world.ledger(f"wake#{release.name}")[0]["wakes"] == 3, "an event of each release, from both")
    assert (release.status, release.error) == ("FAILED", "InitFailed")
    assert release.cause.startswith(f"eu-west-1 ({OTHER}): version 2 of {here.name} does not start")
    assert "us-east-1 (123456789012) is back on the versions before" in release.cause
    assert (world.record(release) or {})["ended"] == "rolled-back"
    assert [lock for lock in world.ledger("locks") if lock["release"] == release.name] == []


def test_a_region_whose_release_is_stopped_by_somebody_ends_the_release(world: World, elsewhere: Elsewhere) -> None:
    """Also if no event tells of it, and forged ones tell of another end."""
    here = world.target()
    elsewhere.create(here.name, "changed")
    with events_lost(world):
        release = world.start(request(here.name, strategy=ONE_STEP), [here])
        there = world.started(f"{release.name}-us-east-1", here).reach("Bake")
        for execution in (there.arn, there.arn, there.arn.replace("us-east-1:", "eu-west-1:"), f"{there.arn}-other"):
            pretend(world, release, execution)
        eventually(lambda: world.ledger(f"wake#{release.name}")[0]["wakes"], "the event")
        there.stop()
        with world.recovering():
            release.wait()
            world.unlocked(here)
    assert (world.ledger(f"wake#{release.name}")[0]["wakes"], waits(release)[-1]) == (1, "time")
    assert (here.state, elsewhere.version(here.name)) == (("1", {}), "1")
    assert stages(world, release.name) == [("us-east-1", "unchanged"), ("eu-west-1", "checked")]
    assert (release.status, release.error) == ("FAILED", "recovered")


def test_recover_ends_a_release_of_regions_that_is_stopped_and_those_under_way(
    world: World, elsewhere: Elsewhere
) -> None:
    here = world.target()
    elsewhere.create(here.name, "changed")
    both = request(here.name, strategy=ONE_STEP, regions=[["us-east-1", EUROPE]])
    release = world.start(both, [here])
    there = world.started(f"{release.name}-us-east-1", here).reach("Bake")
    assert stages(world, release.name) == [("us-east-1", "releasing"), ("eu-west-1", "releasing")]
    release.stop()
    elsewhere.recover(on=True)
    with world.recovering():
        eventually(lambda: (world.record(release) or {}).get("ended"), f"the end of {release.name}")
        world.unlocked(here)
    elsewhere.recover(on=False)
    assert there.status == "ABORTED"
    assert (here.state, elsewhere.version(here.name)) == (("1", {}), "1")
    assert stages(world, release.name) == [("us-east-1", "unchanged"), ("eu-west-1", "unchanged")]
    assert [lock for lock in world.ledger("locks") if lock["release"] == release.name] == []
