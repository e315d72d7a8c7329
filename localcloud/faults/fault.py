"""The kinds of faults."""

from dataclasses import dataclass, field
from enum import Enum

from localcloud.clock import Event


class Effect(Enum):
    FAIL = "answered 500 before anything is done"
    FAIL_AFTER = "carried out, then answered 500"
    LOST_AFTER = "carried out, then the connection closes without an answer, after `seconds` if given"
    GONE = "answered as if what the call names did not exist"
    THROTTLE = "answered with the service's throttling error"
    SLOW = "carried out after `seconds` (real ones, of which the time-outs of clients are made)"
    DELAY = "carried out after `seconds` (emulated ones)"
    HOLD = "waits until released, then carried out"
    KILL_BEFORE = "the calling execution environment dies before anything is done"
    KILL_AFTER = "carried out, then the calling execution environment dies"


SERVICE_NAMES = {"states": "stepfunctions", "awslambda": "lambda", "monitoring": "cloudwatch"}


@dataclass(frozen=True)
class Fault:
    """A fault of one kind of API call.

    `service` is named as boto3 names it, `action` as the API does (each "*": any). `role` and `resource` are parts
    of the caller's role ARN and of any ARN or text parameter of the call; `body` is a part of all its parameters
    as Python writes them, a payload among them. The first `skip` calls that match go through, the next `times`
    go wrong (None: all).
    """

    service: str
    action: str
    effect: Effect
    role: str | None = None
    resource: str | None = None
    body: str | None = None
    times: int | None = 1
    skip: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class TaskFault:
    """A Task that times out while its function is still running.

    `state` is the Task's name; `execution` is part of the execution's name.
    """

    state: str
    effect: str = "timeout"
    execution: str | None = None
    times: int | None = 1
    skip: int = 0

    def __post_init__(self) -> None:
        if self.effect != "timeout":
            raise ValueError(f"a Task can be made to 'timeout', not to {self.effect!r}")


@dataclass(frozen=True)
class EventFault:
    """Status-change events of an execution that are lost, duplicated or late.

    `execution` is part of the execution's name, `status` the one told of (None: any). Copies are delivered after
    so many emulated seconds each: none is an event lost, two one duplicated; a late one is overtaken by others.
    """

    execution: str
    status: str | None = None
    deliveries: tuple[float, ...] = ()
    times: int | None = 1
    skip: int = 0


@dataclass(eq=False)
class Injected:
    """An active fault: how often it occurred, and for HOLD a way to continue."""

    fault: Fault | TaskFault | EventFault
    hits: int = 0
    seen: int = 0
    waiting: Event = field(default_factory=Event)
    """Set when the first call has been struck."""
    released: Event = field(default_factory=Event)

    def release(self) -> None:
        """Let held calls go through, now and from now on."""
        self.released.set()

    def strike(self) -> bool:
        """Count a call that matches; True if this one goes wrong."""
        self.seen += 1
        times = self.fault.times
        if self.seen <= self.fault.skip or (times is not None and self.hits >= times):
            return False
        self.hits += 1
        self.waiting.set()
        return True
