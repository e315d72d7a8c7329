"""Invoke: route, run, answer; asynchronous invocations are queued."""

import base64
import binascii
import json
import uuid

from localcloud.clock import current
from localcloud.lambda_ import errors, requests
from localcloud.lambda_.asynchronous import EventQueue
from localcloud.lambda_.calls import Answer, Call
from localcloud.lambda_.invocation import Invocation, observe
from localcloud.lambda_.runtime.environment import Event
from localcloud.lambda_.runtime.executable import Executable
from localcloud.lambda_.runtime.fleet import Fleet, TooManyConcurrentError
from localcloud.lambda_.runtime.outcome import Outcome


class Invoker:
    """Runs calls in a fleet, and asynchronous ones from a queue."""

    def __init__(self) -> None:
        self.fleet = Fleet()
        self.queue = EventQueue(self.run)

    def shutdown(self) -> None:
        self.queue.shutdown()
        self.fleet.shutdown()

    def run(self, call: Call, request_id: str) -> Answer:
        """Run a call now. Raises TooManyRequestsException."""
        executable, limit = call.route()
        event = Event(request_id, call.payload, call.invoked_arn, call.client_context, call.trace_id, call.tenant)
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
    """Give the bytes of a payload that is JSON. Raises InvalidRequestContentException."""
    payload = (body.encode() if isinstance(body, str) else body) or b"{}"
    requests.parsed(payload)
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
        place=(executable.account_id, executable.region),
    )
