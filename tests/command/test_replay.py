"""`tidegate replay` of releases as they were judged on the local cloud."""

import pytest

from tests.command.calling import call
from tests.workflow.releases import Release
from tests.workflow.world import ONE_STEP, Start, World


def failing(world: World) -> Release:
    return world.release(world.target().evidence(canary_failing=0.3), strategy=ONE_STEP)


def fine(world: World) -> Release:
    return world.release(world.target().evidence(), strategy={"steps": [{"weight": 10, "bake": "3m"}]})


def at_once(world: World) -> Release:
    return world.release(world.target(), strategy="all-at-once")


@pytest.fixture(scope="module")
def started(world: World) -> dict[Start, Release]:
    found = world.start_all(failing, fine, at_once)
    for release in found.values():
        release.wait()
    return found


def test_a_replay_decides_as_the_release_did(world: World, started: dict[Start, Release]) -> None:
    release = started[failing]
    done = call(world, "replay", release.name)
    assert done.code == 0, done.err
    first, last = done.out.splitlines()[0], done.out.splitlines()[-1]
    assert " roll_back  10 % on 2: " in first
    assert last == "The replay rolls it back. Actual outcome: rolled-back."


def test_a_replay_with_other_settings_may_decide_otherwise(world: World, started: dict[Start, Release]) -> None:
    release = started[failing]
    (_, *told) = call(world, "replay", release.name, "--json", "--analysis", '{"min_effect": 0.9}').documents
    assert {each["type"] for each in told} == {"replayed"}
    assert "roll_back" not in {each["next"] for each in told}


def test_each_minute_of_a_healthy_release_is_told(world: World, started: dict[Start, Release]) -> None:
    lines = call(world, "replay", started[fine].name, "--alpha", "0.2").out.splitlines()
    assert len(lines) > 3
    assert all("0 of " in line for line in lines[:-1])
    assert lines[-1] == "The replay does not roll it back. Actual outcome: released."


def test_what_was_never_judged_is_said(world: World, started: dict[Start, Release]) -> None:
    done = call(world, "replay", started[at_once].name)
    assert (done.code, done.out) == (1, "")
    assert "never split traffic between two versions" in done.err


def test_a_setting_that_cannot_be_is_told_with_its_path(world: World, started: dict[Start, Release]) -> None:
    done = call(world, "replay", started[failing].name, "--alpha", "7")
    assert done.code == 6
    assert "analysis.alpha: " in done.err
    assert call(world, "replay", started[failing].name, "--analysis", "{").code == 2
