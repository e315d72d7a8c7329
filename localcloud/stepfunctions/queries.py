"""Gives moto's interpreter its JSONata, and the rules of variables and context that go with it."""

import json
from typing import Any

from moto.stepfunctions.parser.api import EvaluationFailedEventDetails, HistoryEventType
from moto.stepfunctions.parser.asl.component.common.assign.assign_decl import AssignDecl
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import (
    StatesErrorNameType,
)
from moto.stepfunctions.parser.asl.component.common.string.string_expression import (
    StringJSONata,
    StringVariableSample,
)
from moto.stepfunctions.parser.asl.component.state.state import CommonStateField
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.eval.variable_store import VariableStore
from moto.stepfunctions.parser.asl.parse import preprocessor

from localcloud.stepfunctions.jsonata import QueryError, evaluate

ONLY_WHEN_SET = ("result", "errorOutput")


def install() -> None:
    preprocessor.from_string_literal = _string
    preprocessor.Preprocessor._inner_string_of = staticmethod(_string)
    StringJSONata._eval_body = _evaluate_onto_stack
    StringVariableSample._eval_body = _evaluate_onto_stack
    AssignDecl._eval_body = _assign_later
    VariableStore.get_assigned_variables = _assigned_variables
    CommonStateField._eval_body = _reporting_failed_queries(CommonStateField._eval_body)
    exited = CommonStateField._get_state_exited_event_details
    CommonStateField._get_state_exited_event_details = _assigning_first(exited)
    inner_frame = Environment.as_inner_frame_of.__func__
    Environment.as_inner_frame_of = classmethod(_keeping_map_item(inner_frame))


def _string(parser_rule_context: Any) -> str | None:
    """Read a string of the definition; moto leaves escapes as they stand in some places."""
    text = str(parser_rule_context.getText())
    if text == "null":
        return None
    return str(json.loads(text)) if text.startswith('"') else text


def _evaluate_onto_stack(component: Any, env: Any) -> None:
    try:
        env.stack.append(evaluate(component.expression, _variables(env)))
    except QueryError as error:
        raise _query_failure(env, str(error)) from error


def _reporting_failed_queries(original: Any) -> Any:
    """Note each failed query in the history; moto does where it may be caught, and only there."""

    def body(state: Any, env: Any) -> None:
        try:
            original(state, env)
        except FailureEventException as error:
            failure, context = error.failure_event, env.event_history_context
            wanted = HistoryEventType.EvaluationFailed
            if failure.event_type == wanted and env.event_manager.last_type(context) != wanted:
                env.event_manager.add_event(context, wanted, failure.event_details)
            raise

    return body


def _variables(env: Any) -> dict[str, Any]:
    states = {
        key: value for key, value in env.states._states_data.items() if not (key in ONLY_WHEN_SET and value is None)
    }
    return {**env.variable_store._outer_scope, **env.variable_store._inner_scope, "states": states}


def _query_failure(env: Any, cause: str) -> Any:
    name = StatesErrorName(typ=StatesErrorNameType.StatesQueryEvaluationError)
    details = EvaluationFailedEventDetails(error=name.error_name, cause=cause, state=env.next_state_name)
    failure = FailureEvent(
        env=env,
        error_name=name,
        event_type=HistoryEventType.EvaluationFailed,
        event_details=EventDetails(evaluationFailedEventDetails=details),
    )
    return FailureEventException(failure_event=failure)


def _assign_later(declaration: Any, env: Any) -> None:
    """Evaluate now, set when the state exits: Output does not see what Assign sets.

    Step Functions guide, "Passing data between states with variables".
    """
    values: dict[str, Any] = {}
    for binding in declaration.declaration_bindings:
        binding.eval(env=env)
        values.update(env.stack.pop())
    env.heap.setdefault("assigned", {}).update(values)


def _assigning_first(original: Any) -> Any:
    def details(state: Any, env: Any) -> Any:
        for name, value in env.heap.pop("assigned", {}).items():
            env.variable_store.set(variable_identifier=name, variable_value=value)
        return original(state, env=env)

    return details


def _assigned_variables(store: Any) -> dict[str, str]:
    return {name: json.dumps(store.get(name), separators=(",", ":")) for name in store._declaration_tracing}


def _keeping_map_item(original: Any) -> Any:
    """Keep `$states.context.Map`: a Task inside a Map runs in a frame of its own."""

    def frame_of(cls: Any, env: Any, *arguments: Any, **named: Any) -> Any:
        frame = original(cls, env, *arguments, **named)
        outer = env.states.context_object.context_object_data
        if "Map" in outer:
            frame.states.context_object.context_object_data["Map"] = outer["Map"]
        return frame

    return frame_of
