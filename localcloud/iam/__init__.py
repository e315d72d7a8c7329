"""Callers, and the permissions of their roles."""

from localcloud.iam.identity import (
    ADMINISTRATOR,
    Caller,
    Credentials,
    administrator_of,
    caller_of,
    credentials_for,
)
from localcloud.iam.resource_policy import lambda_allows, policy_allows
from localcloud.iam.stored import open_account
from localcloud.iam.trust import NotTrustedError

__all__ = [
    "ADMINISTRATOR",
    "Caller",
    "Credentials",
    "NotTrustedError",
    "administrator_of",
    "caller_of",
    "credentials_for",
    "lambda_allows",
    "open_account",
    "policy_allows",
]
