"""Permissions of services in the resource policies of functions, queues and topics."""

import json
from typing import Any

from moto.awslambda.utils import get_backend
from moto.core.exceptions import ServiceException
from werkzeug.exceptions import HTTPException

from localcloud.iam import conditions
from localcloud.iam.context import Context
from localcloud.iam.identity import ADMINISTRATOR
from localcloud.iam.matching import action_like, arn_like

INVOKE = "lambda:InvokeFunction"


def policy_allows(document: str, action: str, resource: str, principal: str, source_arn: str | None) -> bool:
    """Return whether a policy lets a service do something, from `source_arn` (a rule, say).

    `document` may be empty; `principal` is "events.amazonaws.com".
    """
    region, account = resource.split(":")[3:5]
    source_account = (source_arn or "").split(":")[4:5] or [account]
    values = {"aws:SourceArn": source_arn, "aws:SourceAccount": source_account}
    context = Context(ADMINISTRATOR, region, resource, values)
    effects = {
        statement["Effect"]
        for statement in _listed(json.loads(document or "{}").get("Statement", []))
        if _names(statement, action, resource, principal) and conditions.met(statement.get("Condition") or {}, context)
    }
    return effects == {"Allow"}


def lambda_allows(function_arn: str, principal: str, source_arn: str | None = None) -> bool:
    """Return whether the service may invoke the function.

    An alias or a version has a policy of its own: the unqualified function's says nothing of it.
    """
    return policy_allows(_function_policy(function_arn), INVOKE, function_arn, principal, source_arn)


def _names(statement: dict[str, Any], action: str, resource: str, principal: str) -> bool:
    named = statement.get("Principal")
    services = _listed(named.get("Service", [])) if isinstance(named, dict) else []
    return (
        (named == "*" or principal in services)
        and any(action_like(action, each) for each in _listed(statement.get("Action", [])))
        and any(arn_like(resource, each) for each in _listed(statement.get("Resource", "*")))
    )


def _function_policy(function_arn: str) -> str:
    """Read the policy; a function that does not exist, or has none, has nothing in it."""
    parts = function_arn.split(":")
    qualifier = parts[7] if len(parts) > 7 else None
    try:
        return str(json.loads(get_backend(parts[4], parts[3]).get_policy(parts[6], qualifier))["Policy"])
    except (HTTPException, ServiceException):
        return ""


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
