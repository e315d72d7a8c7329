"""One execution environment: init, then one invocation at a time, with the log that Lambda would write."""

import json
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from localcloud.clock import current
from localcloud.lambda_.runtime import memory, outcome
from localcloud.lambda_.runtime.channel import DeadlinePassed, ProcessEnded, Request
from localcloud.lambda_.runtime.executable import Executable
from localcloud.lambda_.runtime.forking import Forking
from localcloud.lambda_.runtime.log import Log
from localcloud.lambda_.runtime.outcome import Outcome
from localcloud.lambda_.runtime.process import RuntimeProcess

INIT_LIMIT_SECONDS = 10.0
PROVISIONED_INIT_LIMIT_SECONDS = 130.0  # or the function's time-out, whichever is longer
RESPONSE_LIMIT_BYTES = 6_291_556


@dataclass(frozen=True)
class Event:
    """One invocation to be run. `client_context` is JSON."""

    request_id: str
    payload: bytes
    invoked_arn: str
    client_context: str | None
    trace_id: str
    tenant: str | None = None


Failure = Callable[[Event, float], Outcome]
"""Answers an invocation that failed: what was to be run, and when it began (of the clock's monotonic)."""


class NotDeliveredError(Exception):
    """The process was gone before it got the event: another environment can have it."""


