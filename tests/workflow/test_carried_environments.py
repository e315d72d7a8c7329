"""Provisioned environments of the old version: the new version has as many before traffic, the old one none after."""

from dataclasses import replace
from typing import Any

import pytest

from localcloud.lambda_ import lifecycle
from tests.workflow.targets import Target
from tests.workflow.world import FUNCTIONS, ONE_STEP, World

PROVISION = {"kind": "provision"}
SLOW = 7200.0
"""Seconds in which no environment becomes ready, and in which a release has long ended."""


def environments(world: World, target: Target) -> dict[str, tuple[int, str]]:
    """Give how many environments each version and alias has been given, and their status."""
    found = world.cloud.client("lambda").list_provisioned_concurrency_configs(FunctionName=target.name)
    return {
        each["FunctionArn"].rpartition(":")[2]: (each["RequestedProvisionedConcurrentExecutions"], each["Status"])
        for each in found["ProvisionedConcurrencyConfigs"]
    }


def provisioned(world: World, canary: str = "changed") -> Target:
    """Create a function whose version 1 has two provisioned environments."""
    target = world.target(canary)
    world.cloud.client("lambda").put_provisioned_concurrency_config(
        FunctionName=target.name, Qualifier="1", ProvisionedConcurrentExecutions=2
    )
    return target


@pytest.mark.parametrize("probe", [{"payload": {}}, PROVISION], ids=["invoke", "provision"])
def test_environments_are_ready_before_traffic_and_removed_from_the_old_version_after_it(
    world: World, probe: Any
) -> None:
    target = provisioned(world)
    release = world.release(target.evidence(), probe=probe, strategy=ONE_STEP).reach("Shift traffic")
    assert environments(world, target)["2"] == (2, "READY")
    assert environments(world, target)["1"][0] == 2
    assert release.wait().status == "SUCCEEDED", release.cause
    assert environments(world, target) == {"2": (2, "READY")}
    said = f"the 2 provisioned environments of version 1 of {target.name} are removed; as many belong to version 2 now"
    assert said in release.output["summary"]
    assert (
        f"provisioned environments that go with it: 2 of version 1 of {target.full_name}"
        in release.results("Plan")[0]["summary"]
    )
    probes = [call for call in list(world.cloud.invocations) if call.function_name == target.name and not call.alias]
    assert len(probes) == (probe is not PROVISION)
    assert world.lock(target) is None


def test_the_way_back_waits_for_no_environments(world: World) -> None:
    target = provisioned(world)
    assert world.release(target, strategy="all-at-once", probe={"kind": "none"}).wait().status == "SUCCEEDED"
    with lifecycle.settling_in(SLOW):
        after = {"after": {"bake": "1m", "on_worse": "rollback"}}
        back = world.release(target, version="1", strategy="all-at-once", analysis=after).wait()
    assert back.status == "SUCCEEDED", back.cause
    assert "going back does not wait for them" in back.results("Probe")[-1]["summary"]
    assert list(environments(world, target)) == ["1"]


def test_a_roll_back_removes_those_of_the_new_version_alone(world: World) -> None:
    """Of a version that does not start, which nothing has invoked before."""
    target = provisioned(world, "broken")
    release = world.release(target, probe={"kind": "none"}).wait()
    assert (release.status, release.error) == ("FAILED", "InitFailed")
    assert list(environments(world, target)) == ["1"]
    assert world.lock(target) is None


def test_recover_removes_those_of_the_new_version_alone(world: World) -> None:
    target = provisioned(world)
    with lifecycle.settling_in(SLOW):
        release = world.release(target, probe={"kind": "none"}).reach("Probe")
        while "2" not in environments(world, target):
            world.cloud.clock.sleep(1)
        release.stop()
        world.recover()
        assert list(environments(world, target)) == ["1"]
        world.recover(later=200)
    assert world.lock(target) is None


def test_those_that_another_alias_uses_stay(world: World) -> None:
    target = provisioned(world)
    world.cloud.client("lambda").create_alias(FunctionName=target.name, Name="beta", FunctionVersion="1")
    release = world.release(target, strategy="all-at-once").wait()
    assert release.status == "SUCCEEDED", release.cause
    assert set(environments(world, target)) == {"1", "2"}
    assert f"of version 1 of {target.name} stay, because beta uses that version" in release.output["summary"]


@pytest.mark.parametrize("wanted", ["released", "rolled back"])
def test_two_aliases_of_a_function_carry_those_of_both_their_versions(world: World, wanted: str) -> None:
    live = provisioned(world)
    client, beta = world.cloud.client("lambda"), replace(live, alias="beta")
    version = beta.publish()
    client.create_alias(FunctionName=live.name, Name="beta", FunctionVersion=version)
    client.put_provisioned_concurrency_config(
        FunctionName=live.name, Qualifier=version, ProvisionedConcurrentExecutions=1
    )
    world.cloud.update_code(live.name, FUNCTIONS / "stable")
    release = world.release(live, beta, strategy=ONE_STEP).reach("Shift traffic")
    assert environments(world, live) == {"1": (2, "READY"), "2": (1, "READY"), "3": (3, "READY")}
    if wanted == "released":
        assert release.wait().status == "SUCCEEDED", release.cause
        assert environments(world, live) == {"3": (3, "READY")}
    else:
        release.stop()
        world.recover()
        assert environments(world, live) == {"1": (2, "READY"), "2": (1, "READY")}
        world.recover(later=200)
    assert (world.lock(live), world.lock(beta)) == (None, None)
