"""A release of two Regions in two accounts: each by its own stack, reached through a role."""

import pytest

from tests.workflow.elsewhere import OTHER, Elsewhere, request, stages
from tests.workflow.releases import eventually
from tests.workflow.world import ONE_STEP, World


@pytest.fixture(scope="session")
def elsewhere(world: World) -> Elsewhere:
    return Elsewhere.in_europe(world.cloud)


def changes(world: World, name: str) -> list[str]:
    events = [item for item in world.ledger(f"release#{name}") if item.get("kind", "").startswith("region-changed#")]
    return [f"{item['kind'].partition('#')[2].partition('/')[0]} {item['stage']}" for item in events]


def test_when_the_second_region_fails_both_are_as_before_and_one_record_says_so(
    world: World, elsewhere: Elsewhere
) -> None:
    here = world.target()
    elsewhere.create(here.name, "broken")
    release = world.start(request(here.name, regions_on_failure="rollback"), [here]).wait()
    assert (here.state, elsewhere.version(here.name)) == (("1", {}), "1"), release.cause
    assert [version for version, _ in here.writes].count("2") == 1, "it was released, then taken back"
    assert stages(world, release.name) == [("us-east-1", "back"), ("eu-west-1", "unchanged")]
    assert changes(world, release.name) == [
        "eu-west-1 checked",
        "us-east-1 releasing",
        "eu-west-1 releasing",
        "us-east-1 released",
        "eu-west-1 unchanged",
        "us-east-1 going-back",
        "us-east-1 back",
    ]
    assert (release.status, release.error) == ("FAILED", "InitFailed")
    assert release.cause.startswith(f"eu-west-1 ({OTHER}): version 2 of {here.name} does not start")
    assert "us-east-1 (123456789012) is back on the versions before" in release.cause
    assert (world.record(release) or {})["ended"] == "rolled-back"
    assert [lock for lock in world.ledger("locks") if lock["release"] == release.name] == []


def test_a_region_whose_release_is_stopped_by_somebody_ends_the_release(world: World, elsewhere: Elsewhere) -> None:
    here = world.target()
    elsewhere.create(here.name, "changed")
    release = world.start(request(here.name, strategy=ONE_STEP), [here])
    world.started(f"{release.name}-us-east-1", here).reach("Bake").stop()
    with world.recovering():
        release.wait()
        world.unlocked(here)
    assert (here.state, elsewhere.version(here.name)) == (("1", {}), "1")
    assert stages(world, release.name) == [("us-east-1", "unchanged"), ("eu-west-1", "checked")]
    assert (release.status, release.error) == ("FAILED", "recovered")


def test_recover_ends_a_release_of_regions_that_is_stopped_and_those_under_way(
    world: World, elsewhere: Elsewhere
) -> None:
    here = world.target()
    elsewhere.create(here.name, "changed")
    release = world.start(request(here.name, strategy=ONE_STEP), [here])
    there = world.started(f"{release.name}-us-east-1", here).reach("Bake")
    release.stop()
    with world.recovering():
        eventually(lambda: (world.record(release) or {}).get("ended"), f"the end of {release.name}")
        world.unlocked(here)
    assert there.status == "ABORTED"
    assert here.state == ("1", {})
    assert stages(world, release.name) == [("us-east-1", "unchanged"), ("eu-west-1", "checked")]
    assert [lock for lock in world.ledger("locks") if lock["release"] == release.name] == []
