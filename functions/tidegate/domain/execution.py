"""The execution of a release in Step Functions."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Execution:
    """An execution as DescribeExecution gives it; times are seconds since 1970, `stopped` is None while it runs."""

    arn: str
    status: str
    started: int
    stopped: int | None = None
    error: str | None = None
    cause: str | None = None
    request: Any = None

    @property
    def running(self) -> bool:
        return self.status == "RUNNING"


@dataclass(frozen=True)
class Passage:
    """One visit of a state: the previous state (None: the start), and whether it was left."""

    state: str
    entered: int
    came_from: str | None = None
    left: bool = True
