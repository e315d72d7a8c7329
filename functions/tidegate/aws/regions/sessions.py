"""Clients of other Regions and accounts, with the credentials of a role there."""

import time
from functools import lru_cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from tidegate.aws.clients import making_clients, region
from tidegate.aws.failures import FAILED_CALL, code_of, is_busy
from tidegate.domain.errors import AwsRefused

CONFIG = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 2})
"""A Region that does not answer must leave time for the others; it is asked again at the next poll."""

KEPT = 1800
"""Seconds for which clients are kept; credentials of a role that a role assumes end after an hour (IAM guide)."""

SESSION = "tidegate"


def client(service: str, role: str, in_region: str) -> Any:
    """Return a client of a service there; raises what boto3 raises, and AwsRefused if the role cannot be assumed."""
    _drop_earlier(int(time.time()) // KEPT)
    return _client(service, role, in_region)


@lru_cache(maxsize=1)
def _drop_earlier(slot: int) -> None:  # noqa: ARG001 - called once for each slot of time
    """Drop clients with credentials that end soon: each holds about a megabyte."""
    _client.cache_clear()
    _credentials.cache_clear()


@lru_cache(maxsize=256)
def _client(service: str, role: str, in_region: str) -> Any:
    return _made(service, in_region, **_credentials(role, in_region))


def _made(service: str, in_region: str, **credentials: str) -> Any:
    # Not a session for each role: each reads the descriptions of the services for itself, 13 MB of them.
    with making_clients:
        create: Any = boto3.client
        return create(service, region_name=in_region, config=CONFIG, **credentials)


@lru_cache(maxsize=64)
def _credentials(role: str, in_region: str) -> dict[str, str]:
    try:
        found = _assumed(role, in_region)
    except ClientError as error:
        if code_of(error) == "RegionDisabledException":
            raise AwsRefused(f"STS is switched off for {in_region} in the account of {role}. {error}") from None
        if code_of(error) != "AccessDenied":
            raise
        raise AwsRefused(
            f"The role {role} cannot be assumed: deploy docs/regions/role.yaml in that account, with this stack's "
            f"account and name, and list the account in this stack's parameter RegionsAccounts. {error}"
        ) from None
    return {
        "aws_access_key_id": found["AccessKeyId"],
        "aws_secret_access_key": found["SecretAccessKey"],
        "aws_session_token": found["SessionToken"],
    }


def _assumed(role: str, in_region: str) -> Any:
    """Return the role's credentials from STS in this Region, or in that Region if this one has an outage."""
    try:
        return _asked(role, region())
    except FAILED_CALL as error:
        if not is_busy(error) or in_region == region():
            raise
        return _asked(role, in_region)


def _asked(role: str, sts_region: str) -> Any:
    return _sts(sts_region).assume_role(RoleArn=role, RoleSessionName=SESSION)["Credentials"]


@lru_cache(maxsize=2)
def _sts(in_region: str) -> Any:
    return _made("sts", in_region)
