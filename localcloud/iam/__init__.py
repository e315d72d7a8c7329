"""Callers, and the permissions of their roles."""

from localcloud.iam.assuming import admitted
from localcloud.iam.authorise import Demand, decide
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
from localcloud.iam.trust import check as trusted_by

__all__ = [
    "ADMINISTRATOR",
    "Caller",
    "Credentials",
    "Demand",
    "NotTrustedError",
    "administrator_of",
    "admitted",
    "caller_of",
    "credentials_for",
    "decide",
    "lambda_allows",
    "open_account",
    "policy_allows",
    "trusted_by",
]
