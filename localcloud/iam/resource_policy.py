"""What a function's own policy lets services do."""

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


def lambda_allows(function_arn: str, principal: str, source_arn: str | None = None) -> bool:
    """Tell whether the service may invoke the function, from `source_arn` (a rule, say).

    `principal` is "events.amazonaws.com" or short, "events". An alias or a version has a policy of its own:
    the unqualified function's says nothing of it.
    """
    service = principal if "." in principal else f"{principal}.amazonaws.com"
    region, account = function_arn.split(":")[3:5]
    source_account = (source_arn or "").split(":")[4:5] or [account]
    values = {"aws:SourceArn": source_arn, "aws:SourceAccount": source_account}
    context = Context(ADMINISTRATOR, region, function_arn, values)
    effects = {
        statement["Effect"]
        for statement in _statements(function_arn)
        if _names(statement, service, function_arn) and conditions.met(statement.get("Condition") or {}, context)
    }
    return effects == {"Allow"}


def _names(statement: dict[str, Any], service: str, function_arn: str) -> bool:
    principal = statement.get("Principal")
    is_named = principal == "*" or (isinstance(principal, dict) and principal.get("Service") == service)
    return is_named and action_like(INVOKE, statement["Action"]) and arn_like(function_arn, statement["Resource"])


def _statements(function_arn: str) -> list[dict[str, Any]]:
    """Read the policy; a function that does not exist, or has none, has no statements."""
    parts = function_arn.split(":")
    qualifier = parts[7] if len(parts) > 7 else None
    try:
        policy = get_backend(parts[4], parts[3]).get_policy(parts[6], qualifier)
    except (HTTPException, ServiceException):
        return []
    statements: list[dict[str, Any]] = json.loads(json.loads(policy)["Policy"])["Statement"]
    return statements
