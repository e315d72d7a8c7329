"""Old versions that still run after a promotion, and the event that says that none does any more."""

import json
from typing import Any

from tests.workflow.releases import Release, eventually
from tests.workflow.world import APPROVES, World

AGE = 60


def milestones(world: World, release: Release, kind: str) -> list[dict[str, Any]]:
    return [item for item in world.ledger(f"release#{release.name}") if item.get("kind") == kind]


def test_two_functions_are_drained_when_neither_old_version_can_run_any_more(world: World) -> None:
    """A call of a minute that is not visible yet, an asynchronous event, another alias on the old version."""
    slow, kept, hook = world.target(timeout=60), world.target(), world.asked(APPROVES)
    client, clock = world.cloud.client("lambda"), world.cloud.clock
    client.put_function_event_invoke_config(FunctionName=slow.name, Qualifier="live", MaximumEventAgeInSeconds=AGE)
    client.invoke(FunctionName=slow.full_name, InvocationType="Event", Payload=b"{}")
    client.create_alias(FunctionName=kept.name, Name="beta", FunctionVersion="1")
    release = world.release(slow, kept, strategy="all-at-once", drain={}, hooks={"after_promotion": hook.name})
    release.reach("Bake at full traffic")
    assert release.states[-3:] == ["Run hooks", "What next?", "Bake at full traffic"], "hooks do not wait for the drain"
    began = int(clock.time())
    world.cloud.metrics.put_invocations(
        slow.name, "live", "1", began, invocations=1, durations=[60_000], visible_at=began + 60
    )
    assert world.lock(slow) is None, "a drain keeps nobody from the next release"
    assert (world.record(release) or {})["ended"] == "released"
    release.reach("Look back")
    (said,) = eventually(lambda: milestones(world, release, "draining"), "a check")
    assert f"{kept.name}:beta routes 100 % of its calls to it" in said["summary"]
    client.delete_alias(FunctionName=kept.name, Name="beta")
    release.wait()
    assert (release.status, release.output["outcome"]) == ("SUCCEEDED", "released")
    assert ". Drained: version 1 of " in release.output["summary"]
    (told,) = milestones(world, release, "drained")
    last = {each["target"]: each["last"] for each in told["targets"]}
    assert last[slow.full_name] == began - began % 60
    assert told["at"] >= began + 60 + AGE + 60


def test_a_release_that_goes_back_to_the_old_version_is_seen_by_the_watch(world: World) -> None:
    target = world.target()
    first = world.release(target, strategy="all-at-once", drain={"watch": True, "limit": "20m"})
    first.reach("Bake at full traffic")
    back = world.start({"function": target.name, "version": 1, "strategy": "all-at-once"}, [target]).wait()
    assert back.status == "SUCCEEDED", back.cause
    first.wait()
    (told,) = milestones(world, first, "not-drained")
    assert told["targets"][0]["still"].endswith(f"{target.full_name} routes 100 % of its calls to it")
    assert json.loads(first.description["output"])["summary"].endswith("routes 100 % of its calls to it")
