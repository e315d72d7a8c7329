"""Releases that drain on the local cloud, under random traffic: none may announce the end of an old version too early.

Calls of up to a minute, asynchronous events and a stream that fail and are repeated: on the version of their first
attempt, which is the worse case of what AWS does not document. Time leaps, so minutes without a call cost nothing.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from bench.figure import Figure
from localcloud import lambda_
from localcloud.clock import Pool, later
from localcloud.lambda_ import Invocation
from localcloud.lambda_.backend_invoke import InvokeCalls
from localcloud.lambda_.calls import Call
from localcloud.lambda_.runtime.executable import Executable
from tests.workflow.targets import Target
from tests.workflow.world import World
from tidegate.domain.ledger_items import ReleaseItems, release_partition
from tidegate.domain.schedule import MINUTE

COMMAND = "make bench-fleet"
SEED = 17
LANES = 5
TIMEOUT = 90
AGES = (60, 600, 3600)
"""Seconds of MaximumEventAgeInSeconds."""
DURATIONS = (0.0, 20.0, 60.0)
STRATEGIES = ("all-at-once", {"steps": [{"weight": 50, "bake": "1m"}]})
BUSY = 3 * MINUTE
"""How long, from the start of a release, calls, events and records are sent."""
UNCOMPARED = {"max_bake": "1m", "on_inconclusive": "promote", "alpha": 0.001, "after": {"on_worse": "ignore"}}
CODE = """import base64
import json
import time


def handler(event, context):
    records = [json.loads(base64.b64decode(each["kinesis"]["data"])) for each in event.get("Records", ())]
    asked = records or [event]
    time.sleep(max(each.get("seconds", 0.0) for each in asked))
    if any(time.time() < each.get("until", 0.0) for each in asked):
        raise ValueError("not yet")
    return "{code}"
