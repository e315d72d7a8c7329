"""Callers, and the permissions of their roles."""

from localcloud.iam.identity import ADMINISTRATOR, Caller, Credentials, caller_of, credentials_for
from localcloud.iam.resource_policy import lambda_allows, policy_allows
from localcloud.iam.trust import NotTrustedError

__all__ = [
    "ADMINISTRATOR",
    "Caller",
    "Credentials",
    "NotTrustedError",
    "caller_of",
    "credentials_for",
    "lambda_allows",
    "policy_allows",
]
