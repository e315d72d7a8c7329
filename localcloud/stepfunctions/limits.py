"""The 256 KiB that a state may take or give.

Step Functions guide, "Quotas" (maximum input or output size for a task, state or execution) and "Handling errors in
Step Functions workflows": States.DataLimitExceeded is reported of outputs, and of inputs after their parameters were
worked out; States.ALL does not catch it.
"""

import json
from collections.abc import Callable
from importlib import import_module
from typing import Any

from moto.stepfunctions.parser.asl.component.common.error_name.error_equals_decl import ErrorEqualsDecl
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import StatesErrorNameType
from moto.stepfunctions.parser.asl.component.state.exec.state_task.state_task import StateTask

LARGEST_BYTES = 256 * 1024
STATE = "moto.stepfunctions.parser.asl.component.state"
MEASURING = (
    f"{STATE}.state",
    f"{STATE}.exec.state_task.state_task_lambda",
    f"{STATE}.exec.state_task.service.state_task_service",
)
EXCEEDED = StatesErrorNameType.StatesStatesDataLimitExceeded


def install() -> None:
    for name in MEASURING:
        vars(import_module(name))["is_within_size_quota"] = fits
    StateTask._eval_parameters = _limited(StateTask._eval_parameters)
    ErrorEqualsDecl._eval_body = _not_by_all(ErrorEqualsDecl._eval_body)


def fits(value: Any) -> bool:
    """Tell whether a value written as JSON, without blanks, has 256 KiB at most."""
    text = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return len(text.encode(errors="surrogatepass")) <= LARGEST_BYTES


def _limited(original: Callable[..., Any]) -> Callable[..., Any]:
    def parameters(state: Any, env: Any) -> Any:
        found = original(state, env)
        state._verify_size_quota(env=env, value=found)
        return found

    return parameters


def _not_by_all(original: Callable[..., None]) -> Callable[..., None]:
    """Let States.ALL catch all but this error; a catcher or retrier that names it does."""

    def evaluated(decl: Any, env: Any) -> None:
        error = env.stack[-1]
        if isinstance(error, StatesErrorName) and error.typ == EXCEEDED and error not in decl.error_names:
            env.stack.pop()
            env.stack.append(False)
            return
        original(decl, env)

    return evaluated
