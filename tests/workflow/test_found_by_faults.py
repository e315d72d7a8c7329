"""What random faults found: each a way in which a release was not what its record or its execution said."""

import pytest

from localcloud.clock import Pool
from localcloud.faults import Effect, Fault, Injected
from tests.workflow.releases import PATIENCE, Release, eventually
from tests.workflow.world import World

AFTER_THE_LONGEST_STEP = 200


@pytest.mark.parametrize("action", ["PutItem", "TransactWriteItems"])
def test_a_plan_that_dies_leaves_no_record_open(action: str, world: World) -> None:
    """It wrote the record before the locks; with no lock, recover never came. Later it was called recovered."""
    name = world.next_name()
    fault = Fault("dynamodb", action, Effect.KILL_AFTER, role="PlanFunction", body=name, times=None)
    world.cloud.faults.add(fault)
    release = world.release(world.target(), name=name).wait()
    assert release.states[-1] == "Refused"
    _recover(world)
    record = world.record(release) or {}
    assert record.get("ended") == "refused"
    assert "The release did not start and moved no alias" in record["outcome"]
    assert "recovered" not in _kinds(world, release)
    assert world.lock(release.target) is None


def test_a_name_that_is_on_record_is_not_taken_again(world: World) -> None:
    target, other, name = world.target(), world.target(), world.next_name()
    assert world.call("Plan", world.plan_event(target, name, world.execution(name)))["next"] == "prepare"
    again = world.call("Plan", world.plan_event(other, name, world.execution(name) + "-of-another-machine"))
    assert again["errorType"] == "ReleaseExists"
    assert world.lock(other) is None
    assert "ended" not in next(item for item in world.ledger(f"release#{name}") if item["sk"] == "record")


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


def test_many_runs_of_recover_at_once_leave_the_work_to_one_another(world: World) -> None:
    """They raised the lock's generation against each other, failed, and were tried again, the more the slower."""
    release = world.release(world.target(), world.target(), strategy="canary-10-5m").reach("Bake")
    release.stop()
    with Pool(8) as pool:
        answers = list(pool.map(lambda _: world.recover(), range(8)))
    assert [answer for answer in answers if "errorType" in answer] == []
    for target in release.targets:
        assert target.state == ("1", {})
        assert len(target.writes) - 1 < len(answers) / 2  # one that begins later may find the first still at it


def test_the_end_of_one_execution_has_recover_look_at_that_release_alone(world: World) -> None:
    ended, other = (world.release(world.target(), strategy="canary-10-5m").reach("Bake") for _ in range(2))
    for release in (ended, other):
        release.stop()
    world.call("Recover", {"time": world.time(), "detail": {"executionArn": ended.arn}})
    assert (ended.target.state, other.target.state) == (("1", {}), ("1", {"2": 0.1}))
    world.recover()
    assert other.target.state == ("1", {})


def test_a_version_that_failed_is_remembered_though_its_verdict_could_not_be_told(world: World) -> None:
    """Compare noted whom to blame, and died before it could say so; the roll back then knew of no failed version."""
    target = world.target().evidence(canary_failing=0.3)
    untold = Fault("dynamodb", "PutItem", Effect.FAIL, role="CompareFunction", body="#judged", times=None)
    injected = world.cloud.faults.add(untold)
    release = world.release(target).wait()
    world.cloud.faults.remove(injected)
    assert release.states[-2:] == ["Rolled back?", "Rolled back"]
    assert (release.error, target.state) == ("VersionFailed", ("1", {}))
    assert "failed" in (world.record(release) or {})["outcome"]
    assert world.rolled_back(target) == ["2"]


def _failing_and_stopped(world: World) -> tuple[Release, Injected]:
    """Give a release that was stopped while Compare was about to note whom to blame, and that call."""
    target, name = world.target().evidence(canary_failing=0.3), world.next_name()
    held = world.cloud.faults.add(Fault("dynamodb", "UpdateItem", Effect.HOLD, role="CompareFunction", body=name))
    release = world.release(target, name=name)
    assert held.waiting.wait(PATIENCE)
    release.stop()
    return release, held


def test_a_verdict_that_comes_after_its_release_was_undone_changes_nothing(world: World) -> None:
    """The record then blamed a version that nothing else remembered."""
    release, held = _failing_and_stopped(world)
    _recover(world)
    recovered = world.record(release)
    late = _statuses(world)
    held.release()
    assert eventually(lambda: _statuses(world)[len(late) :], "the late verdict") == [400]
    assert world.record(release) == recovered


def test_a_verdict_that_comes_while_recover_looks_is_remembered(world: World) -> None:
    """Recover read the record before it said that it undoes the release, and missed what was written in between."""
    release, held = _failing_and_stopped(world)
    turn = Fault("dynamodb", "UpdateItem", Effect.HOLD, role="RecoverFunction", body=release.name)
    turning = world.cloud.faults.add(turn)
    with Pool(1) as pool:
        recovering = pool.submit(world.recover)
        assert turning.waiting.wait(PATIENCE)
        held.release()
        eventually(lambda: "blame" in (world.record(release) or {}), "the verdict")
        turning.release()
        assert "recovered" in recovering.result()
    assert world.rolled_back(release.target) == ["2"]


def _statuses(world: World) -> list[int]:
    calls = [call for call in list(world.cloud.calls) if call.action == "UpdateItem"]
    return [call.status for call in calls if "CompareFunction" in (call.caller_role or "")]


def _kinds(world: World, release: Release) -> set[str]:
    return {item["kind"] for item in world.ledger(f"release#{release.name}") if "kind" in item}


def _recover(world: World) -> None:
    for later in (0, AFTER_THE_LONGEST_STEP, 2 * AFTER_THE_LONGEST_STEP):
        world.recover(later=later)
