"""Old versions after a release: deleted where that was asked for, and never one that something may use."""

from collections.abc import Collection
from typing import Any

from localcloud.clock import Pool
from localcloud.faults import Effect, Fault
from localcloud.lambda_.backend import backend_of
from tests.workflow.releases import PATIENCE, Release, eventually
from tests.workflow.targets import Target
from tests.workflow.world import World

DAY = 86_400
LONG_AGO = "2020-01-01T00:00:00.000+0000"


def _with_versions(world: World, count: int, *, young: Collection[str] = ()) -> Target:
    """Give a target whose alias serves version 1 of so many, all of them old but the young ones."""
    target = world.target()
    client = world.cloud.client("lambda")
    for number in range(2, count + 1):
        client.update_function_configuration(FunctionName=target.name, Timeout=number + 2)
        target.settled()
        assert target.publish() == str(number)
    client.update_function_configuration(FunctionName=target.name, Timeout=100)
    target.settled()
    for name, version in backend_of("123456789012", "us-east-1").functions.find(target.name).versions.items():
        if name not in young:
            version.last_modified = LONG_AGO
    return target


def _pruned(world: World, release: Release) -> dict[str, Any]:
    """Give what the release's record says of its pruning."""
    items = [item for item in world.ledger(f"release#{release.name}") if item.get("kind") == "pruned"]
    return items[-1] if items else {}


def _prune(world: World, release: Release) -> Any:
    return world.call("Prune", {"time": world.time(), "detail": {"name": release.name}})


def _names(target: Target, *versions: int) -> list[str]:
    return [f"{target.name}:{version}" for version in versions]


def test_after_a_release_old_versions_go_but_none_that_something_may_use(world: World) -> None:
    target = _with_versions(world, 9, young={"6"})
    client = world.cloud.client("lambda")
    routing = {"AdditionalVersionWeights": {"4": 0.5}}
    client.create_alias(FunctionName=target.name, Name="beta", FunctionVersion="3", RoutingConfig=routing)
    client.put_provisioned_concurrency_config(
        FunctionName=target.name, Qualifier="5", ProvisionedConcurrentExecutions=1
    )
    with world.pruning():
        release = world.release(target, strategy="all-at-once", keep=2).wait()
        assert target.state == ("10", {})
        said = eventually(lambda: _pruned(world, release), "it was pruned")
    assert said["deleted"] == _names(target, 2, 7, 8)
    assert said["summary"] == f"deleted {', '.join(_names(target, 2, 7, 8))}"
    assert target.versions == ["1", "3", "4", "5", "6", "9", "10"], "1 is the way back"


def test_a_deployment_that_keeps_many_deletes_nothing_unless_a_request_says_so(world: World) -> None:
    target = _with_versions(world, 4)
    release = world.release(target, strategy="all-at-once").wait()
    assert _prune(world, release) == {"deleted": []}
    assert target.versions == ["1", "2", "3", "4", "5"]
    assert _pruned(world, release) == {}


def test_what_a_running_release_is_about_to_use_is_kept(world: World) -> None:
    target = _with_versions(world, 4)
    before = world.release(target, strategy="all-at-once", keep=1).wait()
    held = world.cloud.faults.add(
        Fault("lambda", "GetAlias", Effect.HOLD, role="ShiftFunction", resource=target.name, times=None)
    )
    running = world.release(target, version=3)
    assert held.waiting.wait(PATIENCE)
    assert _prune(world, before) == {"deleted": _names(target, 2, 4)}
    assert target.versions == ["1", "3", "5"]
    held.release()
    running.reach("Bake").stop()
    world.recover()
    world.recover(later=200)


def test_a_version_that_an_alias_has_come_to_use_meanwhile_is_left_and_said(world: World) -> None:
    target = _with_versions(world, 4)
    release = world.release(target, strategy="all-at-once", keep=1).wait()
    client = world.cloud.client("lambda")
    held = world.cloud.faults.add(
        Fault("lambda", "DeleteFunction", Effect.HOLD, role="PruneFunction", resource=f"{target.name}:2")
    )
    with Pool(1) as pool:
        answer = pool.submit(_prune, world, release)
        assert held.waiting.wait(PATIENCE)
        client.create_alias(FunctionName=target.name, Name="late", FunctionVersion="2")
        held.release()
        assert answer.result() == {"deleted": _names(target, 3, 4)}
    assert target.versions == ["1", "2", "5"]
    assert _pruned(world, release)["left"] == _names(target, 2)
    assert _pruned(world, release)["summary"].endswith(f"left {target.name}:2, which an alias now uses")


def test_a_run_deletes_twenty_versions_and_the_next_one_goes_on(world: World) -> None:
    target = _with_versions(world, 24)
    release = world.release(target, strategy="all-at-once", keep=1).wait()
    assert _prune(world, release)["deleted"] == _names(target, *range(2, 22))
    assert _prune(world, release)["deleted"] == _names(target, 22, 23, 24)
    assert _prune(world, release) == {"deleted": []}
    assert target.versions == ["1", "25"]


def test_what_was_deleted_before_a_call_failed_is_written_down(world: World) -> None:
    target = _with_versions(world, 4)
    release = world.release(target, strategy="all-at-once", keep=1).wait()
    world.cloud.faults.add(
        Fault("lambda", "DeleteFunction", Effect.FAIL, role="PruneFunction", resource=f"{target.name}:3", times=None)
    )
    assert _prune(world, release)["errorType"] == "AwsBusy"
    assert _pruned(world, release)["deleted"] == _names(target, 2)


def test_what_was_not_promoted_has_nothing_pruned(world: World) -> None:
    target = _with_versions(world, 4)
    dry = world.release(target, dry_run=True, keep=1).wait()
    assert dry.status == "SUCCEEDED"
    broken = world.target("broken")
    failed = world.release(broken, keep=1).wait()
    assert (_prune(world, dry), _prune(world, failed)) == ({"deleted": []}, {"deleted": []})
    assert target.versions == ["1", "2", "3", "4"]
