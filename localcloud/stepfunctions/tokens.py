"""How a task that waits for its token fails: with error and cause of SendTaskFailure (API reference)."""

from collections.abc import Callable
from typing import Any

from moto.core.responses import EmptyResult
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_callback import (
    StateTaskServiceCallback,
)
from moto.stepfunctions.responses import StepFunctionResponse


def install() -> None:
    StepFunctionResponse.send_task_failure = _send_task_failure
    service = StateTaskServiceCallback
    service._get_callback_outcome_failure_event = _without_none(service._get_callback_outcome_failure_event)


def _send_task_failure(request: Any) -> Any:
    request.stepfunction_backend.send_task_failure(
        request._get_param("taskToken"), error=request._get_param("error"), cause=request._get_param("cause")
    )
    return EmptyResult()


def _without_none(original: Callable[..., Any]) -> Callable[..., Any]:
    """Leave out of the event what was not given: a Catch sees an empty text for it."""

    def event(state: Any, env: Any, ex: Any) -> Any:
        failure = original(state, env, ex)
        for details in failure.event_details.values():
            for name in [name for name, value in details.items() if value is None]:
                del details[name]
        return failure

    return event
