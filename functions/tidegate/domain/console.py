"""Links into the AWS console of the partition that a Region is in."""

from urllib.parse import quote

from tidegate.domain.partition import partition_of


def log_link(region: str, log_group: str, request_id: str) -> str:
    """Link to a function's log, filtered for one request."""
    # The console encodes twice and replaces % by $25.
    group, pattern = (_twice(text) for text in (log_group, f'"{request_id}"'))
    return f"{_home('cloudwatch', region)}#logsV2:log-groups/log-group/{group}/log-events$3FfilterPattern$3D{pattern}"


def execution_link(execution: str) -> str:
    """Link to an execution, by its ARN."""
    return f"{_home('states', _region(execution))}#/v2/executions/details/{quote(execution, safe=':')}"


def machine_link(machine: str) -> str:
    """Link to a state machine with its executions, by its ARN."""
    return f"{_home('states', _region(machine))}#/statemachines/view/{quote(machine, safe=':')}"


def _home(service: str, region: str) -> str:
    region = quote(region, safe="-")
    return f"https://{region}.{partition_of(region).console}/{service}/home?region={region}"


def _region(arn: str) -> str:
    return arn.split(":")[3]


def _twice(text: str) -> str:
    return quote(quote(text, safe=""), safe="").replace("%", "$")
