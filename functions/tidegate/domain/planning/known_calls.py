"""Which targets of a release a target calls: declared in the request, or found in its environment."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from tidegate.domain.request.contracts import named
from tidegate.domain.request.models import TargetRequest


def calls_of(
    target: TargetRequest, targets: Sequence[TargetRequest], configuration: Mapping[str, Any] | None
) -> tuple[str, ...]:
    """Return the names of the targets that a target calls; names of other functions, which do not change, are ignored.

    `configuration` is that of its $LATEST. A variable that is the name or the ARN of a target counts as a call of it.
    """
    variables = ((configuration or {}).get("Environment") or {}).get("Variables") or {}
    declared = {index for name in (*target.calls, *target.requires) for index in named(name, targets)}
    found = {
        index
        for index, each in enumerate(targets)
        for value in variables.values()
        if each.function != target.function and _names(value, each)
    }
    return tuple(_name(targets[index]) for index in sorted(declared | found))


def _names(value: str, target: TargetRequest) -> bool:
    """Return whether a text is the name or the ARN of a function, with this alias or without any."""
    whole = rf"(arn:[\w-]+:lambda:[\w-]+:\d+:function:)?{re.escape(target.function)}(:{re.escape(target.alias)})?"
    return re.fullmatch(whole, value) is not None


def _name(target: TargetRequest) -> str:
    return f"{target.function}:{target.alias}"
