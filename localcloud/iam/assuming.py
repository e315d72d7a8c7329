"""Whom the policy of a role, or of an event bus, lets in, other than services."""

import json
from typing import Any

from localcloud.iam import conditions, stored
from localcloud.iam.authorise import Demand
from localcloud.iam.context import Context
from localcloud.iam.identity import Caller
from localcloud.iam.matching import action_like, arn_like


def admits(role_arn: str, caller: Caller, region: str) -> bool:
    """Return whether a role trusts a caller: the role of the caller itself, or all of its account."""
    role = stored.role(role_arn)
    if role is None:
        return False
    document = role.assume_role_policy_document
    read = json.loads(document) if isinstance(document, str) else document
    return admitted(read, caller, region, Demand("sts:AssumeRole", role_arn))


def admitted(policy: dict[str, Any], caller: Caller, region: str, demand: Demand) -> bool:
    """Return whether the policy of a resource lets in a caller: the role of the caller, or all of its account."""
    context = Context(caller, region, demand.resource, demand.values)
    known = {caller.account, f"arn:aws:iam::{caller.account}:root", caller.role_arn, "*"}
    effects = {
        statement["Effect"]
        for statement in _listed(policy.get("Statement", []))
        if known & set(_listed(_named(statement)))
        and any(action_like(demand.action, each) for each in _listed(statement["Action"]))
        and any(arn_like(demand.resource, each) for each in _listed(statement.get("Resource", demand.resource)))
        and conditions.met(statement.get("Condition") or {}, context)
    }
    return effects == {"Allow"}


def _named(statement: dict[str, Any]) -> Any:
    named = statement.get("Principal", {})
    return named.get("AWS", []) if isinstance(named, dict) else named


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