class Environment:
    """`provisioned`: provisioned concurrency has it started, ahead of any invocation."""

    def __init__(self, executable: Executable, forking: Forking, *, provisioned: bool = False) -> None:
        self.executable = executable
        self.provisioned = provisioned
        self._forking = forking
        self.idle_since = time.monotonic()
        self._log = Log(executable)
        self._started = current().monotonic()
        self._process = RuntimeProcess(executable, self._log.stream, forking, provisioned=provisioned)
        self._initialised = False
        self._init_ms: float | None = None  # until the first invocation has reported it
        self._repeated: float | None = None  # when the init began again, until the first invocation has ended
        self._invoked = False
        self._asked = False  # the process has asked for the next event, and we have read that
        self._killed = False

    @property
    def access_key_id(self) -> str:
        return self._process.access_key_id

    @property
    def usable(self) -> bool:
        return self._initialised and not self._killed and self._process.alive

    def kill(self) -> None:
        self._killed = True
        self._process.kill()

    def close(self) -> None:
        self._process.close()

    def init_ahead(self) -> bool:
        """Wait for the init of an environment that nothing was invoked in, and tell whether it succeeded.

        It may take 130 s, or the function's time-out if that is longer, and is not run again (Lambda guide,
        "Understanding the Lambda execution environment lifecycle").
        """
        self._log.init_start()
        failure = self._run_init("init", max(PROVISIONED_INIT_LIMIT_SECONDS, self.executable.timeout))
        self._log.flush()
        return failure is None

    def init(self, event: Event) -> Outcome | None:
        """Wait for init. A failed init is the answer to the event that caused it; it is of no more use then.

        Ten seconds, then once more inside the invocation, within the function's time-out, as Lambda does (its guide,
        "Understanding the Lambda execution environment lifecycle"): such an init has no Init Duration, and the
        invocation's Duration includes it.
        """
        self._log.init_start()
        failure = self._run_init("init", INIT_LIMIT_SECONDS)
        if failure is None:
            return None
        if not self._killed and failure != self._faulted:
            failure = self._repeat_init()
            if failure is None:
                return None
        self._log.start(event.request_id)
        return failure(event, self._started)

    def invoke(self, event: Event) -> Outcome:
        """Run an invocation, after init. Raises NotDeliveredError."""
        try:
            self._deliver(event)
        except NotDeliveredError:
            if self._invoked:
                raise
            return self._exited(event, current().monotonic())  # it does not survive its init: nor would the next one
        started = self._repeated or current().monotonic()
        try:
            with current().named(self.access_key_id):
                request = self._process.channel.receive(started + self.executable.timeout)
            return self._finished(event, request, started)
        except DeadlinePassed:
            return self._timed_out(event, started)
        except ProcessEnded:
            return self._exited(event, started)

    def _repeat_init(self) -> Failure | None:
        self._process.close()
        self._started = current().monotonic()
        self._process = RuntimeProcess(self.executable, self._log.stream, self._forking)
        if self._killed:  # meanwhile, which the process before it felt alone
            self._process.kill()
        failure = self._run_init("invoke", self.executable.timeout)
        if failure is None:
            self._repeated, self._init_ms = self._started, None
        return failure

    def _run_init(self, phase: str, limit: float) -> Failure | None:
        """Wait for one run of the init; give what answers the invocation if it fails."""
        try:
            with current().named(self.access_key_id):
                request = self._process.channel.receive(self._started + limit)
        except DeadlinePassed:
            self._log_init_failure(phase, "timeout")
            return self._timed_out
        except ProcessEnded:
            if self._process.wait() == -signal.SIGSEGV:
                return self._faulted
            self._log_init_failure(phase, "error", outcome.error_type_of(self._end("")))
            return self._exited
        if request.path.endswith("/init/error"):
            self._process.channel.acknowledge()
            self._log_init_failure(phase, "error", outcome.error_type_of(request.body))
            return partial(self._crashed, request.body)
        self._initialised = self._asked = True
        self._init_ms = (current().monotonic() - self._started) * 1000
        return None

    def _deliver(self, event: Event) -> None:
        headers = {
            "Lambda-Runtime-Aws-Request-Id": event.request_id,
            "Lambda-Runtime-Invoked-Function-Arn": event.invoked_arn,
            "Lambda-Runtime-Deadline-Ms": str(int((current().lived() + self._time_left()) * 1000)),
            "Lambda-Runtime-Trace-Id": event.trace_id,
        }
        if event.client_context:
            headers["Lambda-Runtime-Client-Context"] = event.client_context
        if event.tenant:
            headers["Lambda-Runtime-Aws-Tenant-Id"] = event.tenant
        channel = self._process.channel
        try:
            if not self._asked:
                self._until_asked()
            self._asked = False
            self._log.output(channel.take_output())
            self._log.start(event.request_id)
            channel.respond("200 OK", event.payload, headers)
        except (ProcessEnded, DeadlinePassed) as gone:
            raise NotDeliveredError from gone

    def _until_asked(self) -> None:
        """Wait until the process asks for an event; an error after its answer counts for nothing."""
        deadline = current().monotonic() + self.executable.timeout
        while not self._process.channel.receive(deadline).path.endswith("/next"):
            self._process.channel.acknowledge("403 Forbidden", b"{}")

    def _time_left(self) -> float:
        passed = current().monotonic() - self._repeated if self._repeated else 0.0
        return self.executable.timeout - passed

    def _finished(self, event: Event, request: Request, started: float) -> Outcome:
        if self._process.was_too_large():  # between two looks: AWS would have killed it before it answered
            return self._exited(event, started)
        if request.path.endswith("/error"):
            self._process.channel.acknowledge()
            return self._failed(event, request.body, started)
        if len(request.body) > RESPONSE_LIMIT_BYTES:
            self._process.channel.acknowledge("413 Request Entity Too Large", b"{}")
            return self._failed(event, outcome.too_large(), started)
        self._process.channel.acknowledge()
        return self._ended(event, request.body, None, started)

    def _failed(self, event: Event, payload: bytes, started: float) -> Outcome:
        """End with an error of the handler. Recorded: REPORT has no Status then."""
        return self._ended(event, payload, outcome.error_type_of(payload), started)

    def _crashed(self, payload: bytes, event: Event, started: float) -> Outcome:
        """End with an error of the init or of the process, for which REPORT has a Status."""
        error_type = outcome.error_type_of(payload)
        return self._ended(event, payload, error_type, started, f"Status: error\tError Type: {error_type}")

    def _exited(self, event: Event, started: float) -> Outcome:
        payload = self._end(event.request_id)
        self._log.output(self._process.channel.take_output())
        self._log.add(f"{json.loads(payload)['errorMessage']}\n")
        return self._crashed(payload, event, started)

    def _end(self, request_id: str) -> bytes:
        """Wait for the end of the process, and give what answers an invocation."""
        return_code = self._process.wait()
        if not self.executable.can_start:
            return outcome.no_entry_point(request_id)
        return outcome.exited(request_id, return_code)

    def _timed_out(self, event: Event, started: float) -> Outcome:
        self.kill()
        timeout = self.executable.timeout
        self._log.output(self._process.channel.take_output())
        self._log.add(f"{event.request_id} Task timed out after {timeout:.2f} seconds\n")
        payload = outcome.timed_out(event.request_id, timeout)
        return self._ended(event, payload, "Sandbox.Timedout", started, "Status: timeout")

    def _faulted(self, event: Event, started: float) -> Outcome:
        """End after a segmentation fault in init. Recorded: the answer is a time-out, at the end of that time."""
        current().linger(self.executable.timeout)
        return self._timed_out(event, started)

    def _ended(self, event: Event, payload: bytes, error_type: str | None, started: float, status: str = "") -> Outcome:
        duration_ms = (current().monotonic() - started) * 1000
        init_ms, self._init_ms, self._repeated, self._invoked = self._init_ms, None, None, True
        self._log.output(self._process.channel.take_output())
        self._log.end(event.request_id, duration_ms, init_ms, self._process.peak_memory() // memory.MB, status)
        return Outcome(payload, error_type, duration_ms, init_ms, self._log.flush())

    def _log_init_failure(self, phase: str, status: str, error_type: str = "") -> None:
        self._log.output(self._process.channel.take_output())
        self._log.init_report((current().monotonic() - self._started) * 1000, phase, status, error_type)
