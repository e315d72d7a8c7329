"""Probes that start a version without an invocation, in a real runtime; the environment is removed on every path."""

import shutil
from typing import Any

import pytest

from localcloud.lambda_ import lifecycle
from tests.workflow.left_behind import assert_nothing_is_left, calls_about
from tests.workflow.releases import Release
from tests.workflow.targets import Target
from tests.workflow.world import World

PROVISION = {"kind": "provision"}
SLOW = 7200.0
"""Seconds in which no environment becomes ready, and in which a release has long ended."""

CHANGES = [
    pytest.param("configured", "stable", {}, "KeyError: 'GREETING'", id="Python"),
    pytest.param(
        "node/broken",
        "node/stable",
        {"runtime": "nodejs20.x", "handler": "index.handler"},
        "Runtime.ImportModuleError: Error: Cannot find module 'a-module-that-nobody-installed'",
        id="Node.js",
        marks=pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed"),
    ),
]


def invocations(world: World, target: Target) -> int:
    return sum(call.function_name == target.name for call in list(world.cloud.invocations))


def provisioning(world: World, target: Target) -> Release:
    """Start a release whose environment is being provisioned, and will be for long."""
    release = world.release(target, probe=PROVISION).reach("Probe")
    look = world.cloud.client("lambda").list_provisioned_concurrency_configs
    while not look(FunctionName=target.name)["ProvisionedConcurrencyConfigs"]:
        world.cloud.clock.sleep(1)
    return release


def test_a_version_that_starts_is_released_without_having_been_invoked(world: World) -> None:
    target = world.target("picky")
    release = world.release(target, probe=PROVISION, strategy="all-at-once").wait()
    assert release.status == "SUCCEEDED", release.cause
    assert release.results("Probe")[-1]["summary"] == f"version 2 of {target.name} starts; it was not invoked"
    assert invocations(world, target) == 0
    assert calls_about(world, target, "PutProvisionedConcurrencyConfig") == 1
    assert_nothing_is_left(world, target, "2")
    kinds = [item["kind"] for item in world.ledger(f"release#{release.name}") if "kind" in item]
    assert [kind.partition("#")[0] for kind in kinds if "#" in kind].count("waiting") == 1


@pytest.mark.parametrize(("canary", "stable", "options", "words"), CHANGES)
def test_a_version_that_does_not_start_fails_with_what_its_log_says(
    world: World, canary: str, stable: str, options: dict[str, Any], words: str
) -> None:
    target = world.target(canary, stable=stable, **options)
    release = world.release(target, probe=PROVISION).wait()
    assert (release.status, release.error) == ("FAILED", "InitFailed")
    assert f"version 2 of {target.name} does not start: {words}" in release.cause
    assert invocations(world, target) == 0
    assert_nothing_is_left(world, target)


def test_an_environment_that_is_never_ready_is_removed_by_the_roll_back(world: World) -> None:
    target = world.target()
    with lifecycle.settling_in(SLOW):
        release = provisioning(world, target).wait()
    assert (release.status, release.error) == ("FAILED", "StillProvisioning")
    assert_nothing_is_left(world, target)


def test_an_environment_of_an_execution_that_was_stopped_is_removed_by_recover(world: World) -> None:
    target = world.target()
    with lifecycle.settling_in(SLOW):
        provisioning(world, target).stop()
        world.recover()
        assert_nothing_is_left(world, target)
        world.recover(later=200)
    assert world.lock(target) is None


def test_an_environment_of_a_superseded_release_is_removed_by_the_next(world: World) -> None:
    target = world.target()
    with lifecycle.settling_in(SLOW):
        first = provisioning(world, target)
        dropping = world.release(target, on_conflict="supersede", probe={"kind": "none"}, strategy="all-at-once").wait()
    assert first.wait().status == "ABORTED"
    assert dropping.status == "SUCCEEDED", dropping.cause
    assert_nothing_is_left(world, target, "2")


def test_provisioned_concurrency_of_somebody_else_is_used_and_stays(world: World) -> None:
    target = world.target()
    client = world.cloud.client("lambda")
    target.publish()
    client.put_provisioned_concurrency_config(
        FunctionName=target.name, Qualifier="2", ProvisionedConcurrentExecutions=1
    )
    release = world.release(target, probe=PROVISION, strategy="all-at-once").wait()
    assert release.status == "SUCCEEDED", release.cause
    assert calls_about(world, target, "DeleteProvisionedConcurrencyConfig") == 0
    assert len(client.list_provisioned_concurrency_configs(FunctionName=target.name)["ProvisionedConcurrencyConfigs"])
