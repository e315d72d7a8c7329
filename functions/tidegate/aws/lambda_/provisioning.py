"""One provisioned execution environment of a version: requesting it, its status, and removing it."""

from dataclasses import dataclass

from botocore.exceptions import ClientError

from tidegate.aws.clients import lambda_client
from tidegate.aws.failures import code_of

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


def request(function: str, version: str) -> None:
    """Request one environment; Lambda starts it, and runs its init, within minutes."""
    lambda_client().put_provisioned_concurrency_config(
        FunctionName=function, Qualifier=version, ProvisionedConcurrentExecutions=1
    )


def remove(function: str, version: str) -> None:
    """Remove the version's provisioned concurrency; it is not an error if there is none."""
    try:
        lambda_client().delete_provisioned_concurrency_config(FunctionName=function, Qualifier=version)
    except ClientError as error:
        if code_of(error) not in ABSENT:
            raise
