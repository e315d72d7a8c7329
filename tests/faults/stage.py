"""Tidegate on a cloud of its own, and what runs there are told of it."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from localcloud import LocalCloud, lambda_, stepfunctions
from localcloud.clock import Pool
from localcloud.clock.pool import Outcome
from localcloud.lambda_ import Invocation
from localcloud.stepfunctions import StateEvent
from tests.workflow.deployed import EVERYTHING, TEMPLATE, recorded
from tests.workflow.releases import Watch
from tests.workflow.targets import AliasWrite
from tests.workflow.world import World
from tidegate.domain.routing import routed_alias

FUNCTIONS = Path(__file__).parents[1] / "workflow" / "functions"
LOOK_AGAIN_SECONDS = 0.3


class Timelines(list[AliasWrite]):
    """Every write of an alias that callers use, by function."""

    def __init__(self) -> None:
        self._by_function: dict[str, list[AliasWrite]] = defaultdict(list)

    def append(self, write: AliasWrite) -> None:
        if not routed_alias(write.alias):
            self._by_function[write.function].append(write)

    def of(self, function: str) -> list[AliasWrite]:
        """Give the writes of a function's alias in order, its creation first."""
        return list(self._by_function[function])


class Triggers:
    """Does things when an execution enters a state for the first time from now on."""

    def __init__(self, at_once: int) -> None:
        self._waiting: dict[tuple[str, str], list[tuple[Callable[[], None], Outcome[None]]]] = defaultdict(list)
        self._lock = Lock()
        self._pool = Pool(at_once)

    def on(self, execution: str, state: str, action: Callable[[], None]) -> Outcome[None]:
        done: Outcome[None] = Outcome()
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


def _do(action: Callable[[], None], done: Outcome[None]) -> None:
    try:
        action()
        done.set_result(None)
    except Exception as error:
        done.set_exception(error)


class Beats:
    """When the runs of recover by its schedule began and ended (seconds of the cloud)."""

    def __init__(self, recover: str) -> None:
        self._recover = recover
        self._runs: list[tuple[float, float]] = []

    def invocation(self, told: Invocation) -> None:
        scheduled = b'"Scheduled Event"' in told.payload and b'"aws.events"' in told.payload
        if told.function_name == self._recover and scheduled and not told.throttled:
            self._runs.append((told.started, told.ended))

    def between(self, start: float, end: float) -> int:
        """Count the runs that lie between two moments, from their beginning to their end."""
        return sum(start <= began and ended <= end for began, ended in list(self._runs))


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
            if self.cloud.clock.time() - self._locks[0] > LOOK_AGAIN_SECONDS:
                self._locks = (self.cloud.clock.time(), self.world.ledger("locks"))
            return [lock for lock in self._locks[1] if token in lock["sk"]]


@contextmanager
def staged(at_once: int) -> Iterator[Stage]:
    """Deploy Tidegate on a new cloud without limits of API calls, with recover running."""
    watch, timelines, triggers = Watch(), Timelines(), Triggers(4 * at_once)
    observers = [(stepfunctions.observers, watch.state_event), (stepfunctions.observers, triggers.state_event)]
    with LocalCloud(factor=None) as cloud, lambda_.throttle.off(), recorded(cloud, timelines):
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
