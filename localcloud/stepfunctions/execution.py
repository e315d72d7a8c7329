"""One execution: runs moto's interpreter, and ends exactly once."""

import json
from collections.abc import Callable
from datetime import datetime
from threading import Lock
from typing import Any

from moto.stepfunctions.parser.api import ExecutionStatus, HistoryEventType
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventHistoryContext
from moto.stepfunctions.parser.asl.eval.program_state import ProgramEnded, ProgramError
from moto.stepfunctions.parser.backend.execution import Execution
from moto.stepfunctions.parser.backend.execution_worker import ExecutionWorker

from localcloud.clock import Event, Thread, current, later
from localcloud.stepfunctions.observing import History
from localcloud.stepfunctions.waiting import iso

status_observers: list[Callable[["LocalExecution"], None]] = []
"""Told when an execution starts to run and when it ends."""

REDRIVABLE = {ExecutionStatus.FAILED, ExecutionStatus.ABORTED, ExecutionStatus.TIMED_OUT}


class LocalExecution(Execution):  # type: ignore[misc] # moto has no types
    """An execution whose end is decided by whoever comes first: its states, StopExecution, its time-out."""

    redrive_count = 0
    stop_date: datetime | None
    redrive_date: datetime | None = None
    _timer: Event | None = None

    def start(self) -> None:
        self._ending = Lock()
        self._history = History(self.name)
        self.exec_status = ExecutionStatus.RUNNING
        self._run(None, self.input_data, {})

    @property
    def redrive_status(self) -> str:
        return "REDRIVABLE" if self.exec_status in REDRIVABLE else "NOT_REDRIVABLE"

    @property
    def redrive_status_reason(self) -> str | None:
        if self.exec_status in REDRIVABLE:
            return None
        return f"Execution is {self.status} and cannot be redriven"

    def stop(self, stop_date: datetime, error: str | None, cause: str | None) -> None:
        env = self.exec_worker.env
        env.set_stop(stop_date=stop_date, error=error, cause=cause)
        details = {key: value for key, value in (("error", error), ("cause", cause)) if value}
        self._end(ExecutionStatus.ABORTED, HistoryEventType.ExecutionAborted, details)

    def redrive(self) -> None:
        """Go on at the state where it ended, with the input and variables it had there.

        Step Functions guide, "Restarting state machine executions with redrive".
        """
        env = self.exec_worker.env
        state, state_input = env.reached
        self.redrive_count += 1
        self.redrive_date = current().now()
        self.stop_date = self.error = self.cause = None
        self.exec_status = ExecutionStatus.RUNNING
        self._history = self._history.continued()
        self._history.add_event(
            EventHistoryContext.of_program_start(),
            HistoryEventType.ExecutionRedriven,
            EventDetails(executionRedrivenEventDetails={"redriveCount": self.redrive_count}),
        )
        self._run(state, state_input, dict(env.variable_store._inner_scope))

    def _run(self, start_at: str | None, state_input: Any, variables: dict[str, Any]) -> None:
        self.exec_worker = LocalWorker(self, start_at, state_input, variables)
        for observer in status_observers:
            observer(self)
        seconds = self.exec_worker.program.timeout_seconds
        if seconds:
            self._timer = later(seconds.timeout_seconds, self.time_out)
        Thread(target=self._interpret, args=(self.exec_worker,), daemon=True, name=self.name).start()

    def _interpret(self, worker: "LocalWorker") -> None:
        worker.program._eval_body(worker.env)
        state = worker.env.program_state()
        if isinstance(state, ProgramEnded):
            self.output = worker.env.states.get_input()
            self._end(ExecutionStatus.SUCCEEDED, None, {})
        elif isinstance(state, ProgramError):
            self._end(ExecutionStatus.FAILED, None, state.error or {})

    def time_out(self) -> None:
        """End as when the machine's TimeoutSeconds are over."""
        self.exec_worker.env.set_timed_out()
        self._end(ExecutionStatus.TIMED_OUT, HistoryEventType.ExecutionTimedOut, {})

    def _end(self, status: ExecutionStatus, event: HistoryEventType | None, details: dict[str, Any]) -> None:
        with self._ending:
            if self.exec_status != ExecutionStatus.RUNNING:
                return
            if event:
                self._add_terminal_event(event, details)
            self.error, self.cause = details.get("error"), details.get("cause")
            self.stop_date = current().now()
            self.exec_status = status
        if self._timer:
            self._timer.set()
        for observer in status_observers:
            observer(self)

    def _add_terminal_event(self, event: HistoryEventType, details: dict[str, Any]) -> None:
        name = f"{event.value[0].lower()}{event.value[1:]}EventDetails"
        self._history.add_event(EventHistoryContext.of_program_start(), event, {name: details})


class LocalWorker(ExecutionWorker):  # type: ignore[misc] # moto has no types
    """A program ready to run, with the environment it runs in."""

    def __init__(
        self, execution: LocalExecution, start_at: str | None, state_input: Any, variables: dict[str, Any]
    ) -> None:
        source = execution._get_start_execution_worker()
        super().__init__(source._evaluation_details, source._execution_communication, None, {})
        self.program = self._get_evaluation_entrypoint()
        self.env = self._get_evaluation_environment()
        self.env.event_manager = execution._history
        context = self.env.states.context_object.context_object_data["Execution"]
        context["StartTime"] = iso(execution.start_date)
        context["RedriveCount"] = execution.redrive_count
        if execution.redrive_date:
            context["RedriveTime"] = iso(execution.redrive_date)
        self.env.states.reset(input_value=state_input)
        for name, value in variables.items():
            self.env.variable_store.set(name, value)
        self.env.variable_store.reset_tracing()
        self.env.next_state_name = start_at or self.program.start_at.start_at_name
        if not start_at:
            self._announce_start()

    def _announce_start(self) -> None:
        details = self._evaluation_details
        self.env.event_manager.add_event(
            self.env.event_history_context,
            HistoryEventType.ExecutionStarted,
            EventDetails(
                executionStartedEventDetails={
                    "input": json.dumps(details.execution_details.inpt),
                    "inputDetails": {"truncated": False},
                    "roleArn": details.aws_execution_details.role_arn,
                }
            ),
            update_source_event_id=False,
        )
