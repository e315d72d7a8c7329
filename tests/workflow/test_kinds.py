"""Releases of functions that isolate tenants, and of functions on Lambda Managed Instances."""

from tests.kinds import MANAGED, TENANTS
from tests.workflow.world import ONE_STEP, World


def test_versions_with_tenants_and_on_managed_instances_are_probed_and_released_together(world: World) -> None:
    tenants, managed = world.target(settings=TENANTS).evidence(), world.target(settings=MANAGED).evidence()
    targets = [
        {"function": tenants.name, "probe": {"tenant": "release-check", "payload": {}, "expect": {"ok": True}}},
        {"function": managed.name, "probe": {"payload": {}, "expect": {"ok": True}}},
    ]
    request = {"targets": targets, "strategy": ONE_STEP, "analysis": {"after": {"on_worse": "ignore"}}}
    release = world.start(request, [tenants, managed]).wait()
    assert release.status == "SUCCEEDED", release.cause
    assert [tenants.writes, managed.writes] == [[("1", {"2": 0.1}), ("2", {})]] * 2
    settled = [result["summary"] for result in release.results("Settle")]
    starts = "Lambda starts its first execution environments on managed instances, which takes minutes"
    assert f"version 2 of {managed.name} is Pending: {starts}" in settled


def test_a_release_without_a_tenant_is_refused_before_anything_is_published(world: World) -> None:
    target = world.target(settings=TENANTS)
    release = world.release(target).wait()
    assert (release.error, target.versions) == ("InvalidRequest", ["1"])
    assert release.cause.startswith(f"probe.tenant: {target.name} isolates tenants, and Lambda refuses an invocation")
