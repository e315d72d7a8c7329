"""Which targets of a release a target calls: declared in the request, or found in what Plan reads of it."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tidegate.domain.plan import ReleasePlan, TargetPlan
from tidegate.domain.request.contracts import named
from tidegate.domain.request.models import TargetRequest

ASYNCHRONOUS = ("OnSuccess", "OnFailure")
"""The destinations of a function's asynchronous calls (Lambda API, DestinationConfig)."""


def declared_calls(target: TargetRequest, targets: Sequence[TargetRequest]) -> tuple[str, ...]:
    """Return the names of the targets that a target calls by its request."""
    indices = {index for name in (*target.calls, *target.requires) for index in named(name, targets)}
    return tuple(_name(targets[index]) for index in sorted(indices))


def calls_of(
    target: TargetRequest, targets: Sequence[TargetRequest], configuration: Mapping[str, Any] | None
) -> tuple[str, ...]:
    """Return the names of the targets that a target calls; names of other functions, which do not change, are ignored.

    `configuration` is that of its $LATEST. A variable that is the name or the ARN of a target counts as a call of it.
    """
    variables = ((configuration or {}).get("Environment") or {}).get("Variables") or {}
    declared = declared_calls(target, targets)
    found = {
        _name(each)
        for each in targets
        for value in variables.values()
        if each.function != target.function and _names(value, each)
    }
    return tuple(name for name in map(_name, targets) if name in found or name in declared)


def handed_on(targets: Sequence[TargetRequest], facts: Sequence[Mapping[str, Any]]) -> dict[str, set[str]]:
    """Return the targets that receive the results of a target's asynchronous calls, by the name of the latter.

    They are its destinations, or have an event source mapping of a queue that is one. `facts` are those of the
    preflight, in the order of the targets; one that was not read, or could not be, finds nothing.
    """
    found: dict[str, set[str]] = {}
    for target, known in zip(targets, facts, strict=True):
        places = _destinations(target, _listed(known.get("event-configs")))
        for other, of_other in zip(targets, facts, strict=True):
            sources = {str(each.get("EventSourceArn")) for each in _listed(of_other.get("mappings"))}
            if other.function != target.function and (places & sources or any(_names(each, other) for each in places)):
                found.setdefault(_name(target), set()).add(_name(other))
    return found


def with_calls(plan: ReleasePlan, calls: Mapping[str, Collection[str]]) -> ReleasePlan:
    """Add calls that were found to those that the plan knows, by the name of the caller."""

    def one(target: TargetPlan) -> TargetPlan:
        more = sorted({*calls.get(target.name, ())} - {*target.calls})
        return replace(target, calls=(*target.calls, *more), found=(*target.found, *more))

    return replace(plan, targets=tuple(map(one, plan.targets)))


def _listed(fact: Any) -> list[Mapping[str, Any]]:
    return fact if isinstance(fact, list) else []


def _destinations(target: TargetRequest, configs: Sequence[Mapping[str, Any]]) -> set[str]:
    """Return the ARNs of the destinations of the alias."""
    own = (each for each in configs if str(each.get("FunctionArn")).endswith(f":{target.alias}"))
    each_way = ((each.get("DestinationConfig") or {}).get(way) or {} for each in own for way in ASYNCHRONOUS)
    return {str(way["Destination"]) for way in each_way if way.get("Destination")}


def _names(value: str, target: TargetRequest) -> bool:
    """Return whether a text is the name or the ARN of a function, with this alias or without any."""
    whole = rf"(arn:[\w-]+:lambda:[\w-]+:\d+:function:)?{re.escape(target.function)}(:{re.escape(target.alias)})?"
    return re.fullmatch(whole, value) is not None


def _name(target: TargetRequest) -> str:
    return f"{target.function}:{target.alias}"
