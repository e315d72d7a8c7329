"""Plays one scenario: starts the release, tells every state as it happens, and records what came of it."""

import queue
import time
from collections.abc import Iterator
from contextlib import contextmanager

from localcloud.stepfunctions import StateEvent, observers
from localcloud.trial.narration import Narration
from localcloud.trial.run import Run
from localcloud.trial.scenarios import Scenario
from localcloud.trial.stage import Stage

AROUND = 10.0
"""Emulated seconds of traffic that are looked at before and after each release."""
PATIENCE = 45 * 60.0
"""Emulated seconds after which a release that has not ended is stopped."""
LOOK_EVERY = 0.1


def play(stage: Stage, scenario: Scenario, number: int, narration: Narration) -> Run:
    """Run one release under traffic until it is over."""
    stage.cloud.clock.sleep(AROUND)
    request = scenario.request(stage)
    stable, name, started = stage.alias().version, f"try-{number}-{scenario.word}", stage.now()
    narration.begin(stage, name, stable, started, request)
    with _events_of(name) as arriving:
        arn = stage.start(name, request)
        events = []
        for event in _follow(stage, arn, arriving, stage.now() + PATIENCE):
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


@contextmanager
def _events_of(name: str) -> Iterator["queue.SimpleQueue[StateEvent]"]:
    """Collect the events of one execution, which come in the interpreter's threads."""
    arriving: queue.SimpleQueue[StateEvent] = queue.SimpleQueue()

    def observe(event: StateEvent) -> None:
        if event.execution_name == name:
            arriving.put(event)

    observers.append(observe)
    try:
        yield arriving
    finally:
        observers.remove(observe)


def _follow(stage: Stage, arn: str, arriving: "queue.SimpleQueue[StateEvent]", deadline: float) -> Iterator[StateEvent]:
    """Hand on each event as it comes, until the execution is over."""
    over = False
    while not over:
        # Looked at first: what is in the queue after an execution has ended is all there will be.
        over = stage.execution(arn)["status"] != "RUNNING"
        if not over and stage.now() > deadline:
            stage.stop(arn, "The demo's patience is over.")
        yield from _waiting(arriving)


def _waiting(arriving: "queue.SimpleQueue[StateEvent]") -> Iterator[StateEvent]:
    """Give what has come, and comes within a moment."""
    until = time.monotonic() + LOOK_EVERY
    while True:
        try:
            yield arriving.get(timeout=max(0.0, until - time.monotonic()))
        except queue.Empty:
            return
