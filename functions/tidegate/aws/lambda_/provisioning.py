"""Provisioned execution environments of a version: requesting them, their status, and removing them."""

from dataclasses import dataclass

from botocore.exceptions import ClientError

from tidegate.aws.clients import lambda_client
from tidegate.aws.failures import code_of, is_busy
from tidegate.domain.foreign_text import undotted

ABSENT = {"ProvisionedConcurrencyConfigNotFoundException", "ResourceNotFoundException"}
"""Error codes by which Lambda says that there is nothing to read or to remove."""


@dataclass(frozen=True)
class Provisioned:
    """`status` is IN_PROGRESS, READY or FAILED; `reason` is Lambda's code for a failure."""

    status: str
    reason: str


def read(function: str, version: str) -> Provisioned | None:
    """Return the version's provisioned concurrency; None if it has none."""
    try:
        found = lambda_client().get_provisioned_concurrency_config(FunctionName=function, Qualifier=version)
    except ClientError as error:
        if code_of(error) in ABSENT:
            return None
        raise
    return Provisioned(found["Status"], found.get("StatusReason", "no reason given"))


def environments(function: str) -> dict[str, int]:
    """Return how many environments are requested for each alias and version that has any."""
    pages = lambda_client().get_paginator("list_provisioned_concurrency_configs").paginate(FunctionName=function)
    return {
        each["FunctionArn"].rpartition(":")[2]: each["RequestedProvisionedConcurrentExecutions"]
        for page in pages
        for each in page["ProvisionedConcurrencyConfigs"]
    }


def request(function: str, version: str, count: int) -> None:
    """Request environments; Lambda starts them, and runs their init, within minutes."""
    lambda_client().put_provisioned_concurrency_config(
        FunctionName=function, Qualifier=version, ProvisionedConcurrentExecutions=count
    )


def remove(function: str, version: str) -> None:
    """Remove the version's provisioned concurrency; it is not an error if there is none."""
    try:
        lambda_client().delete_provisioned_concurrency_config(FunctionName=function, Qualifier=version)
    except ClientError as error:
        if code_of(error) not in ABSENT:
            raise


def why_left(function: str, version: str, error: Exception) -> str:
    """Return why environments stay that AWS refuses to remove, and the command for a person.

    Raises
    ------
    ClientError, BotoCoreError
        The `error`, if AWS is busy: a retry may help.
    """
    if is_busy(error):
        raise error
    return (
        f"stay, and cost money without use, because they could not be removed ({undotted(error)}): aws lambda "
        f"delete-provisioned-concurrency-config --function-name {function} --qualifier {version}"
    )
