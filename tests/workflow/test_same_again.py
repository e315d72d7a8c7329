"""The same release comes to the same once more, beside a machine's other work."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from localcloud.lambda_ import routing
from localcloud.traffic import Traffic
from tests.workflow.world import World

MINUTE = 60
SEED = 7
HALF_A_SECOND = 0.5
"""Requests come in the middle of seconds: none is near the end of a minute."""
SCHEDULE: dict[str, Any] = {"steps": [{"weight": 20, "bake": "1m"}, {"weight": 50, "bake": "1m"}]}
BUSY = "import time\nend = time.monotonic() + 120\nwhile time.monotonic() < end: pass"


@dataclass(frozen=True)
class Course:
    """What a release came to: its states and their answers, and its weights with the minutes that they were set in."""

    states: tuple[str, ...]
    verdicts: tuple[str, ...]
    summaries: tuple[str, ...]
    writes: tuple[tuple[int, str, tuple[tuple[str, float], ...]], ...]
    ending: tuple[str, str]


def _course(world: World, canary: str) -> Course:
    target = world.target(canary, stable="stable")
    clock = world.cloud.clock
    clock.sleep(MINUTE - clock.time() % MINUTE + HALF_A_SECOND)
    begun = int(clock.time()) // MINUTE
    routing.seed(SEED)
    with Traffic(world.cloud.client("lambda"), clock, target.full_name, per_second=1):
        release = world.release(target, strategy=SCHEDULE, analysis={"max_bake": "3m"}).wait()
    looks = release.results("Compare versions")
    writes = zip(target.written_at, target.writes, strict=True)
    return Course(
        tuple(release.states),
        tuple(look["verdict"] for look in looks),
        tuple(_nameless(look["summary"]) for look in looks),
        tuple((int(at) // MINUTE - begun, version, tuple(weights.items())) for at, (version, weights) in writes),
        (release.status, release.error),
    )


def _nameless(summary: str) -> str:
    return re.sub(r"shop-\d+", "shop", summary)


@contextmanager
def _busy_machine() -> Iterator[None]:
    with subprocess.Popen([sys.executable, "-c", BUSY]) as loop:
        try:
            yield
        finally:
            loop.kill()


def test_the_same_release_has_the_same_history_weights_and_verdicts_under_load(world: World) -> None:
    first = _course(world, "flaky")
    with _busy_machine():
        under_load = _course(world, "flaky")
    assert first.writes[0][1:] == ("1", (("2", 0.2),))
    assert first.verdicts
    assert first == under_load
