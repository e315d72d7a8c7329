"""A release as seen from outside: its execution, and its items in the ledger."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tidegate.aws import executions
from tidegate.aws.ledger.items import items as items_of
from tidegate.domain.events.milestone import Milestone, Refused
from tidegate.domain.events.timeline import story
from tidegate.domain.plan import ReleasePlan

LATE = 20 * 60
"""Seconds by which an event may be written late: its time is the start of its state, and a probe takes long."""


@dataclass(frozen=True)
class ExecutionState:
    """The result of DescribeExecution; `output` exists only after success."""

    status: str
    error: str = ""
    cause: str = ""
    output: Any = None
    stopped: int = 0

    @property
    def running(self) -> bool:
        return self.status == "RUNNING"


@dataclass(frozen=True)
class Sight:
    """The current state of a release; `execution` is None if Step Functions does not know it (yet, or any more)."""

    release: str
    execution: ExecutionState | None
    items: tuple[Mapping[str, Any], ...]

    @cached_property
    def record(self) -> Mapping[str, Any] | None:
        return next((item for item in self.items if item["sk"] == "record"), None)

    @cached_property
    def milestones(self) -> list[Milestone]:
        told = story(self.release, self.items)
        return told or [*self._refusal()]

    def _refusal(self) -> Iterator[Refused]:
        """Return a refusal that Plan did not record: only the execution contains it."""
        if self.execution and self.execution.status == "FAILED":
            error, cause = self.execution.error, self.execution.cause
            yield Refused(at=self.execution.stopped, release=self.release, summary=f"{error}: {cause}", error=error)

    @property
    def held(self) -> bool:
        """Return whether the release was held at the last poll."""
        return bool(self.record and self.record.get("held"))

    @cached_property
    def plan(self) -> ReleasePlan | None:
        """The plan with the versions that were published so far."""
        if self.record is None:
            return None
        canaries = {item["target"]: item["canary"] for item in self.items if item["sk"].startswith("target#")}
        return ReleasePlan.of(self.record["plan"]).with_canaries(canaries)


class Eye:
    """Polls one release, and reads only its new events."""

    def __init__(self, release: str, execution: str) -> None:
        self.release = release
        self._execution = execution
        self._items: dict[str, Mapping[str, Any]] = {}

    def look(self) -> Sight:
        # The execution first: when it is over, everything is written.
        execution = describe(self._execution)
        newest = max((item["at"] for item in self._items.values() if "kind" in item), default=LATE)
        self._items.update({item["sk"]: item for item in items_of(self.release, newest - LATE)})
        return Sight(self.release, execution, tuple(self._items.values()))


def describe(execution: str) -> ExecutionState | None:
    """Ask Step Functions; a new execution may be unknown for a while, and an execution expires after 90 days."""
    found = executions.described(execution)
    if found is None:
        return None
    output = json.loads(found["output"]) if found.get("output") else None
    stopped = int(found["stopDate"].timestamp()) if "stopDate" in found else 0
    return ExecutionState(found["status"], found.get("error", ""), found.get("cause", ""), output, stopped)
