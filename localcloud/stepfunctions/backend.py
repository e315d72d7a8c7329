"""The control plane of Step Functions: moto's, with the rules it lacks."""

import copy
import json
import re
import uuid
from threading import Lock
from typing import Any

from moto.core.exceptions import AWSError
from moto.stepfunctions.exceptions import (
    ExecutionAlreadyExists,
    ExecutionDoesNotExist,
    InvalidExecutionInput,
    InvalidName,
)
from moto.stepfunctions.parser.api import ExecutionStatus
from moto.stepfunctions.parser.models import StepFunctionsParserBackend, stepfunctions_parser_backends

from localcloud.clock import current
from localcloud.stepfunctions.definition import DefinitionError, validate
from localcloud.stepfunctions.execution import REDRIVABLE, LocalExecution

# Whitespace, brackets, wildcards, special and control characters (StartExecution in the API reference).
FORBIDDEN_IN_NAME = re.compile(r'[\s<>{}\[\]?*"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]')
LONGEST_NAME = 80
LARGEST_INPUT = 256 * 1024

_starting = Lock()


def install() -> None:
    stepfunctions_parser_backends.backend = Backend
    stepfunctions_parser_backends.clear()


class InvalidDefinition(AWSError):
    TYPE = "InvalidDefinition"
    STATUS = 400


class StateMachineAlreadyExists(AWSError):
    TYPE = "StateMachineAlreadyExists"
    STATUS = 400


class ExecutionNotRedrivable(AWSError):
    TYPE = "ExecutionNotRedrivable"
    STATUS = 400


def abort_everything() -> None:
    for regions in list(stepfunctions_parser_backends.values()):
        for backend in list(regions.values()):
            for execution in backend._get_executions(ExecutionStatus.RUNNING):
                execution.stop(stop_date=current().now(), error=None, cause="the local cloud was stopped")


def time_out(execution_arn: str) -> None:
    """End an execution as if it had run for all the time that its machine allows."""
    for regions in list(stepfunctions_parser_backends.values()):
        for backend in list(regions.values()):
            for execution in backend._get_executions():
                if execution.execution_arn == execution_arn:
                    execution.time_out()


class Backend(StepFunctionsParserBackend):  # type: ignore[misc] # moto has no types
    def create_state_machine(self, name: str, definition: str, roleArn: str, **options: Any) -> Any:  # noqa: N803 - moto's name
        _refuse_unsound(definition)
        existing = next((machine for machine in self.state_machines if machine.name == name), None)
        if existing and (existing.definition, existing.roleArn) != (definition, roleArn):
            raise StateMachineAlreadyExists(f"State Machine Already Exists: '{existing.arn}'")
        return super().create_state_machine(name, definition, roleArn, **options)

    def update_state_machine(self, arn: str, definition: str | None = None, *args: Any, **options: Any) -> Any:
        if definition is not None:
            _refuse_unsound(definition)
        return super().update_state_machine(arn, definition, *args, **options)

    def start_execution(
        self,
        state_machine_arn: str,
        name: str | None = None,
        execution_input: str | None = None,
        trace_header: str | None = None,
    ) -> LocalExecution:
        machine = self.describe_state_machine(state_machine_arn)
        name = name or str(uuid.uuid4())
        text = execution_input or "{}"
        _refuse_name(name)
        _refuse_input(text)
        with _starting:
            running = _same_name(machine, name, text)
            if running:
                return running
            execution = self._new_execution(machine, name, text, trace_header)
            machine.executions.append(execution)
            execution.start()
        return execution

    def _new_execution(self, machine: Any, name: str, text: str, trace_header: str | None) -> LocalExecution:
        snapshot = copy.copy(machine)  # a running execution keeps the definition it started with
        snapshot.executions = []
        snapshot.sm_type = machine.type
        where = f"arn:{self.partition}:states:{self.region_name}:{self.account_id}"
        return LocalExecution(
            name=name,
            sm_type=machine.type,
            role_arn=machine.roleArn,
            exec_arn=f"{where}:execution:{machine.name}:{name}",
            account_id=self.account_id,
            region_name=self.region_name,
            state_machine=snapshot,
            start_date=current().now(),
            cloud_watch_logging_session=None,
            activity_store={},
            input_data=text,
            trace_header=trace_header,
        )

    def describe_execution(self, execution_arn: str) -> LocalExecution:
        self._validate_execution_arn(execution_arn)
        for machine in self.state_machines:
            for execution in machine.executions:
                if execution.execution_arn == execution_arn:
                    return execution  # type: ignore[no-any-return] # moto has no types
        raise ExecutionDoesNotExist(f"Execution Does Not Exist: '{execution_arn}'")

    def stop_execution(self, execution_arn: str, error: str | None = None, cause: str | None = None) -> LocalExecution:
        execution = self.describe_execution(execution_arn)
        execution.stop(stop_date=current().now(), error=error, cause=cause)
        return execution

    def redrive_execution(self, execution_arn: str) -> LocalExecution:
        execution = self.describe_execution(execution_arn)
        if execution.exec_status not in REDRIVABLE:
            raise ExecutionNotRedrivable(str(execution.redrive_status_reason))
        execution.redrive()
        return execution

    def _get_executions(self, execution_status: ExecutionStatus | None = None) -> list[Any]:
        everything = [execution for machine in self.state_machines for execution in machine.executions]
        return [e for e in everything if execution_status in {None, e.exec_status}]


def _refuse_unsound(definition: str) -> None:
    try:
        validate(definition)
    except DefinitionError as error:
        raise InvalidDefinition(f"Invalid State Machine Definition: '{error}'") from error


def _refuse_name(name: str) -> None:
    if len(name) > LONGEST_NAME or FORBIDDEN_IN_NAME.search(name):
        raise InvalidName(f"Invalid Name: '{name}'")


def _refuse_input(text: str) -> None:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        raise InvalidExecutionInput(f"Invalid State Machine Execution Input: '{error}'") from error
    if len(text.encode()) > LARGEST_INPUT:
        raise InvalidExecutionInput("Invalid State Machine Execution Input: over 262144 bytes")


def _same_name(machine: Any, name: str, text: str) -> LocalExecution | None:
    """Find what is running already when it is asked for again (StartExecution in the API reference)."""
    for execution in machine.executions:
        if execution.name == name:
            if execution.exec_status == ExecutionStatus.RUNNING and execution.execution_input == text:
                return execution  # type: ignore[no-any-return] # moto has no types
            raise ExecutionAlreadyExists(f"Execution Already Exists: '{execution.execution_arn}'")
    return None
