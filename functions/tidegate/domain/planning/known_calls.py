"""Which targets of a release a target calls: declared in the request, or found in what Plan reads of it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tidegate.domain.plan import ReleasePlan, TargetPlan
from tidegate.domain.planning.event_patterns import KINDS
from tidegate.domain.planning.preflight.event_sources import source_name
from tidegate.domain.planning.preflight.survey import Partial
from tidegate.domain.request.contracts import named
from tidegate.domain.request.models import TargetRequest
from tidegate.domain.truncation import first_names

Found = Mapping[str, str]
"""Where the call of each target was found, by its name."""

MACHINES, SUBSCRIPTIONS, PASSED_ON = "machine-results", "subscriptions", "rules-of-destinations"
"""Facts: (caller, callee, state machine), with names of targets; (topic, endpoint); (bus, rule, target of the rule)."""

MOST_NAMED = 2
DIRECTLY = "destination of asynchronous calls"

Facts = Mapping[str, Any]


def declared_calls(target: TargetRequest, targets: Sequence[TargetRequest]) -> tuple[str, ...]:
    """Return the names of the targets that a target calls by its request."""
    return _named((*target.calls, *target.requires), targets)


def in_environment(
    target: TargetRequest, targets: Sequence[TargetRequest], configuration: Mapping[str, Any] | None
) -> dict[str, str]:
    """Return the targets of which a variable of a target has the name or the ARN.

    `configuration` is that of its $LATEST. Names of other functions, which do not change, are ignored.
    """
    variables = ((configuration or {}).get("Environment") or {}).get("Variables") or {}
    found = {
        _name(each): f"variable {name}"
        for each in targets
        for name, value in reversed(variables.items())
        if each.function != target.function and _names(value, each)
    }
    return _not_denied(found, target, targets)


def with_calls(plan: ReleasePlan, calls: Mapping[str, Found]) -> ReleasePlan:
    """Add calls that were found to those that the plan knows, by the name of the caller."""

    def one(target: TargetPlan) -> TargetPlan:
        more = {name: where for name, where in sorted(calls.get(target.name, {}).items()) if name not in target.calls}
        return replace(target, calls=(*target.calls, *more), found=(*target.found, *more.items()))

    return replace(plan, targets=tuple(map(one, plan.targets)))


def handed_on(targets: Sequence[TargetRequest], facts: Sequence[Facts]) -> dict[str, dict[str, str]]:
    """Return who receives the results of a target, with the places where that was found, by the name of the target.

    `facts` are those of the preflight, in the order of the targets; one that was not read, or could not be, finds
    nothing.
    """
    found = {}
    for target, known in zip(targets, facts, strict=True):
        places: dict[str, list[str]] = {}
        for name, where in (*_in_machines(target, known), *_by_destinations(target, known, targets, facts)):
            places.setdefault(name, []).append(where)
        told = {name: first_names(list(dict.fromkeys(each)), MOST_NAMED) for name, each in places.items()}
        found[_name(target)] = _not_denied(told, target, targets)
    return {name: receivers for name, receivers in found.items() if receivers}


def destinations(alias: str, configs: Sequence[Facts]) -> Iterator[tuple[str, str]]:
    """Yield the destinations of the asynchronous calls of an alias: OnSuccess or OnFailure, and the ARN."""
    for config in configs:
        if str(config.get("FunctionArn")).endswith(f":{alias}"):
            ways = config.get("DestinationConfig") or {}
            found = ((way, (ways.get(way) or {}).get("Destination")) for way in KINDS)
            yield from ((way, str(arn)) for way, arn in found if arn)


def listed(fact: Any) -> list[Any]:
    """Return a list that was read, or the part of it that was."""
    value = fact.value if isinstance(fact, Partial) else fact
    return value if isinstance(value, list) else []


def _in_machines(target: TargetRequest, known: Facts) -> Iterator[tuple[str, str]]:
    for caller, callee, machine in listed(known.get(MACHINES)):
        if caller == _name(target):
            yield callee, f"state machine {machine}"


def _by_destinations(
    target: TargetRequest, known: Facts, targets: Sequence[TargetRequest], facts: Sequence[Facts]
) -> Iterator[tuple[str, str]]:
    for place, way in _places(target, known).items():
        for other, of_other in zip(targets, facts, strict=True):
            sources = {str(each.get("EventSourceArn")) for each in listed(of_other.get("mappings"))}
            if other.function == target.function:
                continue
            if _names(place, other):
                yield _name(other), " → ".join(way) or DIRECTLY
            elif place in sources:
                yield _name(other), " → ".join((*way, f"queue {source_name(place)}"))


def _places(target: TargetRequest, known: Facts) -> dict[str, tuple[str, ...]]:
    """Return where the results of a target go, with the way there: topics and rules."""
    ways = [
        *((topic, endpoint, f"topic {source_name(topic)}") for topic, endpoint in listed(known.get(SUBSCRIPTIONS))),
        *((bus, arn, f"rule {rule}") for bus, rule, arn in listed(known.get(PASSED_ON))),
    ]
    found: dict[str, tuple[str, ...]] = {
        arn: () for _, arn in destinations(target.alias, listed(known.get("event-configs")))
    }
    waiting = list(found)
    while waiting:
        here = waiting.pop()
        for place, following, name in ways:
            if place == here and following not in found:
                found[following] = (*found[here], name)
                waiting.append(following)
    return found


def _not_denied(found: Found, target: TargetRequest, targets: Sequence[TargetRequest]) -> dict[str, str]:
    """Return the found calls of a target without those that its request denies."""
    denied = _named(target.not_calls, targets)
    return {name: where for name, where in found.items() if name not in denied}


def _names(value: str, target: TargetRequest) -> bool:
    """Return whether a text is the name or the ARN of a function, with this alias or without any."""
    whole = rf"(arn:[\w-]+:lambda:[\w-]+:\d+:function:)?{re.escape(target.function)}(:{re.escape(target.alias)})?"
    return re.fullmatch(whole, value) is not None


def _name(target: TargetRequest) -> str:
    return f"{target.function}:{target.alias}"


def _named(wanted: Sequence[str], targets: Sequence[TargetRequest]) -> tuple[str, ...]:
    indices = {index for name in wanted for index in named(name, targets)}
    return tuple(_name(targets[index]) for index in sorted(indices))
