"""What is told about each invocation, and to whom."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Invocation:
    """One invocation that ended, or was throttled. `started` and `ended` are emulated seconds since 1970."""

    function_name: str
    alias: str | None  # the qualifier it was called with, when that is an alias
    qualifier: str | None  # version or alias as called
    executed_version: str  # "$LATEST" or "7"
    started: float
    ended: float
    duration_ms: float  # of the handler, in real milliseconds
    init_ms: float | None  # on a cold start
    request_id: str
    error_type: str | None
    throttled: bool
    role_arn: str
    caller: str | None  # the role that called
    payload: bytes = b""  # the event
    place: tuple[str, str] = ("123456789012", "us-east-1")  # account and Region


observers: list[Callable[[Invocation], None]] = []


def observe(invocation: Invocation) -> None:
    for observer in observers:
        observer(invocation)
