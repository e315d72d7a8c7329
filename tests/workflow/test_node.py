"""Releases of Node.js functions: nothing in Tidegate knows Python functions only."""

import json
import shutil
import time
from typing import Any

import pytest

from localcloud.traffic import Traffic
from tests.workflow.targets import Target
from tests.workflow.world import TWO_STEPS, World

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")

HALF = {"steps": [{"weight": 50, "bake": "2m"}]}


def node_target(world: World, canary: str) -> Target:
    options: dict[str, Any] = {"runtime": "nodejs20.x", "handler": "index.handler"}
    return world.target(f"node/{canary}", stable="node/stable", **options)


def traffic(world: World, target: Target) -> Traffic:
    return Traffic(world.cloud.client("lambda"), world.cloud.clock, target.full_name, per_second=0.5)


def test_a_healthy_version_is_released_step_by_step(world: World) -> None:
    target = node_target(world, "changed")
    with traffic(world, target) as calls:
        release = world.release(target.evidence(), strategy=TWO_STEPS).wait()
        world.cloud.clock.sleep(10)
    assert release.status == "SUCCEEDED", release.cause
    assert target.writes == [("1", {"2": 0.1}), ("1", {"2": 0.5}), ("2", {})]
    assert {call.outcome for call in calls.calls} == {"ok"}
    assert {call.answer["build"] for call in calls.calls} == {"stable", "changed"}


def test_an_import_error_is_stopped_before_any_request_of_the_alias(world: World) -> None:
    target = node_target(world, "broken")
    with traffic(world, target) as calls:
        release = world.release(target).wait()
    assert (release.status, release.error) == ("FAILED", "InitFailed")
    assert "Runtime.ImportModuleError: Error: Cannot find module 'a-module-that-nobody-installed'" in release.cause
    assert target.requests("2") == 0
    assert {call.outcome for call in calls.calls} == {"ok"}


def test_a_version_failing_three_of_ten_is_rolled_back_and_explained(world: World) -> None:
    target = node_target(world, "flaky")
    with traffic(world, target):
        release = world.release(target, strategy=HALF).wait()
    assert (release.status, release.error) == ("FAILED", "VersionFailed")
    assert target.writes == [("1", {"2": 0.5}), ("1", {})]
    items = world.ledger(f"release#{release.name}")
    (error,) = next(item["errors"] for item in items if item["sk"] == "version-errors")
    assert error["type"] == "RangeError"
    assert error["request_id"] in error["link"]
    assert f"RangeError {error['count']} times in {target.full_name}, for example request" in release.cause
    assert "one of three in ten" not in str(items)


def test_its_clock_leaps_with_the_clouds(world: World) -> None:
    target, clock = node_target(world, "changed"), world.cloud.clock
    client = world.cloud.client("lambda")
    for _ in range(2):
        clock.sleep(86400)
        began = clock.time()
        seen = json.load(client.invoke(FunctionName=target.name)["Payload"])
        assert began - 0.001 <= seen["now"] <= clock.time()
        assert began - time.time() > 80000
        assert 2000 < seen["left"] <= 3000
