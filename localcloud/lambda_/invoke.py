"""Invoke: route, run, answer; and the retries of asynchronous invocations."""

import base64
import binascii
import json
import logging
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from moto.core.exceptions import JsonRESTError

from localcloud.clock import current
from localcloud.lambda_ import errors
from localcloud.lambda_.dead_letter import dead_letters
from localcloud.lambda_.invocation import Invocation, observe
from localcloud.lambda_.runtime.environment import Event
from localcloud.lambda_.runtime.executable import Executable
from localcloud.lambda_.runtime.fleet import Fleet, TooManyConcurrentError
from localcloud.lambda_.runtime.outcome import Outcome

_logger = logging.getLogger(__name__)

RETRY_SECONDS = (60.0, 120.0)  # emulated; AWS waits one minute, then two
THROTTLED_SECONDS = 1.0  # emulated; doubles up to five minutes, for six hours
THROTTLED_LIMIT_SECONDS = 6 * 3600.0


@dataclass(frozen=True)
class Call:
    """An Invoke request. `route` draws the version; `limit` is reserved concurrency."""

    function_name: str
    qualifier: str | None
    alias: str | None
    invoked_arn: str
    payload: bytes
    client_context: str | None
    caller: str | None
    trace_id: str
    route: Callable[[], tuple[Executable, int | None]]


@dataclass(frozen=True)
class Answer:
    executable: Executable
    outcome: Outcome


class Invoker:
    """Runs calls in a fleet, and asynchronous ones in threads of its own."""

    def __init__(self) -> None:
        self.fleet = Fleet()
        self._background = ThreadPoolExecutor(max_workers=32, thread_name_prefix="lambda-event")
        self._timers: set[threading.Timer] = set()

    def shutdown(self) -> None:
        for timer in list(self._timers):
            timer.cancel()
        self._background.shutdown(wait=False, cancel_futures=True)
        self.fleet.shutdown()

    def run(self, call: Call, request_id: str) -> Answer:
        """Run a call now. Raises TooManyRequestsException."""
        executable, limit = call.route()
        event = Event(request_id, call.payload, call.invoked_arn, call.client_context, call.trace_id)
        started = current().time()
        try:
            outcome = self.fleet.run(executable, event, limit)
        except TooManyConcurrentError as error:
            observe(_told(call, executable, started, request_id, None))
            reason = "ConcurrentInvocationLimitExceeded"
            if limit is not None:
                reason = f"ReservedFunction{reason}"
            raise errors.too_many_requests("Rate Exceeded.", reason) from error
        observe(_told(call, executable, started, request_id, outcome))
        return Answer(executable, outcome)

    def submit(self, call: Call, request_id: str, retries: int) -> None:
        """Run a call in the background; after an error again, up to `retries` times."""
        waits = RETRY_SECONDS[: max(0, retries)]
        self._start(call, request_id, waits, THROTTLED_SECONDS, current().time())

    def _start(self, *attempt: Any) -> None:
        self._background.submit(self._attempt, *attempt).add_done_callback(_log_failure)

    def _attempt(self, call: Call, request_id: str, waits: tuple[float, ...], backoff: float, accepted: float) -> None:
        try:
            answer = self.run(call, request_id)
        except JsonRESTError as error:
            # Throttled: later. Anything else, e.g. a function deleted meanwhile, ends it.
            if error.code == 429 and current().time() - accepted < THROTTLED_LIMIT_SECONDS:
                self._later(backoff, call, request_id, waits, min(2 * backoff, 300.0), accepted)
            return
        if answer.outcome.error_type and waits:
            self._later(waits[0], call, request_id, waits[1:], THROTTLED_SECONDS, accepted)
        elif answer.outcome.error_type:
            dead_letters.bury(answer.executable, call.payload, request_id, answer.outcome)

    def _later(self, seconds: float, *attempt: Any) -> None:
        def submit() -> None:
            self._timers.discard(timer)
            self._start(*attempt)

        timer = threading.Timer(current().real(seconds), submit)
        timer.daemon = True
        self._timers.add(timer)
        timer.start()


def _log_failure(attempt: Future[None]) -> None:
    """Say so when an asynchronous invocation broke in our own code: nobody waits for it."""
    if not attempt.cancelled() and attempt.exception():
        _logger.error("an asynchronous invocation broke", exc_info=attempt.exception())


def new_request_id() -> str:
    return str(uuid.uuid4())


def decoded_context(header: str | None) -> str | None:
    """Give the JSON of an X-Amz-Client-Context header."""
    if not header:
        return None
    try:
        text = base64.b64decode(header, validate=True).decode()
        json.loads(text)
    except (binascii.Error, ValueError) as error:
        message = "Client context must be a valid Base64-encoded JSON object."
        raise errors.LambdaError("InvalidRequestContentException", 400, message) from error
    return text


def checked_payload(body: str | bytes | None) -> bytes:
    payload = (body.encode() if isinstance(body, str) else body) or b"{}"
    try:
        json.loads(payload)
    except ValueError as error:
        message = f"Could not parse request body into json: Could not parse payload into json: {error}"
        raise errors.LambdaError("InvalidRequestContentException", 400, message) from error
    return payload


def _told(call: Call, executable: Executable, started: float, request_id: str, outcome: Outcome | None) -> Invocation:
    return Invocation(
        function_name=call.function_name,
        alias=call.alias,
        qualifier=call.qualifier,
        executed_version=executable.version,
        started=started,
        ended=current().time(),
        duration_ms=outcome.duration_ms if outcome else 0.0,
        init_ms=outcome.init_ms if outcome else None,
        request_id=request_id,
        error_type=outcome.error_type if outcome else None,
        throttled=outcome is None,
        role_arn=executable.role,
        caller=call.caller,
        payload=call.payload,
    )
