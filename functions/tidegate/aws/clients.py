"""Clients of AWS with the time-outs and retries that the steps need, and the functions' environment."""

import os
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from tidegate.domain.errors import NotConfigured


def given(variable: str) -> str:
    """Return a variable's value.

    Raises
    ------
    NotConfigured
        When it is not set: the function was not deployed by template.yaml.
    """
    try:
        return os.environ[variable]
    except KeyError:
        raise NotConfigured(f"The environment variable {variable} is not set; deploy template.yaml.") from None


if TYPE_CHECKING:
    from types_boto3_cloudwatch import CloudWatchClient
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_lambda import LambdaClient
    from types_boto3_secretsmanager import SecretsManagerClient
    from types_boto3_ssm import SSMClient
    from types_boto3_stepfunctions import SFNClient

TESTED_SDK = (1, 44, 5)
"""Version of boto3 in the functions' package. An older one omits unknown fields from responses."""

ATTEMPTS = 4
CONFIG = Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": ATTEMPTS})

HURRIED = Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 2})
"""For optional calls: they must not make a step time out."""

SEARCHING = Config(connect_timeout=1, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 2})
"""For logs, which are slow and optional."""

LONGEST_PAUSE = 10.0
"""Most seconds that a call waits when Lambda requests it; a step must answer in time."""

making_clients = Lock()
"""boto3 can create only one client at a time; steps may need their first client in several threads."""

CONNECTIONS = 16
"""Most concurrent calls: a little more than Lambda's 15 requests a second."""


def refuse_older_sdk() -> None:
    """Refuse to release with a boto3 that may miss reasons to refuse a function.

    Raises
    ------
    NotConfigured
        With the version that runs.
    """
    if tuple(int(part) for part in boto3.__version__.split(".")[:3]) < TESTED_SDK:
        raise NotConfigured(
            f"boto3 {boto3.__version__} is installed, which is older than {'.'.join(map(str, TESTED_SDK))}, so "
            "settings of a function may be missed. Rebuild the application with its own boto3: sam build && sam deploy"
        )


@cache
def lambda_client() -> "LambdaClient":
    with making_clients:
        client = boto3.client("lambda", config=CONFIG.merge(Config(max_pool_connections=CONNECTIONS)))
    events: Any = client.meta.events  # the stubs have handlers answer nothing; this one answers how long to wait
    events.register_first("needs-retry.lambda", requested_pause)
    return client


def requested_pause(response: Any, attempts: int, **_: Any) -> float | None:
    """Return the seconds that a throttled call should wait, as Lambda says in Retry-After.

    A handler of botocore's `needs-retry` event, whose own back-off ignores that header. None leaves
    the decision to botocore.
    """
    if response is None or attempts >= ATTEMPTS:
        return None
    http, parsed = response
    after = http.headers.get("Retry-After", "")
    throttled = parsed.get("Error", {}).get("Code") == "TooManyRequestsException"
    return min(float(after), LONGEST_PAUSE) if throttled and after.isdigit() else None


@cache
def probe_client(seconds: int) -> "LambdaClient":
    """Return a client that waits so long for an answer, and never sends an Invoke twice."""
    patient = Config(connect_timeout=3, read_timeout=seconds, retries={"total_max_attempts": 1})
    with making_clients:
        return boto3.client("lambda", config=patient)


@cache
def ledger_client() -> "DynamoDBClient":
    with making_clients:
        return boto3.client("dynamodb", config=CONFIG)


@cache
def cloudwatch_client() -> "CloudWatchClient":
    return boto3.client("cloudwatch", config=CONFIG)


@cache
def logs_client() -> Any:
    return boto3.client("logs", config=SEARCHING)


@cache
def stepfunctions_client() -> "SFNClient":
    return boto3.client("stepfunctions", config=CONFIG)


@cache
def events_client() -> Any:
    with making_clients:
        return boto3.client("events", config=HURRIED)


@cache
def tagging_client() -> Any:
    return boto3.client("resourcegroupstaggingapi", config=CONFIG)


@cache
def images_client() -> Any:
    with making_clients:
        return boto3.client("ecr", config=CONFIG)


@cache
def storage_client() -> Any:
    with making_clients:
        return boto3.client("s3", config=CONFIG)


@cache
def parameters_client() -> "SSMClient":
    with making_clients:
        return boto3.client("ssm", config=CONFIG)


@cache
def secrets_client() -> "SecretsManagerClient":
    with making_clients:
        return boto3.client("secretsmanager", config=CONFIG)


def region() -> str:
    """Return the Region that this runs in: Lambda sets it (Lambda guide, "Defined runtime environment variables")."""
    return os.environ.get("AWS_REGION", "us-east-1")
