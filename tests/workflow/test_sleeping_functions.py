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
    seen: list[float] = json.load(answer["Payload"])
    return seen


@pytest.mark.parametrize(("threads", "longest"), [([90], 90), ([20, 90, 1, 45.5], 90)])
def test_threads_sleep_together_and_each_clock_says_how_long(
    unlimited_cloud: LocalCloud, sleeper: str, threads: list[float], longest: float
) -> None:
    leapt = unlimited_cloud.clock.leapt
    seen = passed(unlimited_cloud, sleeper, threads=threads)
    assert all(longest <= seconds < longest + 15 for seconds in seen), seen
    assert unlimited_cloud.clock.leapt - leapt > longest - 15


def test_time_does_not_leap_over_what_a_thread_does_beside_one_that_sleeps(
    unlimited_cloud: LocalCloud, sleeper: str
) -> None:
    """Nor over the next invocation, where a thread of the one before still sleeps: it was frozen meanwhile."""
    beside = passed(unlimited_cloud, sleeper, background=TIMEOUT, work=0.5)
    after = passed(unlimited_cloud, sleeper, work=0.3)
    assert max(*beside, *after) < 10, (beside, after)
