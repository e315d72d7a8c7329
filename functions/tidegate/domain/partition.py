"""Partitions of AWS: their differences, and links into their consoles."""

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True)
class Partition:
    """`regions` is how the names of its Regions begin, `domain` that of its APIs, `console` the host of its console."""

    name: str
    regions: str
    domain: str
    console: str


PARTITIONS = (
    Partition("aws-cn", "cn-", "amazonaws.com.cn", "console.amazonaws.cn"),
    Partition("aws-us-gov", "us-gov-", "amazonaws.com", "console.amazonaws-us-gov.com"),
    Partition("aws-eusc", "eusc-", "amazonaws.eu", "console.amazonaws-eusc.eu"),
    Partition("aws", "", "amazonaws.com", "console.aws.amazon.com"),
)
"""Those that template.yaml can be deployed in.

Sources: botocore's endpoints.json (Regions and domains); of the consoles AWS General Reference, Getting Started with
AWS in China, AWS GovCloud (US) User Guide, and the endpoints reference of the AWS European Sovereign Cloud.
"""


def partition_of(region: str) -> Partition:
    """Find the partition of a Region."""
    return next(found for found in PARTITIONS if region.startswith(found.regions))


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
