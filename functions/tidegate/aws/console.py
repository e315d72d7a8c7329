"""Links into the AWS console."""

import os
from urllib.parse import quote


def log_link(log_group: str, request_id: str) -> str:
    """Link to a function's log, filtered for one request."""
    region = os.environ.get("AWS_REGION", "us-east-1")
    # The console encodes twice and replaces % by $25.
    group, pattern = (_twice(text) for text in (log_group, f'"{request_id}"'))
    fragment = f"logsV2:log-groups/log-group/{group}/log-events$3FfilterPattern$3D{pattern}"
    return f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}#{fragment}"


def execution_link(execution: str) -> str:
    """Link to an execution, by its ARN."""
    region = execution.split(":")[3]
    return f"https://{region}.console.aws.amazon.com/states/home?region={region}#/v2/executions/details/{execution}"


def machine_link(machine: str) -> str:
    """Link to a state machine with its executions, by its ARN."""
    region = machine.split(":")[3]
    return f"https://{region}.console.aws.amazon.com/states/home?region={region}#/statemachines/view/{machine}"


def _twice(text: str) -> str:
    return quote(quote(text, safe=""), safe="").replace("%", "$")
