"""Who calls the unqualified function: callers by kind, and their traces in policies, definitions and addresses."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

QUALIFIER = ":$LATEST"
"""Calls with it are calls of the unqualified function."""


class Caller(NamedTuple):
    """What may call a function; `kind` is a key of CHANGES."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


CHANGES: Mapping[str, str] = {
    "event source mapping": "aws lambda update-event-source-mapping --uuid {name} --function-name {target}",
    "function URL": "create a function URL with the qualifier {alias}, and let its callers use that",
    "rule": "set the target of rule {name} to the ARN of {target}",
    "schedule": "set the target of schedule {name} to the ARN of {target}",
    "subscription of topic": "subscribe the ARN of {target} to topic {name} instead",
    "bucket": "set the notification of bucket {name} to the ARN of {target}",
    "REST API": "use the ARN of {target} in the integrations of API {name}, and deploy it",
    "HTTP API": "use the ARN of {target} in the integrations of API {name}",
    "state machine": "use the ARN of {target} in the definition of {name}",
    "environment of": "set the variable {name} to the ARN of {target}",
    "permission for": "grant {name} the permission on {target} (--qualifier {alias}), and let it call that",
}
"""What to change, by kind of caller, in the order in which callers are named."""


def calls(value: Any, arn: str) -> bool:
    """Return whether an address is the unqualified function itself, or its $LATEST."""
    return value in (arn, f"{arn}{QUALIFIER}")


def mentions(text: str, arn: str) -> bool:
    """Return whether a text, such as a definition or the URI of an integration, names the unqualified function.

    By its ARN, or by its name alone in a field FunctionName.
    """
    latest = re.escape(QUALIFIER)
    name = re.escape(arn.rpartition(":")[2])
    by_arn = rf"{re.escape(arn)}(?:{latest})?(?![\w:$-])"
    by_name = rf'"FunctionName"\s*:\s*"{name}(?:{latest})?"'
    return re.search(f"{by_arn}|{by_name}", text) is not None


def permitted(policy: str | None) -> Iterator[tuple[str, str]]:
    """Return who may call a function by its policy: principal and source, which is empty if there is no condition."""
    statements = json.loads(policy).get("Statement", []) if policy else []
    for statement in [statements] if isinstance(statements, dict) else statements:
        if statement.get("Effect") == "Allow":
            yield from ((principal, _source(statement)) for principal in _principals(statement.get("Principal")))


def _principals(principal: Any) -> Iterable[str]:
    if not isinstance(principal, dict):
        return [str(principal or "*")]
    return [str(one) for each in principal.values() for one in (each if isinstance(each, list) else [each])]


def _source(statement: Mapping[str, Any]) -> str:
    """Return the first condition on the source; the operators and the cases of keys differ."""
    conditions = [pair for tests in (statement.get("Condition") or {}).values() for pair in tests.items()]
    wanted = ("aws:sourcearn", "aws:sourceaccount", "aws:principalorgid")
    found = {key.lower(): value for key, value in conditions if key.lower() in wanted}
    first = next((found[key] for key in wanted if key in found), "")
    return str(first[0] if isinstance(first, list) and first else first)
