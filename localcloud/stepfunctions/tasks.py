"""Task states: calls in the state machine's own role, AWS's error names, functions that outlive Tasks."""

import json
import sys
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError, HTTPClientError
from moto.stepfunctions.parser.api import HistoryEventType, InvocationResponse, TaskFailedEventDetails
from moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name import CustomErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEvent
from moto.stepfunctions.parser.asl.component.state.exec.state_task.lambda_eval_utils import (
    LambdaFunctionErrorException,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_lambda import (
    StateTaskServiceLambda,
)
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails

from localcloud import faults
from localcloud.clients import Clients
from localcloud.clock import Thread, current

UNDER_WAY_SECONDS = 0.1
SERVER_ERROR = 500
SERVER_ERRORS = {"ServiceException", "EC2ThrottledException", "ResourceNotReadyException"}
"""Lambda's own faults that keep their names; Step Functions names CodeArtifactUserPendingException as a 500, too."""

THROTTLES = {"TooManyRequestsException", "ThrottlingException", "Throttling"}


class AbandonedError(Exception):
    """The function answered after its Task or its execution was over: nobody is told."""


def install(endpoint: str) -> None:
    boto_client_for = _clients_at(endpoint)
    for name, module in list(sys.modules.items()):
        if name.startswith("moto.stepfunctions.parser") and hasattr(module, "boto_client_for"):
            vars(module)["boto_client_for"] = boto_client_for
    service = StateTaskServiceLambda
    service._eval_service_task = _lambda_task(boto_client_for)
    service._from_error = _lambda_failure(service._from_error)


def _clients_at(endpoint: str) -> Callable[..., Any]:
    clients = Clients(endpoint)

    def boto_client_for(region: str, service: str, state_credentials: Any) -> Any:
        return clients.acting_as(service, region, state_credentials.role_arn)

    return boto_client_for


def _lambda_task(boto_client_for: Callable[..., Any]) -> Callable[..., None]:
    def evaluate(
        state: Any,
        env: Any,
        resource_runtime_part: Any,
        normalised_parameters: dict[str, Any],
        state_credentials: Any,
    ) -> None:
        client = boto_client_for(resource_runtime_part.region, "lambda", state_credentials)
        execution = env.states.context_object.context_object_data["Execution"]["Name"]
        if faults.task_timeout(state.name, execution):
            _leave_running(client, normalised_parameters)
        response = _invoke(client, normalised_parameters)
        if not env.is_running():
            raise AbandonedError
        env.stack.append(response)

    return evaluate


def _leave_running(client: Any, parameters: dict[str, Any]) -> None:
    def invoke() -> None:
        try:
            _invoke(client, parameters)
        except (ClientError, HTTPClientError, LambdaFunctionErrorException):
            return  # whatever became of it, its Task has failed already

    Thread(target=invoke, daemon=True, name="abandoned task").start()
    current().linger(UNDER_WAY_SECONDS)
    raise TimeoutError


def _invoke(client: Any, parameters: dict[str, Any]) -> dict[str, Any]:
    response = client.invoke(**parameters)
    text = response["Payload"].read().decode()
    if error := response.get("FunctionError"):
        raise LambdaFunctionErrorException(error, text)
    fields = {key: value for key, value in response.items() if key in InvocationResponse.__annotations__}
    return {**fields, "Payload": _json_or_text(text)}


def _json_or_text(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _lambda_failure(original: Any) -> Any:
    def failure(state: Any, env: Any, ex: Exception) -> Any:
        if not isinstance(ex, LambdaFunctionErrorException | ClientError | HTTPClientError):
            return original(state, env=env, ex=ex)
        error, cause = _error_and_cause(ex)
        details = TaskFailedEventDetails(
            error=error,
            cause=cause,
            resource=state._get_sfn_resource(),
            resourceType=state._get_sfn_resource_type(),
        )
        return FailureEvent(
            env=env,
            error_name=CustomErrorName(error),
            event_type=HistoryEventType.TaskFailed,
            event_details=EventDetails(taskFailedEventDetails=details),
        )

    return failure


def _error_and_cause(error: Exception) -> tuple[str, str]:
    if isinstance(error, LambdaFunctionErrorException):
        answer = _json_or_text(error.payload)
        name = answer.get("errorType") if isinstance(answer, dict) else None
        return name or "Lambda.Unknown", error.payload
    if isinstance(error, ClientError):
        return f"Lambda.{_service_error(error)}", _service_cause(error)
    return "Lambda.SdkClientException", str(error)


def _service_error(error: ClientError) -> str:
    """Any fault of Lambda's own has one of two names, which definitions retry by.

    Step Functions guide, "Best practices": handle transient Lambda service exceptions.
    """
    code = str(error.response["Error"]["Code"])
    if code in THROTTLES:
        return "TooManyRequestsException"
    if error.response["ResponseMetadata"]["HTTPStatusCode"] >= SERVER_ERROR and code not in SERVER_ERRORS:
        return "AWSLambdaException"
    return code


def _service_cause(error: ClientError) -> str:
    metadata = error.response["ResponseMetadata"]
    described = error.response["Error"]
    return (
        f"{described['Message']} (Service: AWSLambda; Status Code: {metadata['HTTPStatusCode']}; "
        f"Error Code: {described['Code']}; Request ID: {metadata.get('RequestId')}; Proxy: null)"
    )
