"""Tidegate on a cloud of its own, and what runs there are told of it."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from localcloud import LocalCloud, dynamodb, lambda_, stepfunctions
from localcloud.clock import Pool
from localcloud.clock.pool import Outcome
from localcloud.cloud import REGION
from localcloud.lambda_ import Invocation
from localcloud.stepfunctions import StateEvent
from tests.workflow.deployed import EVERYTHING, TEMPLATE, create_bus, recorded
from tests.workflow.elsewhere import HOME, Elsewhere
from tests.workflow.releases import Watch
from tests.workflow.targets import AliasWrite
from tests.workflow.world import World
from tidegate.domain.routing import routed_alias

FUNCTIONS = Path(__file__).parents[1] / "workflow" / "functions"


class Timelines(list[AliasWrite]):
    """Every write of an alias that callers use, by function."""

    def __init__(self) -> None:
        self._by_function: dict[tuple[str, str], list[AliasWrite]] = defaultdict(list)

    def append(self, write: AliasWrite) -> None:
        if not routed_alias(write.alias):
            self._by_function[write.region, write.function].append(write)

    def of(self, function: str, region: str = REGION) -> list[AliasWrite]:
        """Give the writes of a function's alias in order, its creation first."""
        return list(self._by_function[region, function])


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
        self._abroad: Elsewhere | None = None
        self._need_it = 0
        self._deploying = Lock()

    @contextmanager
    def abroad(self) -> Iterator[Elsewhere]:
        """Give the stack of another Region, deployed when it is first needed; Recover runs there while it is needed."""
        with self._deploying:
            self._abroad = self._abroad or Elsewhere.in_europe(self.cloud)
            self._need_it += 1
            self._abroad.recover(on=True)
        try:
            yield self._abroad
        finally:
            with self._deploying:
                self._need_it -= 1
                self._abroad.recover(on=self._need_it > 0)

    @property
    def ledger(self) -> str:
        """The name of its table."""
        return str(self.world.stack.outputs["LedgerTable"])

    def items(self, partition: str) -> list[dict[str, Any]]:
        """Give every item of a partition of the ledger, in order."""
        return dynamodb.items(f"arn:aws:dynamodb:{REGION}:{HOME}:table/{self.ledger}", partition)

    def locks(self, token: str) -> list[dict[str, Any]]:
        """Give the locks of a release's functions."""
        return [lock for lock in self.items("locks") if token in lock["sk"]]


@contextmanager
def staged(at_once: int) -> Iterator[Stage]:
    """Deploy Tidegate on a new cloud without limits of API calls, with recover running."""
    watch, timelines, triggers = Watch(), Timelines(), Triggers(4 * at_once)
    observers = [(stepfunctions.observers, watch.state_event), (stepfunctions.observers, triggers.state_event)]
    with LocalCloud(factor=None) as cloud, lambda_.throttle.off(), recorded(cloud, timelines):
        for registry, observer in observers:
            registry.append(observer)
        stepfunctions.status_observers.append(watch.status_event)
        for bus in ("EventBusName", "RegionsBusArn"):
            create_bus(cloud, bus)
        world = World(cloud, cloud.deploy(TEMPLATE, EVERYTHING | {"RequestBusName": ""}, "tidegate"), watch, timelines)
        beats = Beats(world.step_function("Recover"))
        lambda_.observers.append(beats.invocation)
        with world.recovering():
            yield Stage(world, watch, timelines, triggers, beats)
        lambda_.observers.remove(beats.invocation)
        stepfunctions.status_observers.remove(watch.status_event)
        for registry, observer in observers:
            registry.remove(observer)
