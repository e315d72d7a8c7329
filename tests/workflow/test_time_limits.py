"""How long a release may take, and how long its aliases may stay split once nobody is at work on it."""

import math
from itertools import cycle

from localcloud.faults import EventFault
from localcloud.lambda_ import lifecycle
from tests.workflow.releases import Release, eventually
from tests.workflow.world import World
from tidegate.domain.events.timeline import story

WHOLE: tuple[str, dict[str, float]] = ("1", {})
MINUTE = 60
AFTER_EVERY_DEADLINE = 5 * 24 * 60 * MINUTE
SHORT_HOLD = {"max_bake": "1m", "on_inconclusive": "hold", "max_hold": "2m", "on_idle": "hold"}
TWO_STEPS = {"steps": [{"weight": 10, "bake": "1m"}, {"weight": 50, "bake": "1m"}]}


def _baking(world: World) -> Release:
    return world.release(world.target(), strategy="canary-10-5m").reach("Bake")


def test_an_aborted_release_is_whole_within_two_minutes_also_when_its_event_is_lost(world: World) -> None:
    heard, unheard = _baking(world), _baking(world)
    world.cloud.faults.add_event(EventFault(unheard.name, "ABORTED", deliveries=()))
    with world.recovering():
        stopped = world.cloud.clock.time()
        for release in (heard, unheard):
            release.stop()
        for release in (heard, unheard):
            eventually(lambda: release.target.state == WHOLE, f"{release.name} whole")  # noqa: B023 - called at once
    for release in (heard, unheard):
        assert release.target.written_at[1] - stopped <= 2 * MINUTE


def test_compare_keeps_the_deadline_too(world: World) -> None:
    release = _baking(world)
    late = {"release": release.name, "now": world.time(AFTER_EVERY_DEADLINE), "step": 0}
    answer = world.call("Compare", late)
    assert (answer["next"], answer["reason"]["error"]) == ("roll_back", "DeadlinePassed")


def test_an_execution_far_past_its_deadline_is_stopped_and_undone(world: World) -> None:
    release = _baking(world)
    world.recover(later=AFTER_EVERY_DEADLINE)
    release.wait()
    assert (release.status, release.error) == ("ABORTED", "DeadlinePassed")
    assert release.target.state == WHOLE


def test_a_hold_that_nobody_decided_goes_on_where_the_request_says_so(world: World) -> None:
    analysis = {**SHORT_HOLD, "on_hold_expired": "promote"}
    release = world.release(world.target(), strategy=TWO_STEPS, analysis=analysis).wait()
    assert (release.status, release.target.state) == ("SUCCEEDED", ("2", {})), release.cause
    held = [result["weight"] for result in release.results("Compare versions") if "held at this" in result["summary"]]
    assert held
    assert set(held) == {10}, "one hold for the whole release"


def idle_version(world: World, waking_seconds: float) -> Release:
    """It was published weeks ago: Lambda has taken from it what it needs to run."""
    target = world.target()
    world.cloud.client("lambda").publish_version(FunctionName=target.name)
    lifecycle.fall_asleep(target.name, "2", code="CodeArtifactUserPendingException", waking_seconds=waking_seconds)
    return world.release(target, version="2", strategy="all-at-once", labels={"emergency": "version 1 loses orders"})


def test_a_version_that_was_idle_is_waited_for_and_told_of(world: World) -> None:
    woken, asleep = idle_version(world, 100), idle_version(world, math.inf)
    assert (woken.wait().status, woken.target.state) == ("SUCCEEDED", ("2", {})), woken.cause
    kinds = [milestone.type for milestone in story(woken.name, world.ledger(f"release#{woken.name}"))]
    assert kinds == ["started", "settled", "waking-up", "probed", "finished"]
    assert {event.detail["error"] for event in woken.events if event.kind == "failed"} == {"VersionWakingUp"}
    assert (asleep.wait().error, asleep.target.state) == ("VersionWakingUp", WHOLE)
    assert "The probe is retried for five minutes" in asleep.cause
    tries = [event.at for event in asleep.events if event.kind == "failed" and event.state == "Probe"]
    assert tries[-1] - tries[0] >= 5 * MINUTE


STEPS = {
    "Plan": "Plan",
    "Settle": "Settle",
    "Publish": "Publish",
    "Probe": "Probe",
    "Before traffic": "BeforeTraffic",
    "Shift traffic": "Shift",
    "Compare versions": "Compare",
    "Finish": "Finish",
}
"""States of a release that is not stopped and does not look back, and the functions of each."""


def test_a_release_wakes_up_its_own_functions(world: World) -> None:
    """An application that nobody has used for weeks."""
    client = world.cloud.client("lambda")
    codes = cycle(["ResourceConflictException", "CodeArtifactUserPendingException", "ResourceNotReadyException"])
    for step, code in zip(STEPS.values(), codes, strict=False):
        name = world.step_function(step)
        version = client.get_alias(FunctionName=name, Name="live")["FunctionVersion"]
        lifecycle.fall_asleep(name, version, code=code, waking_seconds=100)
    release = world.release(world.target(), strategy="canary-10-1m").wait()
    assert (release.status, release.target.state) == ("SUCCEEDED", ("2", {})), release.cause
    assert {event.state for event in release.events if event.kind == "failed"} == STEPS.keys()