"""


@dataclass(frozen=True)
class Drained:
    """A release, its functions with their old versions, and when it said that these have ended; None: it did not."""

    olds: frozenset[tuple[str, str]]
    promoted: float
    at: float | None


class Lane:
    """Two functions that are released again and again, and a stream that feeds the first one."""

    def __init__(self, world: World, folder: Path, seed: int, number: int) -> None:
        self.number = number
        self._world, self._folder = world, folder / str(number)
        self._random = Random(seed)  # noqa: S311 - traffic, not secrets
        self._folder.mkdir()
        self._codes = 0
        self._targets = [self._target(f"shop-drained-{number}-{letter}") for letter in "ab"]
        self._stream = f"drained-{number}"
        self._feed()

    def _target(self, name: str) -> Target:
        cloud = self._world.cloud
        cloud.create_function(name, self._code(), alias="live", timeout=TIMEOUT)
        age = self._random.choice(AGES)
        cloud.client("lambda").put_function_event_invoke_config(
            FunctionName=name, Qualifier="live", MaximumEventAgeInSeconds=age
        )
        return Target(cloud, name, "live", [])

    def _code(self) -> Path:
        self._codes += 1
        folder = self._folder / str(self._codes)
        folder.mkdir()
        (folder / "app.py").write_text(CODE.replace("{code}", str(self._codes)))
        return folder

    def _feed(self) -> None:
        kinesis = self._world.cloud.client("kinesis")
        kinesis.create_stream(StreamName=self._stream, ShardCount=1)
        arn = kinesis.describe_stream(StreamName=self._stream)["StreamDescription"]["StreamARN"]
        self._world.cloud.client("lambda").create_event_source_mapping(
            EventSourceArn=arn, FunctionName=self._targets[0].full_name, StartingPosition="TRIM_HORIZON"
        )

    def run(self, releases: int) -> list[Drained]:
        return [self._release() for _ in range(releases)]

    def _release(self) -> Drained:
        targets = self._targets[: self._random.choice((1, 2, 2))]
        with lambda_.throttle.off():
            olds = frozenset((target.name, target.state[0]) for target in targets)
        for target in targets:
            self._world.cloud.update_code(target.name, self._code())
            self._send(target)
        if self._random.random() < 0.5:
            self._put_record()
        release = self._world.release(
            *targets, strategy=self._random.choice(STRATEGIES), analysis=UNCOMPARED, drain={"watch": True}
        ).wait()
        if release.status != "SUCCEEDED":
            raise RuntimeError(f"{release.error}: {release.cause}")
        items = ReleaseItems(self._world.ledger(release_partition(release.name)))
        assert items.record
        at = next((float(item["at"]) for item in items if item.get("kind") == "drained"), None)
        return Drained(olds, float(items.record["ended_at"]), at)

    def _send(self, target: Target) -> None:
        """Send calls, and asynchronous events of which most fail."""
        client = self._world.cloud.client("lambda")
        for kind in ("RequestResponse",) * self._random.randrange(1, 5) + ("Event",) * self._random.randrange(1, 4):
            after = self._random.uniform(0, BUSY)
            event = self._event(after, fails=kind == "Event" and self._random.random() < 0.7)
            wanted = {"FunctionName": target.full_name, "InvocationType": kind, "Payload": event}
            later(after, partial(client.invoke, **wanted))

    def _put_record(self) -> None:
        client, after = self._world.cloud.client("kinesis"), self._random.uniform(0, BUSY)
        record = self._event(after, fails=True)
        later(after, partial(client.put_record, StreamName=self._stream, Data=record, PartitionKey="one"))

    def _event(self, after: float, *, fails: bool) -> bytes:
        """Return an event that is like no other; one that fails does so for up to six minutes."""
        until = self._world.cloud.clock.time() + after + self._random.uniform(0, 6 * MINUTE) if fails else 0.0
        seconds = self._random.choice(DURATIONS)
        return json.dumps({"seconds": seconds, "until": until, "id": self._random.random()}).encode()


@contextmanager
def repeated_where_they_began() -> Iterator[None]:
    """Run each repeat of an event or a batch on the version of its first attempt; the local cloud draws again."""
    first: dict[tuple[str, bytes], tuple[Executable, int | None]] = {}
    made = InvokeCalls._call

    def call(backend: InvokeCalls, *arguments: Any) -> Call:
        found = made(backend, *arguments)
        if found.alias is None or not found.function_name.startswith("shop-"):
            return found
        key = found.function_name, found.payload
        return replace(found, route=lambda: first.get(key) or first.setdefault(key, found.route()))

    with patch.object(InvokeCalls, "_call", call):
        yield


def measure(place: AbstractContextManager[World], releases: int) -> Iterator[Figure]:
    random, runs = Random(SEED), list[Invocation]()  # noqa: S311 - traffic, not secrets
    with TemporaryDirectory() as folder, place as ready, repeated_where_they_began():
        lambda_.observers.append(runs.append)
        lanes = [Lane(ready, Path(folder), random.getrandbits(32), number) for number in range(min(LANES, releases))]
        with Pool(LANES) as pool:
            turns = [pool.submit(lane.run, len(range(lane.number, releases, LANES))) for lane in lanes]
            done = [each for turn in turns for each in turn.result()]
        lambda_.observers.remove(runs.append)
    yield _figure(done, runs)


def _figure(releases: list[Drained], runs: list[Invocation]) -> Figure:
    ran = defaultdict[tuple[str, str], list[Invocation]](list)
    for run in runs:
        ran[run.function_name, run.executed_version].append(run)
    early, undrained, outlived, waits = 0, 0, 0, list[float]()
    for each in releases:
        old = [run for pair in each.olds for run in ran[pair]]
        ended = max((run.ended for run in old), default=each.promoted)
        outlived += any(run.started > each.promoted for run in old)
        if each.at is None:
            undrained += 1
        else:
            early += each.at < ended
            waits.append((each.at - ended) / MINUTE)
    return Figure(
        f"drain announced before the last old invocation ended, in {len(releases)} random releases on the local cloud",
        early,
        "releases",
        0,
        f"{sum(map(len, ran.values()))} calls of up to a minute, retries, a stream; in {outlived} the old version was "
        f"called again after the promotion; announced {median(waits):.0f} min after its last call (median; at least "
        f"{min(waits):.1f}); {undrained} reached their limit",
        command=COMMAND,
    )
