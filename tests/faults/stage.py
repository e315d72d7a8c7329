"""Tidegate on a cloud of its own, and what runs there are told of it."""

import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from localcloud import LocalCloud, lambda_, stepfunctions
from localcloud.lambda_ import Invocation
from localcloud.stepfunctions import StateEvent
from tests.faults.delay import Beat
from tests.workflow.deployed import EVERYTHING, TEMPLATE, recorded
from tests.workflow.releases import Watch
from tests.workflow.targets import AliasWrite
from tests.workflow.world import World
from tidegate.domain.schedule import parse_time

FUNCTIONS = Path(__file__).parents[1] / "workflow" / "functions"
LOOK_AGAIN_SECONDS = 0.3


class Timelines(list[AliasWrite]):
    """Every write of an alias, by function."""

    def __init__(self) -> None:
        self._by_function: dict[str, list[AliasWrite]] = defaultdict(list)

    def append(self, write: AliasWrite) -> None:
        self._by_function[write.function].append(write)

    def of(self, function: str) -> list[AliasWrite]:
        """Give the writes of a function's alias in order, its creation first."""
        return list(self._by_function[function])


class Triggers:
    """Does things when an execution enters a state for the first time from now on."""

    def __init__(self, at_once: int) -> None:
        self._waiting: dict[tuple[str, str], list[tuple[Callable[[], None], Future[None]]]] = defaultdict(list)
        self._lock = Lock()
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="trigger")

    def on(self, execution: str, state: str, action: Callable[[], None]) -> Future[None]:
        done: Future[None] = Future()
        with self._lock:
            self._waiting[execution, state].append((action, done))
        return done

    def state_event(self, event: StateEvent) -> None:
        if event.kind == "entered":
            with self._lock:
                due = self._waiting.pop((event.execution_name, event.state), [])
            for action, done in due:
                done.set_running_or_notify_cancel()
                self._pool.submit(_do, action, done)


def _do(action: Callable[[], None], done: Future[None]) -> None:
    try:
        action()
        done.set_result(None)
    except Exception as error:
        done.set_exception(error)


class Beats:
    """When the runs of recover were due, began and ended (emulated seconds)."""

    def __init__(self, recover: str) -> None:
        self._recover = recover
        self._runs: list[Beat] = []

    def invocation(self, told: Invocation) -> None:
        if told.function_name == self._recover and not told.throttled:
            scheduled = b'"Scheduled Event"' in told.payload and b'"aws.events"' in told.payload
            due = parse_time(json.loads(told.payload)["time"]) if scheduled else told.started
            self._runs.append(Beat(float(due), told.started, told.ended, scheduled=scheduled))

    def between(self, start: float, end: float) -> int:
        """Count the runs by the schedule that lie between two moments, from their beginning to their end."""
        return sum(run.scheduled and start <= run.started and run.ended <= end for run in list(self._runs))

    def at(self, moment: float) -> Beat | None:
        """Give the run that was under way then; of several the one that had begun first."""
        under_way = [run for run in list(self._runs) if run.started <= moment <= run.ended]
        return min(under_way, key=lambda run: run.started, default=None)


class Stage:
    def __init__(self, world: World, watch: Watch, timelines: Timelines, triggers: Triggers, beats: Beats) -> None:
        self.world, self.watch, self.timelines, self.triggers, self.beats = world, watch, timelines, triggers, beats
        self.cloud = world.cloud
        self._locks: tuple[float, list[dict[str, Any]]] = (0.0, [])
        self._looking = Lock()

    @property
    def ledger(self) -> str:
        """The name of its table."""
        return str(self.world.stack.outputs["LedgerTable"])

    def locks(self, token: str) -> list[dict[str, Any]]:
        """Give the locks of a release's functions, as they were a moment ago."""
        with self._looking:
            if time.monotonic() - self._locks[0] > LOOK_AGAIN_SECONDS:
                self._locks = (time.monotonic(), self.world.ledger("locks"))
            return [lock for lock in self._locks[1] if token in lock["sk"]]


@contextmanager
def staged(factor: float, at_once: int) -> Iterator[Stage]:
    """Deploy Tidegate on a new cloud without limits of API calls, with recover running."""
    watch, timelines, triggers = Watch(), Timelines(), Triggers(4 * at_once)
    observers = [(stepfunctions.observers, watch.state_event), (stepfunctions.observers, triggers.state_event)]
    with LocalCloud(factor=factor) as cloud, lambda_.throttle.off(), recorded(cloud, timelines):
        for registry, observer in observers:
            registry.append(observer)
        stepfunctions.status_observers.append(watch.status_event)
        world = World(cloud, cloud.deploy(TEMPLATE, EVERYTHING | {"RequestBusName": ""}, "tidegate"), watch, timelines)
        beats = Beats(world.step_function("Recover"))
        lambda_.observers.append(beats.invocation)
        with world.recovering():
            yield Stage(world, watch, timelines, triggers, beats)
        lambda_.observers.remove(beats.invocation)
        stepfunctions.status_observers.remove(watch.status_event)
        for registry, observer in observers:
            registry.remove(observer)
