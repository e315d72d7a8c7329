"""A release as seen from outside: its execution, and its items in the ledger."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tidegate.aws import executions
from tidegate.aws.ledger.items import items as items_of
from tidegate.domain.events.form import Milestone
from tidegate.domain.events.milestone import Refused
from tidegate.domain.events.timeline import Story, story
from tidegate.domain.ledger_items import ReleaseItems
from tidegate.domain.plan import ReleasePlan
from tidegate.domain.schedule import MINUTE

LATE = 20 * MINUTE
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
    items: ReleaseItems
    story: Story | None = None
    told_now: tuple[Milestone, ...] = ()
    """The new part of the timeline since the last poll."""

    @property
    def record(self) -> Mapping[str, Any] | None:
        return self.items.record

    @cached_property
    def milestones(self) -> list[Milestone]:
        """All of them, in order."""
        told = self.story.milestones if self.story else story(self.release, self.items)
        return told or [*self._refusal()]

    @cached_property
    def new(self) -> Sequence[Milestone]:
        """The milestones since the last poll; all of them if that is unknown."""
        return self.told_now if self.story and self.items else self.milestones

    def _refusal(self) -> Iterator[Refused]:
        """Return a refusal that Plan did not record: only the execution contains it."""
        if self.execution and self.execution.status == "FAILED":
            error, cause = self.execution.error, self.execution.cause
            yield Refused(at=self.execution.stopped, release=self.release, summary=f"{error}: {cause}", error=error)

    @property
    def held(self) -> bool:
        """Return whether the release was held at the last poll."""
        return bool(self.record and self.record.get("held"))

    @property
    def plan(self) -> ReleasePlan | None:
        """The plan with the versions that were published so far."""
        return self.items.plan


class Eye:
    """Polls one release, and reads only its new events."""

    def __init__(self, release: str, execution: str) -> None:
        self.release = release
        self._execution = execution
        self._items = ReleaseItems()
        self._story = Story(release)
        self._newest = LATE

    def look(self) -> Sight:
        # The execution first: when it is over, everything is written.
        execution = describe(self._execution)
        found = items_of(self.release, self._newest - LATE)
        told = self._story.add(found)
        self._newest = max([self._newest, *(item["at"] for item in found.events())])
        self._items = self._items.updated(found)
        return Sight(self.release, execution, self._items, self._story, tuple(told))


def describe(execution: str) -> ExecutionState | None:
    """Ask Step Functions; a new execution may be unknown for a while, and an execution expires after 90 days."""
    found = executions.described(execution)
    if found is None:
        return None
    output = json.loads(found["output"]) if found.get("output") else None
    stopped = int(found["stopDate"].timestamp()) if "stopDate" in found else 0
    return ExecutionState(found["status"], found.get("error", ""), found.get("cause", ""), output, stopped)
