"""An Invoke request, and what it came to."""

from collections.abc import Callable
from dataclasses import dataclass

from localcloud.lambda_.runtime.executable import Executable
from localcloud.lambda_.runtime.outcome import Outcome


@dataclass(frozen=True)
class Call:
    """`route` draws the version and gives its function's reserved concurrency."""

    function_name: str
    qualifier: str | None
    alias: str | None
    invoked_arn: str
    payload: bytes
    client_context: str | None
    caller: str | None
    trace_id: str
    tenant: str | None
    route: Callable[[], tuple[Executable, int | None]]


@dataclass(frozen=True)
class Answer:
    executable: Executable
    outcome: Outcome
