"""What random faults found: each a way in which a release was not what its record or its execution said."""

import pytest

from localcloud.faults import Effect, Fault
from tests.workflow.releases import Release
from tests.workflow.world import World

AFTER_THE_LONGEST_STEP = 200


@pytest.mark.parametrize("action", ["PutItem", "TransactWriteItems"])
def test_a_plan_that_dies_leaves_no_record_open(action: str, world: World) -> None:
    """It wrote the record before the locks; with no lock, recover never came to close it."""
    name = world.next_name()
    fault = Fault("dynamodb", action, Effect.KILL_AFTER, role="PlanFunction", body=name, times=None)
    world.cloud.faults.add(fault)
    release = world.release(world.target(), name=name).wait()
    assert release.states[-1] == "Refused"
    _recover(world)
    assert (world.record(release) or {}).get("ended") == "recovered"
    assert world.lock(release.target) is None


def test_a_name_that_is_on_record_is_not_taken_again(world: World) -> None:
    target, other, name = world.target(), world.target(), world.next_name()
    assert world.call("Plan", world.plan_event(target, name, world.execution(name)))["next"] == "prepare"
    again = world.call("Plan", world.plan_event(other, name, world.execution(name) + "-of-another-machine"))
    assert again["errorType"] == "ReleaseExists"
    assert world.lock(other) is None
    assert "ended" not in next(item for item in world.ledger(f"release#{name}") if item["sk"] == "record")
    world.recover(later=6 * 60)
    world.recover(later=6 * 60 + AFTER_THE_LONGEST_STEP)


def test_recover_that_cannot_write_its_event_writes_it_later(world: World) -> None:
    release = world.release(world.target(), strategy="canary-10-5m").reach("Bake")
    refused = Fault("dynamodb", "PutItem", Effect.FAIL, role="RecoverFunction", body=release.name, times=None)
    injected = world.cloud.faults.add(refused)
    release.stop()
    assert world.recover()["errorType"] == "RollBackIncomplete"
    assert release.target.state == ("1", {})
    world.cloud.faults.remove(injected)
    _recover(world)
    assert "recovered" in _kinds(world, release)
    assert (world.record(release) or {}).get("ended") == "recovered"


def _kinds(world: World, release: Release) -> set[str]:
    return {item["kind"] for item in world.ledger(f"release#{release.name}") if "kind" in item}


def _recover(world: World) -> None:
    for later in (0, AFTER_THE_LONGEST_STEP, 2 * AFTER_THE_LONGEST_STEP):
        world.recover(later=later)
