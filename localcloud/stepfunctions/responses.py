"""Answers of the API that moto leaves out or leaves incomplete."""

import json
from typing import Any

from moto.core.responses import ActionResult
from moto.stepfunctions.responses import StepFunctionResponse

from localcloud.stepfunctions.execution import LocalExecution

LARGEST_PAGE = 1000
EXECUTION_DATA = ("input", "output", "parameters", "assignedVariables")


def install() -> None:
    StepFunctionResponse.describe_execution = _describe_execution
    StepFunctionResponse.get_execution_history = _get_execution_history
    StepFunctionResponse.list_executions = _list_executions
    StepFunctionResponse.redrive_execution = _redrive_execution
    StepFunctionResponse.stop_execution = _stop_execution


def _describe_execution(request: Any) -> Any:
    execution = request.stepfunction_backend.describe_execution(request._get_param("executionArn"))
    details: dict[str, Any] = {
        **_listed(execution),
        "input": execution.execution_input,
        "inputDetails": {"included": True},
        "redriveStatus": execution.redrive_status,
        "redriveStatusReason": execution.redrive_status_reason,
        "error": execution.error,
        "cause": execution.cause,
    }
    if execution.status == "SUCCEEDED":
        details["output"] = json.dumps(execution.output, separators=(",", ":"))
        details["outputDetails"] = {"included": True}
    return ActionResult({key: value for key, value in details.items() if value is not None})


def _listed(execution: LocalExecution) -> dict[str, Any]:
    item = {
        "executionArn": execution.execution_arn,
        "stateMachineArn": execution.state_machine_arn,
        "name": execution.name,
        "status": execution.status,
        "startDate": execution.start_date,
        "stopDate": execution.stop_date,
        "redriveCount": execution.redrive_count,
        "redriveDate": execution.redrive_date,
    }
    return {key: value for key, value in item.items() if value is not None}


def _list_executions(request: Any) -> Any:
    executions, next_token = request.stepfunction_backend.list_executions(
        request._get_param("stateMachineArn"),
        status_filter=request._get_param("statusFilter"),
        max_results=request._get_int_param("maxResults"),
        next_token=request._get_param("nextToken"),
    )
    return ActionResult({"executions": [_listed(e) for e in executions], "nextToken": next_token})


def _get_execution_history(request: Any) -> Any:
    execution = request.stepfunction_backend.describe_execution(request._get_param("executionArn"))
    events = execution.to_history_output()["events"]
    if request._get_param("reverseOrder"):
        events.reverse()
    if request._get_param("includeExecutionData") is False:
        events = [_without_data(event) for event in events]
    start = int(request._get_param("nextToken") or 0)
    end = start + (request._get_int_param("maxResults") or LARGEST_PAGE)
    page = {"events": events[start:end], "nextToken": str(end) if end < len(events) else None}
    return ActionResult(page)


def _without_data(event: dict[str, Any]) -> dict[str, Any]:
    return {
        key: {name: inner for name, inner in value.items() if name not in EXECUTION_DATA}
        if isinstance(value, dict)
        else value
        for key, value in event.items()
    }


def _stop_execution(request: Any) -> Any:
    execution = request.stepfunction_backend.stop_execution(
        request._get_param("executionArn"),
        error=request._get_param("error"),
        cause=request._get_param("cause"),
    )
    return ActionResult({"stopDate": execution.stop_date})


def _redrive_execution(request: Any) -> Any:
    execution = request.stepfunction_backend.redrive_execution(request._get_param("executionArn"))
    return ActionResult({"redriveDate": execution.redrive_date})
