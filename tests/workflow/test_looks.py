"""Looks at the logs soon after a shift: a version that fails is rolled back before its metrics can be read."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from localcloud.cloudwatch import logs
from localcloud.traffic import Traffic
from tests.workflow.releases import Release
from tests.workflow.targets import Target
from tests.workflow.world import World

BEFORE = range(-62, 0)
LATE = 5.0
"""Seconds until a line can be read."""
WHOLE: dict[str, tuple[str, dict[str, float]]] = {"stable": ("1", {}), "released": ("2", {})}


@contextmanager
def called(world: World, target: Target, per_second: float = 10) -> Iterator[Traffic]:
    """Call the target meanwhile, as it was in the hour before; its log is late."""
    target.evidence(minutes=BEFORE, canary_calls=0)
    client = world.cloud.client("lambda")
    before = logs.appear_after(LATE)
    try:
        with Traffic(client, world.cloud.clock, target.full_name, per_second=per_second, threads=3) as traffic:
            yield traffic
    finally:
        logs.appear_after(before)


def seconds(target: Target) -> float:
    """Give how long its alias was split."""
    split, whole = target.written_at[-2:]
    return whole - split


def slots(world: World, release: Release) -> list[Any]:
    items = world.ledger(f"release#{release.name}")
    return [item["rows"] for item in items if item["sk"].startswith("slots#")]


def test_a_version_whose_calls_all_fail_is_rolled_back_within_seconds(world: World) -> None:
    target = world.target("failing")
    with called(world, target) as traffic:
        release = world.release(target).wait()

    assert release.error == "VersionFailed"
    assert "failed in the log" in release.cause
    assert target.state == WHOLE["stable"]
    assert seconds(target) <= 45
    failed = traffic.by_version()["2"]["failed"]
    assert failed <= 45
    assert "Look at logs" in release.states
    assert slots(world, release)
    (judged,) = release.results("Compare versions")
    assert judged["verdict"] == "fail"


def test_a_healthy_version_is_looked_at_and_released_as_ever(world: World) -> None:
    target = world.target()
    with called(world, target, per_second=1):
        soon = {"max_bake": "1m", "on_inconclusive": "promote"}
        release = world.release(target, strategy={"steps": [{"weight": 50, "bake": "1m"}]}, analysis=soon).wait()

    assert target.state == WHOLE["released"]
    (rows,) = slots(world, release)
    read = [sum(calls) for calls in zip(*(row[1:] for row in rows[target.full_name]), strict=True)]
    assert len(rows[target.full_name]) >= 11
    assert read[0] > 0
    assert read[2] > 0
    assert (read[1], read[3]) == (0, 0)


@pytest.mark.parametrize("analysis", [{"fast": False}])
def test_a_request_may_do_without(world: World, analysis: dict[str, Any]) -> None:
    target = world.target().evidence().evidence(minutes=BEFORE, canary_calls=0)
    release = world.release(target, analysis=analysis).wait()

    assert [found["summary"] for found in release.results("Look at logs")] == ["no logs to look at"]
    assert slots(world, release) == []
