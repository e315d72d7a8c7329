"""Evaluation of a probe's answer."""

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from tidegate.domain.foreign_text import error_type, request_id, short_line
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


@dataclass(frozen=True)
class ProbeFinding:
    """`error` is the name of the failure (None: the version passed); `sentence` describes it."""

    error: str | None
    sentence: str
    init_seconds: float | None


def judge_probe(
    answer: ProbeAnswer,
    *,
    has_payload: bool,
    has_expect: bool,
    expect: Any,
    max_init_seconds: float | None,
    timeout_seconds: float,
    subject: str,
) -> ProbeFinding:
    """Return whether `subject`, a version of a function whose time-out is `timeout_seconds`, may receive traffic.

    Init errors and time-outs always fail it. A handler error fails it when the release gave a payload; without a
    payload the event is empty, and a handler error is only reported, because the handler may correctly reject an empty
    event.
    """
    init = answer.log.whole_init_seconds
    started = _started(answer.log)

    def failed(error: str, sentence: str) -> ProbeFinding:
        return ProbeFinding(error, f"{subject} {sentence}", init)

    if answer.function_error and (failure := _failure(answer, has_payload, timeout_seconds)):
        return failed(*failure)
    if max_init_seconds is not None and init is not None and init > max_init_seconds:
        took = f"took {_bound(answer.log)}{init:.2f} s to start{_begun_again(answer.log)}"
        return failed("InitTooSlow", f"{took}; at most {max_init_seconds:g} s are allowed")
    if answer.function_error:
        sentence = f"{subject} starts{started}; its handler rejected the empty event ({answer.said})"
        return ProbeFinding(None, sentence, init)
    differs = mismatch(expect, answer.payload) if has_expect else None
    if differs:
        return failed("ProbeFailed", f"did not answer as the probe expects: {differs} differs")
    return ProbeFinding(None, f"{subject} starts{started}", init)


def _failure(answer: ProbeAnswer, has_payload: bool, timeout_seconds: float) -> tuple[str, str] | None:
    """Name and describe the failure that an error is; None if the handler only rejects the event."""
    if answer.init_failed:
        return "InitFailed", f"does not start: {answer.said}"
    if answer.timed_out:
        asked = "the probe's payload" if has_payload else "the empty event; give the probe a payload that it answers"
        return "ProbeUnanswered", f"did not answer within its time-out of {timeout_seconds:g} s, invoked with {asked}"
    return ("ProbeFailed", f"failed on the probe's payload: {answer.said}") if has_payload else None


def _started(log: InvocationLog) -> str:
    seconds = log.whole_init_seconds
    if seconds is None:
        return " (warm)" if log.warm else " (its log does not show how long its init took)"
    return f" in {_bound(log)}{seconds * 1000:.0f} ms{_begun_again(log)}"


def _bound(log: InvocationLog) -> str:
    """If the init ran inside the invocation, its time includes the handler."""
    return "up to " if log.given_up else ""


def _begun_again(log: InvocationLog) -> str:
    if not log.given_up:
        return ""
    gave_up = f"Lambda stopped its init after {log.given_up:.2f} s"
    return f" ({gave_up} and ran it again inside the invocation; both runs count)"


def beside_stable(
    finding: ProbeFinding, stable: str, stable_seconds: float | None, *, slower_ms: float | None
) -> ProbeFinding:
    """Compare the init time with that of `stable`, from its own probe.

    `stable_seconds` is None if no probe is recorded, or the version was warm. With `slower_ms`, a version
    that takes more milliseconds longer fails.
    """
    if finding.error or finding.init_seconds is None:
        return finding
    if stable_seconds is None:
        sentence = f"{finding.sentence}; the init time of version {stable} is not recorded"
        return replace(finding, sentence=sentence)
    longer = round((finding.init_seconds - stable_seconds) * 1000)
    sentence = f"{finding.sentence}; version {stable} took {stable_seconds * 1000:.0f} ms in its probe"
    if slower_ms is None or longer <= slower_ms:
        return replace(finding, sentence=sentence)
    return replace(finding, error="InitTooSlow", sentence=f"{sentence}: {longer} ms less, {slower_ms:g} are allowed")


def mismatch(expected: Any, found: Any, path: str = "the answer") -> str | None:
    """Return the path of the first thing in `expected` that `found` lacks, or None.

    Objects are compared by the fields that `expected` names, everything else exactly. The path contains
    no values: a function's answer may contain secrets.
    """
    if isinstance(expected, dict) and isinstance(found, dict):
        paths = (
            mismatch(value, found[key], f"{path}.{key}") if key in found else f"{path}.{key}"
            for key, value in expected.items()
        )
        return next((found_path for found_path in paths if found_path), None)
    same_type = isinstance(expected, bool) == isinstance(found, bool)
    return None if same_type and expected == found else path
