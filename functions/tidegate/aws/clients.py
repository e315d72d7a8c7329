"""The boto3 clients of a step, made on first use and kept for the life of the execution environment."""

from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from types_boto3_cloudwatch import CloudWatchClient
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_lambda import LambdaClient
    from types_boto3_secretsmanager import SecretsManagerClient
    from types_boto3_ssm import SSMClient
    from types_boto3_stepfunctions import SFNClient

CONFIG = Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 4})

CONNECTIONS = 16
"""As many as calls are under way at once: a little more than Lambda's 15 requests a second."""


@cache
def lambda_client() -> "LambdaClient":
    return boto3.client("lambda", config=CONFIG.merge(Config(max_pool_connections=CONNECTIONS)))


def probe_client(function_timeout: int) -> "LambdaClient":
    """Give a client that waits longer than the function may run, and never sends an Invoke twice."""
    patient = Config(connect_timeout=3, read_timeout=function_timeout + 30, retries={"total_max_attempts": 1})
    return boto3.client("lambda", config=patient)


@cache
def ledger_client() -> "DynamoDBClient":
    return boto3.client("dynamodb", config=CONFIG)


@cache
def cloudwatch_client() -> "CloudWatchClient":
    return boto3.client("cloudwatch", config=CONFIG)


@cache
def stepfunctions_client() -> "SFNClient":
    return boto3.client("stepfunctions", config=CONFIG)


@cache
def parameters_client() -> "SSMClient":
    return boto3.client("ssm", config=CONFIG)


@cache
def secrets_client() -> "SecretsManagerClient":
    return boto3.client("secretsmanager", config=CONFIG)
