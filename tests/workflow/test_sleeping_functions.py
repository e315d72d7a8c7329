"""What a function sleeps, in whichever of its threads, is leapt over; what it works is not."""

import json
from typing import Any

import pytest

from localcloud import LocalCloud
from tests.workflow.world import FUNCTIONS

TIMEOUT = 300


@pytest.fixture(scope="module")
def sleeper(unlimited_cloud: LocalCloud) -> str:
    unlimited_cloud.create_function("sleeper", FUNCTIONS / "sleeper", timeout=TIMEOUT)
    return "sleeper"


def passed(cloud: LocalCloud, function: str, **event: Any) -> list[float]:
    """Give the seconds that an invocation took, by each clock of the function."""
    answer = cloud.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event))
    seen: list[float] = json.load(answer["Payload"])["passed"]
    return seen


@pytest.mark.parametrize(("threads", "longest"), [([90], 90), ([20, 90, 1, 45.5], 90)])
def test_threads_sleep_together_and_each_clock_says_how_long(
    unlimited_cloud: LocalCloud, sleeper: str, threads: list[float], longest: float
) -> None:
    leapt = unlimited_cloud.clock.leapt
    seen = passed(unlimited_cloud, sleeper, threads=threads)
    assert all(longest <= seconds < longest + 15 for seconds in seen), seen
    assert unlimited_cloud.clock.leapt - leapt > longest - 15


def test_each_thread_wakes_in_its_own_time_whatever_the_others_do(unlimited_cloud: LocalCloud, sleeper: str) -> None:
    """So calls of a pool come one by one where they are paced, and not many at once."""
    turns = {"threads": [1 + 0.07 * turn for turn in range(48)]}
    answer = unlimited_cloud.client("lambda").invoke(FunctionName=sleeper, Payload=json.dumps(turns))
    assert json.load(answer["Payload"])["late"] < 0.3


@pytest.mark.parametrize("beside", [{"work": 0.5}, {"limit": 0.5}, {"child": 0.5}])
def test_time_does_not_leap_over_what_is_done_beside_a_thread_that_sleeps(
    unlimited_cloud: LocalCloud, sleeper: str, beside: dict[str, float]
) -> None:
    """Nor over the next invocation, where a thread of the one before still sleeps: it was frozen meanwhile."""
    seen = passed(unlimited_cloud, sleeper, background=TIMEOUT, **beside)
    after = passed(unlimited_cloud, sleeper, work=0.3)
    assert max(*seen, *after) < 10, (seen, after)


def test_a_process_that_waits_for_its_child_is_at_work(unlimited_cloud: LocalCloud) -> None:
    """Popen.wait sleeps between two looks at the child, until its time-out of a minute."""
    unlimited_cloud.create_function("sleeps-for-child", FUNCTIONS / "sleeper", timeout=TIMEOUT)
    assert max(passed(unlimited_cloud, "sleeps-for-child", child=0.5)) < 10


@pytest.mark.parametrize("seconds", [3600.0, 1e8])
def test_a_sleep_ends_at_the_time_out(unlimited_cloud: LocalCloud, seconds: float) -> None:
    name = f"sleeps-{seconds:.0f}"
    unlimited_cloud.create_function(name, FUNCTIONS / "sleeper", timeout=20)
    began = unlimited_cloud.clock.time()
    answer = unlimited_cloud.client("lambda").invoke(FunctionName=name, Payload=json.dumps({"main": seconds}))
    assert "Task timed out after 20.00 seconds" in answer["Payload"].read().decode()
    assert 20 <= unlimited_cloud.clock.time() - began < 40
