"""The state machine whose executions are the releases: its limits, starting one, and ending its wait for Regions."""

import json
from typing import Any

from botocore.exceptions import ClientError

from tidegate.aws import executions
from tidegate.aws.clients import given, stepfunctions_client
from tidegate.aws.failures import code_of
from tidegate.domain.errors import AwsBusy, KeyUsedBefore
from tidegate.domain.request.limits import Settings
from tidegate.domain.triggers import Order


def arn() -> str:
    """Return the state machine's ARN; raises as `environment.given`."""
    return given("STATE_MACHINE_ARN")


def function_arn(function: str) -> str:
    """Return the ARN of a function of the state machine's account and Region."""
    _, partition, _, region, account = arn().split(":")[:5]
    return f"arn:{partition}:lambda:{region}:{account}:function:{function}"


def read_settings() -> Settings:
    """Read what this deployment allows now, from the definition's settings for Plan."""
    definition = json.loads(stepfunctions_client().describe_state_machine(stateMachineArn=arn())["definition"])
    return Settings.model_validate(definition["States"]["Plan"]["Arguments"]["Payload"]["settings"])


def home() -> tuple[str, str]:
    """Return the state machine's account and Region."""
    region, account = arn().split(":")[3:5]
    return account, region


def is_there(order: Order) -> bool:
    """Return whether there is a release of this name, running or over."""
    return executions.status(_execution(order.name)) is not None


def start(order: Order) -> bool:
    """Start a release; False if there is one with this name, running or ended.

    A name can be used again 90 days after its execution has ended.

    Raises
    ------
    KeyUsedBefore
        When that release has a different request.
    AwsBusy
        When Step Functions does not show its input yet.
    """
    try:
        stepfunctions_client().start_execution(
            stateMachineArn=arn(), name=order.name, input=json.dumps(order.request, sort_keys=True)
        )
    except ClientError as error:
        if code_of(error) != "ExecutionAlreadyExists":
            raise
        if order.sole and _request_of(order.name) != order.request:
            raise KeyUsedBefore(
                f"There is a release {order.name} with a different request already; use another key."
            ) from None
        return False
    return True


def _request_of(name: str) -> Any:
    found = executions.describe(_execution(name))
    if found is None:
        raise AwsBusy(f"There is a release {name}, but Step Functions does not show its request yet.")
    return found.request


def _execution(name: str) -> str:
    return f"{arn().replace(':stateMachine:', ':execution:')}:{name}"


OVER = {"TaskTimedOut", "TaskDoesNotExist", "InvalidToken"}
"""What SendTaskSuccess answers when the wait of a token is over."""


def wake(token: str) -> bool:
    """End the wait with this token; return False if it is over."""
    try:
        stepfunctions_client().send_task_success(taskToken=token, output="{}")
    except ClientError as failure:
        if code_of(failure) not in OVER:
            raise
        return False
    return True
