"""How long a release may take, and how long its aliases may stay split once nobody is at work on it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from localcloud import LocalCloud
from localcloud.clock import Clock, use
from localcloud.faults import EventFault
from tests.workflow.releases import Release, eventually
from tests.workflow.world import World

WHOLE: tuple[str, dict[str, float]] = ("1", {})
MINUTE = 60
AFTER_THE_LONGEST_STEP = 200
AFTER_EVERY_DEADLINE = 5 * 24 * 60 * MINUTE
SHORT_HOLD = {"max_bake": "1m", "on_inconclusive": "hold", "max_hold": "2m"}
TWO_STEPS = {"steps": [{"weight": 10, "bake": "1m"}, {"weight": 50, "bake": "1m"}]}


def _baking(world: World) -> Release:
    return world.release(world.target(), strategy="canary-10-5m").reach("Bake")


def test_an_aborted_release_is_whole_within_two_minutes_also_when_its_event_is_lost(world: World) -> None:
    """On a slower clock: what a function takes is real time, which a fast clock makes minutes of."""
    heard, unheard = _baking(world), _baking(world)
    world.cloud.faults.add_event(EventFault(unheard.name, "ABORTED", deliveries=()))
    with slowed(world.cloud, factor=15), world.recovering():
        stopped = world.cloud.clock.time()
        for release in (heard, unheard):
            release.stop()
        for release in (heard, unheard):
            eventually(lambda: release.target.state == WHOLE, f"{release.name} whole")  # noqa: B023 - called at once
    for release in (heard, unheard):
        assert release.target.written_at[1] - stopped <= 2 * MINUTE
    world.recover(later=AFTER_THE_LONGEST_STEP)


@contextmanager
def slowed(cloud: LocalCloud, factor: float) -> Iterator[None]:
    """Have emulated time go on from now, so many times as fast as real time."""
    usual = cloud.clock
    _go_on(cloud, factor)
    try:
        yield
    finally:
        _go_on(cloud, usual.factor)


def _go_on(cloud: LocalCloud, factor: float) -> None:
    cloud.clock = Clock(factor, cloud.clock.time(), time.monotonic())
    use(cloud.clock)


def test_compare_keeps_the_deadline_too(world: World) -> None:
    release = _baking(world)
    late = {"release": release.name, "now": world.time(AFTER_EVERY_DEADLINE), "step": 0}
    answer = world.call("Compare", late)
    assert (answer["next"], answer["reason"]["error"]) == ("roll_back", "DeadlinePassed")
    release.stop()
    world.recover()
    world.recover(later=AFTER_THE_LONGEST_STEP)


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
