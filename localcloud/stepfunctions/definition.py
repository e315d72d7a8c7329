"""What CreateStateMachine refuses although moto would take it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from localcloud.stepfunctions.jsonata import QueryError, check

TERMINAL_TYPES = {"Succeed", "Fail"}


class DefinitionError(ValueError):
    """The message is in the form of Step Functions' own."""


def validate(definition: str) -> None:
    """Raise DefinitionError at the first transition to nowhere, or expression that is none."""
    try:
        machine = json.loads(definition)
    except json.JSONDecodeError as error:
        raise DefinitionError(f"INVALID_JSON_DESCRIPTION: {error}") from error
    for problem in [*_dangling(machine, ""), *_broken_expressions(machine, "")]:
        raise DefinitionError(problem)


def _dangling(machine: Mapping[str, Any], path: str) -> Iterator[str]:
    states: Mapping[str, Any] = machine.get("States", {})
    targets = [("StartAt", machine.get("StartAt"), f"{path}/StartAt")]
    for name, state in states.items():
        here = f"{path}/States/{name}"
        targets += list(_transitions(state, here))
        if not {"Next", "End"} & state.keys() and state.get("Type") not in {*TERMINAL_TYPES, "Choice"}:
            yield f"MISSING_END_STATE: state has neither Next nor End at {here}"
        for label, inner in _inner_machines(state):
            yield from _dangling(inner, f"{here}/{label}")
    for field, target, where in targets:
        if target not in states:
            yield f"MISSING_TRANSITION_TARGET: Missing '{field}' target: {target} at {where}"


def _transitions(state: Mapping[str, Any], path: str) -> Iterator[tuple[str, Any, str]]:
    for field in ("Next", "Default"):
        if field in state:
            yield field, state[field], f"{path}/{field}"
    for field in ("Choices", "Catch"):
        for number, rule in enumerate(state.get(field, [])):
            yield "Next", rule.get("Next"), f"{path}/{field}[{number}]/Next"


def _inner_machines(state: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for field in ("ItemProcessor", "Iterator"):
        if field in state:
            yield field, state[field]
    for number, branch in enumerate(state.get("Branches", [])):
        yield f"Branches[{number}]", branch


def _broken_expressions(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, str) and value.startswith("{%") and value.endswith("%}"):
        try:
            check(value[2:-2])
        except QueryError as error:
            yield f"INVALID_JSONATA_EXPRESSION: {error} at {path}"
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in children:
        yield from _broken_expressions(inner, f"{path}/{key}")
