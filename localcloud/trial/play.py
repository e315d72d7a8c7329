"""Plays one scenario: starts the release, shows every state, and records the result."""

import queue
from collections.abc import Iterator
from contextlib import contextmanager

from localcloud.clock import Event
from localcloud.stepfunctions import LocalExecution, StateEvent, observers, status_observers
from localcloud.trial.narration import Narration
from localcloud.trial.run import Run
from localcloud.trial.scenarios import Scenario
from localcloud.trial.stage import Stage

AROUND = 10.0
"""Emulated seconds of traffic that are looked at before and after each release."""
PATIENCE = 45 * 60.0
"""Emulated seconds after which a release that has not ended is stopped."""


def play(stage: Stage, scenario: Scenario, number: int, narration: Narration) -> Run:
    """Run one release under traffic until it is over."""
    stage.cloud.clock.sleep(AROUND)
    request = scenario.request(stage)
    stable, name, started = stage.alias().version, f"try-{number}-{scenario.word}", stage.now()
    narration.begin(stage, name, stable, started, request)
    with _events_of(name) as arriving:
        arn = stage.start(name, request)
        events = []
        for event in _follow(stage, arn, arriving):
            scenario.happened(stage, event)
            narration.tell(event)
            events.append(event)
    ended = events[-1].at if events else stage.now()
    stage.cloud.clock.sleep(AROUND)
    execution = stage.execution(arn)
    return Run(
        name=name,
        request=request,
        started=started,
        ended=ended,
        status=execution["status"],
        error=execution.get("error"),
        cause=execution.get("cause"),
        events=events,
        stable=stable,
        before=stage.traffic.between(started - AROUND, started),
        calls=stage.traffic.between(started),
        invocations=[i for i in list(stage.cloud.invocations) if i.started >= started],
        alias=stage.alias(),
        locks=stage.locks(),
        notes=scenario.notes(),
    )


class Arriving:
    """The events of one execution, which come in the interpreter's threads; `heard` is set when there is news of it."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._events: queue.SimpleQueue[StateEvent] = queue.SimpleQueue()
        self.heard = Event()

    def state_event(self, event: StateEvent) -> None:
        if event.execution_name == self._name:
            self._events.put(event)
            self.heard.set()

    def status_event(self, execution: LocalExecution) -> None:
        if execution.name == self._name:
            self.heard.set()

    def so_far(self) -> Iterator[StateEvent]:
        """Yield what has come since the last time."""
        while not self._events.empty():
            yield self._events.get()


@contextmanager
def _events_of(name: str) -> Iterator[Arriving]:
    arriving = Arriving(name)
    observers.append(arriving.state_event)
    status_observers.append(arriving.status_event)
    try:
        yield arriving
    finally:
        observers.remove(arriving.state_event)
        status_observers.remove(arriving.status_event)


def _follow(stage: Stage, arn: str, arriving: Arriving) -> Iterator[StateEvent]:
    """Hand on each event as it comes, until the execution is over."""
    deadline = stage.now() + PATIENCE
    while True:
        arriving.heard.clear()
        # Looked at first: what is there after an execution has ended is all there will be.
        over = stage.execution(arn)["status"] != "RUNNING"
        yield from arriving.so_far()
        if over:
            return
        if not stage.cloud.clock.wait(arriving.heard, deadline - stage.now()):
            stage.stop(arn, "The demo timed out.")
