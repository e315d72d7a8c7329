"""Who calls the unqualified function: callers by kind, and their traces in definitions and addresses."""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
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
    "permission for": "grant the permission for {name} on {target} (--qualifier {alias}) instead",
}
"""What to change, by kind of caller, in the order in which callers are named."""


def calls(value: Any, arn: str) -> bool:
    """Return whether an address is the unqualified function itself, or its $LATEST."""
    return value in (arn, f"{arn}{QUALIFIER}")


def mentions(text: str, arn: str) -> bool:
    """Return whether a text, such as a definition or the URI of an integration, names the unqualified function.

    By its ARN, or by its name alone in a field FunctionName; not if a field Qualifier beside that names the alias.
    """
    if arn.rpartition(":")[2] not in text:
        return False  # most texts, and much quicker than the expression
    if '"Qualifier"' in text:
        with suppress(ValueError, RecursionError):
            text = json.dumps(json.loads(text, object_hook=_with_qualifier))
    latest = re.escape(QUALIFIER)
    name = re.escape(arn.rpartition(":")[2])
    by_arn = rf"{re.escape(arn)}(?:{latest})?(?![\w:$-])"
    by_name = rf'"FunctionName"\s*:\s*"{name}(?:{latest})?"'
    return re.search(f"{by_arn}|{by_name}", text) is not None


def _with_qualifier(part: dict[str, Any]) -> dict[str, Any]:
    """Join the function's name and the qualifier, which the API of Lambda also takes apart."""
    if not {"FunctionName", "Qualifier"} <= part.keys():
        return part
    return {**part, "FunctionName": f"{part['FunctionName']}:{part['Qualifier']}"}
