"""What Step Functions says of the execution of a release, in our own words."""

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
    """One visit of a state: where it came from (None: the start), and whether it was left."""

    state: str
    entered: int
    came_from: str | None = None
    left: bool = True
