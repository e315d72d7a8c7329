"""Releases as a test watches them: started, waited for, and asked how they went."""

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from localcloud.clock import Event, current
from localcloud.stepfunctions import LocalExecution, StateEvent
from tests.workflow.targets import Target

PATIENCE = 4 * 3600.0
"""Seconds of the cloud after which a test gives up waiting."""


def eventually(look: Callable[[], Any], what: str, seconds: float = PATIENCE, every: float = 5.0) -> Any:
    """Give the first true thing that `look` gives, which is asked every so many seconds of the cloud."""
    clock = current()
    deadline = clock.time() + seconds
    while not (found := look()):
        assert clock.time() < deadline, f"not within {seconds:g} s: {what}"
        clock.sleep(every)
    return found


class Watch:
    """Hears of everything that happens in executions; `running` has their ARNs by name."""

    def __init__(self) -> None:
        self.events: dict[str, list[StateEvent]] = defaultdict(list)
        self.begun: list[str] = []
        self.running: dict[str, str] = {}
        self.ended: set[str] = set()
        self._waiting: list[Event] = []

    def state_event(self, event: StateEvent) -> None:
        self.events[event.execution_name].append(event)
        self._tell()

    def status_event(self, execution: LocalExecution) -> None:
        if execution.status == "RUNNING":
            self.begun.append(execution.name)
            self.running[execution.name] = execution.execution_arn
        else:
            self.running.pop(execution.name, None)
            self.ended.add(execution.name)
            self._tell()

    def _tell(self) -> None:
        for heard in tuple(self._waiting):
            heard.set()

    def until(self, look: Callable[[], bool], what: str) -> None:
        heard, clock = Event(), current()
        self._waiting.append(heard)
        deadline = clock.time() + PATIENCE
        try:
            while not look():
                assert clock.wait(heard, deadline - clock.time()), f"not within {PATIENCE:g} s: {what}"
                heard.clear()
        finally:
            self._waiting.remove(heard)


class Release:
    """One execution of the state machine, and the targets it was started for."""

    def __init__(self, name: str, arn: str, client: Any, watch: Watch, targets: Sequence[Target] = ()) -> None:
        self.name = name
        self.targets = tuple(targets)
        self.arn = arn
        self._client = client
        self._watch = watch

    @property
    def target(self) -> Target:
        """The one it was started for, or the first."""
        return self.targets[0]

    def wait(self) -> "Release":
        """Wait until it is over."""
        self._watch.until(lambda: self.name in self._watch.ended, f"the end of {self.name}; {self.states[-3:]}")
        return self

    def reach(self, state: str, times: int = 1) -> "Release":
        """Wait until a state was entered so many times."""
        what = f"{state} in {self.name}"
        self._watch.until(lambda: self.states.count(state) >= times or self.name in self._watch.ended, what)
        assert self.states.count(state) >= times, f"{what}: ended before, {self.error}: {self.cause}"
        return self

    def stop(self) -> None:
        self._client.stop_execution(executionArn=self.arn, cause="stopped by a test")

    def redrive(self) -> None:
        self._watch.ended.discard(self.name)
        self._client.redrive_execution(executionArn=self.arn)

    @property
    def events(self) -> list[StateEvent]:
        return list(self._watch.events[self.name])

    @property
    def states(self) -> list[str]:
        """Names of the states it entered, in order."""
        return [event.state for event in self.events if event.kind == "entered"]

    def results(self, state: str) -> list[Any]:
        """What a state gave, each time."""
        return [event.detail for event in self.events if event.kind == "exited" and event.state == state]

    @property
    def summaries(self) -> list[str]:
        return [result["summary"] for result in self.results("Compare versions")]

    @property
    def description(self) -> dict[str, Any]:
        described: dict[str, Any] = self._client.describe_execution(executionArn=self.arn)
        return described

    @property
    def status(self) -> str:
        return str(self.description["status"])

    @property
    def error(self) -> str:
        return str(self.description.get("error", ""))

    @property
    def cause(self) -> str:
        return str(self.description.get("cause", ""))

    @property
    def output(self) -> Any:
        return json.loads(self.description.get("output", "null"))

    @property
    def told(self) -> str:
        """Everything that this execution shows to who may look at it."""
        return json.dumps(self.history, default=str) + json.dumps(self.description, default=str)

    @property
    def history(self) -> list[Any]:
        """Its events as Step Functions keeps them."""
        pages = self._client.get_paginator("get_execution_history").paginate(executionArn=self.arn)
        return [event for page in pages for event in page["events"]]
