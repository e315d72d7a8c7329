"""`tidegate replay` of releases as they were judged on the local cloud."""

import re

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
    said, *minutes = done.out.splitlines()
    assert " roll_back  10 % on 2: " in minutes[-1]
    assert re.fullmatch(r"It would have been rolled back at \d\d:\d\d UTC \(10 %\), as it was\.", said)


def test_a_replay_with_other_settings_may_decide_otherwise(world: World, started: dict[Start, Release]) -> None:
    release = started[failing]
    (_, found, *told) = call(world, "replay", release.name, "--json", "--analysis", '{"min_effect": 0.9}').documents
    assert (found["type"], found["release"]) == ("replay", release.name)
    assert re.fullmatch(
        r"It would not have been rolled back at \d\d:\d\d UTC, but gone on from 10 % at \d\d:\d\d UTC\.",
        found["summary"],
    )
    assert {each["type"] for each in told} == {"replayed"}
    assert "roll_back" not in {each["next"] for each in told}


def test_each_minute_of_a_healthy_release_is_told(world: World, started: dict[Start, Release]) -> None:
    # A larger alpha needs fewer calls for a pass, so a release may finish earlier.
    said, *lines = call(world, "replay", started[fine].name, "--alpha", "0.2").out.splitlines()
    assert len(lines) >= 3
    assert all("0 of " in line for line in lines)
    assert re.fullmatch(r"It would have finished at \d\d:\d\d UTC(, as it did| instead of \d\d:\d\d UTC)\.", said)


def test_what_was_never_judged_is_said(world: World, started: dict[Start, Release]) -> None:
    done = call(world, "replay", started[at_once].name)
    assert (done.code, done.out) == (1, "")
    assert "never split traffic between two versions" in done.err


def test_a_setting_that_cannot_be_is_told_with_its_path(world: World, started: dict[Start, Release]) -> None:
    done = call(world, "replay", started[failing].name, "--alpha", "7")
    assert done.code == 2
    assert "analysis.alpha: must be 0.5 or less, not 7.0; example: --alpha 0.05" in done.err
    assert call(world, "replay", started[failing].name, "--analysis", "{").code == 2
