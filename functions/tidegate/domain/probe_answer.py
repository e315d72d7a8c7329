"""The answer to a probe: what Lambda and the runtime said, and what failed."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tidegate.domain import init_failure
from tidegate.domain.foreign_text import error_type, request_id, short_line
from tidegate.domain.init_failure import InitFailure
from tidegate.domain.invocation_log import InvocationLog, read_log

RAISED_BY_THE_HANDLER = (
    "Runtime.MarshalError",
    "Runtime.UnmarshalError",
    "Runtime.NodeJsExit",
    "Function.ResponseSizeTooLarge",
)
"""Error types of the platform that come after init: the handler's answer or the event could not be converted, or
Node.js ended before a promise of the handler was settled."""

UNHANDLED_REJECTION = "Runtime.UnhandledPromiseRejection"
"""What Node.js calls a rejection that nobody awaits: one of the init, or one of the handler."""

NOT_OF_THE_HANDLER = ("runtime.", "extension.", "sandbox.")
"""Error types of the platform; spelling varies between sources, so compared by prefix and without case."""

TIMED_OUT = ("sandbox.timedout", "sandbox.timeout")

LONGEST_MESSAGE = 300
"""Characters of an error's message: the results of a hundred probes must fit into a state's output."""

TIMED_OUT_MESSAGE = re.compile(r"Task timed out after [0-9.]{1,9} seconds$")


@dataclass(frozen=True)
class ProbeAnswer:
    """An Invoke response: the parsed payload, `FunctionError` and the last 4 KB of the log."""

    payload: Any
    function_error: str | None
    log_tail: str

    @property
    def error_type(self) -> str:
        return error_type(self._error_field("errorType")) or "Unknown"

    @property
    def error_message(self) -> str:
        message = self._error_field("errorMessage")
        return short_line(message, LONGEST_MESSAGE) if message and isinstance(message, str) else "no message"

    @property
    def said(self) -> str:
        return f"{self.error_type}: {self.error_message}"

    def _error_field(self, name: str) -> Any:
        return self.payload.get(name) if isinstance(self.payload, dict) else None

    @cached_property
    def log(self) -> InvocationLog:
        return read_log(self.log_tail)

    @property
    def handler_ran(self) -> bool:
        """Return whether the init had certainly succeeded before the error.

        The runtime for Python names the request in an error of the handler (and leaves it empty in one at import);
        the one for Node.js never does, and its log has to tell.
        """
        request = self._error_field("requestId")
        rejected = self.error_type == UNHANDLED_REJECTION and self.log.warm
        after_init = self.error_type in RAISED_BY_THE_HANDLER or self.log.init_succeeded or rejected
        return request_id(request) is not None or (after_init and request != "")

    @property
    def timed_out(self) -> bool:
        """Return whether Lambda ended the invocation at the function's time-out.

        Recorded answers have the type `Sandbox.Timedout`, older ones no type; others write `Sandbox.Timeout`.
        """
        if self.function_error is None:
            return False
        untyped = not self._error_field("errorType")
        return self.error_type.lower() in TIMED_OUT or (untyped and bool(TIMED_OUT_MESSAGE.search(self.error_message)))

    @property
    def init_failed(self) -> bool:
        """Return whether the version failed before its handler ran (aws-lambda "Init errors").

        The answer has priority over the log, and a first run of the init that timed out is not a failure: Lambda
        repeats it inside the invocation, and logs `Phase: invoke` if that fails. An unexplained crash counts as an init
        error: a gate must not guess in favour of a version.
        """
        if self.function_error is None or self.handler_ran:
            return False
        if self.timed_out:
            return self.log.init_failed_again
        of_the_platform = self.error_type.lower().startswith(NOT_OF_THE_HANDLER)
        return self._error_field("requestId") == "" or of_the_platform or self.log.init_crashed

    @property
    def init_failure(self) -> InitFailure | None:
        """Name the reason why the version does not start; a failed extension counts also after the init."""
        if self.function_error is None:
            return None
        of_an_extension = self.error_type.lower().startswith(init_failure.EXTENSION)
        if not self.init_failed and not of_an_extension:
            return None
        return init_failure.of_error(self.error_type, self.error_message, timed_out=self.timed_out)
