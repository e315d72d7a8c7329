"""Trust policies: who may assume a role."""

import json
from collections.abc import Iterable
from typing import Any

from localcloud.iam import stored


class NotTrustedError(Exception):
    """The role does not exist, or does not let this service act as it."""


def check(role_arn: str, service: str) -> None:
    """Raise `NotTrustedError` unless the service may assume the role."""
    principal = service if "." in service else f"{service}.amazonaws.com"
    role = stored.role(role_arn)
    if role is None:
        raise NotTrustedError(f"The role {role_arn} does not exist.")
    document = role.assume_role_policy_document
    statements = _listed((json.loads(document) if isinstance(document, str) else document)["Statement"])
    effects = {statement["Effect"] for statement in statements if _names(statement, principal)}
    if effects != {"Allow"}:
        raise NotTrustedError(f"The role {role_arn} cannot be assumed by {principal}: see its trust policy.")


def _names(statement: dict[str, Any], principal: str) -> bool:
    named = statement.get("Principal", {})
    if named == "*":
        return True
    takes_role = {"sts:AssumeRole", "sts:*", "*"} & set(_listed(statement["Action"]))
    return bool(takes_role) and principal in _listed(named.get("Service", []))


def _listed(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list) else [value]
