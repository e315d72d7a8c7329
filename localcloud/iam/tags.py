"""Tags of a resource, for aws:ResourceTag/…: those of functions, tables and state machines."""

from collections.abc import Callable

from moto.awslambda.utils import get_backend as lambda_backend
from moto.dynamodb.models import dynamodb_backends
from moto.stepfunctions.models import stepfunctions_backends


def of(arn: str) -> dict[str, str]:
    """Return the resource's tags; none if it does not exist or is of another kind."""
    parts = arn.split(":")
    if len(parts) < 6 or parts[2] not in READERS:
        return {}
    return READERS[parts[2]](arn, parts[4], parts[3])


def _function(arn: str, account: str, region: str) -> dict[str, str]:
    """Read a function's tags; versions and aliases have those of their function."""
    unqualified = ":".join(arn.split(":")[:7])
    backend = lambda_backend(account, region)
    found = any(function.function_arn == unqualified for function in backend.list_functions())
    return dict(backend.list_tags(unqualified)) if found else {}


def _table(arn: str, account: str, region: str) -> dict[str, str]:
    name = arn.split("/")[1]
    table = dynamodb_backends[account][region].tables.get(name)
    return {tag["Key"]: tag["Value"] for tag in table.tags} if table else {}


def _state_machine(arn: str, account: str, region: str) -> dict[str, str]:
    """Read a machine's tags; its executions have them too."""
    machine = ":".join(arn.replace(":execution:", ":stateMachine:").split(":")[:7])
    return {
        tag["Key"]: tag["Value"]
        for tag in stepfunctions_backends[account][region].get_tags_list_for_state_machine(machine)
    }


READERS: dict[str, Callable[[str, str, str], dict[str, str]]] = {
    "lambda": _function,
    "dynamodb": _table,
    "states": _state_machine,
}
