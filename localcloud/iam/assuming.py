"""Whom a role's trust policy lets call sts:AssumeRole, other than services."""

import json
from typing import Any

from localcloud.iam import conditions, stored
from localcloud.iam.context import Context
from localcloud.iam.identity import Caller


def admits(role_arn: str, caller: Caller, region: str) -> bool:
    """Return whether a role trusts a caller: the role of the caller itself, or all of its account."""
    role = stored.role(role_arn)
    if role is None:
        return False
    document = role.assume_role_policy_document
    context = Context(caller, region, role_arn, {})
    known = {caller.account, f"arn:aws:iam::{caller.account}:root", caller.role_arn, "*"}
    effects = {
        statement["Effect"]
        for statement in _listed((json.loads(document) if isinstance(document, str) else document)["Statement"])
        if known & set(_listed(_named(statement))) and conditions.met(statement.get("Condition", {}), context)
    }
    return effects == {"Allow"}


def _named(statement: dict[str, Any]) -> Any:
    named = statement.get("Principal", {})
    return named.get("AWS", []) if isinstance(named, dict) else named


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
