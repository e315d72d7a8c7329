"""Executions that start executions: names of parameters and results, which moto leaves as they are.

Step Functions guide, "Start workflow executions from a task state in Step Functions": parameters are written in
PascalCase, and so are the members of results; their dates are milliseconds since 1970.
"""

from collections.abc import Callable, MutableMapping
from datetime import datetime
from typing import Any

from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_sfn import (
    StateTaskServiceSfn,
)

KEPT = {"ResponseMetadata"}

Members = MutableMapping[str, Any]


def install() -> None:
    StateTaskServiceSfn._normalise_parameters = _requested(StateTaskServiceSfn._normalise_parameters)
    StateTaskServiceSfn._normalise_response = _answered


def _requested(original: Callable[..., None]) -> Callable[..., None]:
    def normalised(state: Any, parameters: Members, *arguments: Any, **named: Any) -> None:
        original(state, parameters, *arguments, **named)
        _rename(parameters, lambda name: name[:1].lower() + name[1:])

    return normalised


def _answered(_state: Any, response: Any, *_arguments: Any, **_named: Any) -> None:
    if isinstance(response, dict):
        _rename(response, lambda name: name[:1].upper() + name[1:])


def _rename(members: Members, renamed: Callable[[str], str]) -> None:
    for name in [each for each in members if each not in KEPT]:
        value = members.pop(name)
        members[renamed(name)] = int(value.timestamp() * 1000) if isinstance(value, datetime) else value
