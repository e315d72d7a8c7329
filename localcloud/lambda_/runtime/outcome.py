"""How an invocation ended, as its caller and its log see it."""

import json
import signal
from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """`payload` goes to the caller; `error_type` is None on success."""

    payload: bytes
    error_type: str | None
    duration_ms: float
    init_ms: float | None = None
    tail: bytes = b""


def timed_out(request_id: str, timeout: float) -> bytes:
    return _failure("Sandbox.Timedout", f"RequestId: {request_id} Error: Task timed out after {timeout:.2f} seconds")


def exited(request_id: str, return_code: int) -> bytes:
    return _failure("Runtime.ExitError", f"RequestId: {request_id} Error: {exit_text(return_code)}")


def no_entry_point(request_id: str) -> bytes:
    error = "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"
    return _failure("Runtime.InvalidEntrypoint", f"RequestId: {request_id} Error: {error}")


def exit_text(return_code: int) -> str:
    if return_code == 0:
        return "Runtime exited without providing a reason"
    if return_code < 0:
        return f"Runtime exited with error: signal: {(signal.strsignal(-return_code) or '').lower()}"
    return f"Runtime exited with error: exit status {return_code}"


def too_large() -> bytes:
    message = "Response payload size exceeded maximum allowed payload size (6291556 bytes)."
    return json.dumps({"errorMessage": message, "errorType": "Function.ResponseSizeTooLarge"}).encode()


def error_type_of(payload: bytes) -> str:
    try:
        return str(json.loads(payload)["errorType"])
    except (ValueError, KeyError, TypeError):
        return "Runtime.Unknown"


def _failure(error_type: str, message: str) -> bytes:
    return json.dumps({"errorType": error_type, "errorMessage": message}).encode()
