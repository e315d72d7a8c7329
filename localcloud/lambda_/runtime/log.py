"""The log stream of an execution environment, in moto's CloudWatch Logs, with the lines Lambda writes."""

import uuid

from moto.logs.models import logs_backends

from localcloud.clock import current
from localcloud.lambda_.presentation import logging_config
from localcloud.lambda_.runtime.executable import Executable
from localcloud.lambda_.runtime.runtimes import full_name

TAIL_BYTES = 4096


class Log:
    """Collects lines until `flush`; an environment runs one invocation at a time, so nothing interleaves."""

    def __init__(self, executable: Executable) -> None:
        self._executable = executable
        self._group = logging_config(executable.definition, executable.function_name)["LogGroup"]
        self.stream = _stream(executable, self._group)
        self._events: list[dict[str, object]] = []

    def add(self, text: str) -> None:
        self._events.append({"timestamp": int(current().time() * 1000), "message": text})

    def output(self, text: str) -> None:
        for line in text.splitlines(keepends=False) if "\r" not in text else text.split("\n"):
            if line:  # the runtime joins the lines of one message with a carriage return
                self.add(line.replace("\r", "\n") + "\n")

    def init_start(self) -> None:
        runtime = self._executable.runtime
        arn = f"arn:aws:lambda:{self._executable.region}::runtime:{runtime}"
        self.add(f"INIT_START Runtime Version: {full_name(runtime)}\tRuntime Version ARN: {arn}\n")

    def init_report(self, init_ms: float, phase: str, status: str, error_type: str = "") -> None:
        error = f"\tError Type: {error_type}" if error_type else ""
        self.add(f"INIT_REPORT Init Duration: {init_ms:.2f} ms\tPhase: {phase}\tStatus: {status}{error}\n")

    def start(self, request_id: str) -> None:
        self.add(f"START RequestId: {request_id} Version: {self._executable.version}\n")

    def end(
        self, request_id: str, duration_ms: float, init_ms: float | None, memory_used: int, status: str = ""
    ) -> None:
        """Write END and REPORT; `status` is what REPORT ends with when something went wrong."""
        billed = int(-(-(duration_ms + (init_ms or 0)) // 1))
        init = f"Init Duration: {init_ms:.2f} ms\t" if init_ms is not None else ""
        self.add(f"END RequestId: {request_id}\n")
        self.add(
            f"REPORT RequestId: {request_id}\tDuration: {duration_ms:.2f} ms\tBilled Duration: {billed} ms\t"
            f"Memory Size: {self._executable.memory} MB\tMax Memory Used: {memory_used} MB\t{init}{status}\n"
        )

    def flush(self) -> bytes:
        """Store what was collected, and give its last 4 KB back: the tail that Invoke answers with."""
        events, self._events = self._events, []
        store = logs_backends[self._executable.account_id][self._executable.region]
        store.ensure_log_group(self._group)
        group = store.groups[self._group]
        if self.stream not in group.streams:
            group.create_log_stream(self.stream)
        # Not through PutLogEvents: it refuses what is hours from the real time, as emulated time soon is.
        group.put_log_events(self.stream, events)
        text = "".join(str(event["message"]) for event in events)
        return text.encode()[-TAIL_BYTES:]


def _stream(executable: Executable, group: str) -> str:
    """Name a stream; in a group that is not the function's own default, functions are told apart by their names.

    Lambda guide, "Configuring CloudWatch log groups".
    """
    day = current().now().strftime("%Y/%m/%d")
    own = group == f"/aws/lambda/{executable.function_name}"
    return f"{day}/{'' if own else executable.function_name}[{executable.version}]{uuid.uuid4().hex}"
