"""Wait states and the pauses between retries, on the emulated clock."""

import re
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEventException
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.state.state import CommonStateField
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.timestamp import Timestamp
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction
from moto.stepfunctions.parser.asl.eval.environment import Environment

from localcloud.clock import current

TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
ONE_MILLISECOND = 0.001


def install() -> None:
    WaitFunction._wait_interval = _wait
    Timestamp._from_timestamp_string = staticmethod(parsed)
    Timestamp._get_wait_seconds = _seconds_until
    retrier_decl.time = SimpleNamespace(sleep=lambda seconds: current().sleep(seconds))
    Environment.set_error = _unless_over(Environment.set_error)
    CommonStateField._eval_state_input = _with_plain_entered_time(CommonStateField._eval_state_input)


def parsed(text: str) -> datetime | None:
    """Read a timestamp as Step Functions writes them; the fraction of a second may have any length."""
    return datetime.fromisoformat(text).astimezone(UTC) if TIMESTAMP.fullmatch(text) else None


def iso(moment: datetime) -> str:
    """Write a timestamp as the context object has them: whole milliseconds, never later than it was."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def _wait(_: Any, env: Any, wait_seconds: float) -> None:
    if env.is_running():
        current().wait(env.program_state_event, wait_seconds)


def _seconds_until(function: Any, env: Any) -> float:
    """Until just after the moment: the next state's EnteredTime, cut to milliseconds, is not before it."""
    function.string.eval(env=env)
    text = env.stack.pop()
    moment = parsed(text) if isinstance(text, str) else None
    if moment is None:
        raise FailureEventException(function._create_failure_event(env, text))
    return moment.timestamp() - current().time() + ONE_MILLISECOND


def _unless_over(original: Any) -> Any:
    """Keep ABORTED from turning into FAILED by what a stopped execution's threads stumble over."""

    def set_error(env: Any, error: Any) -> None:
        if env._program_state is None or env.is_running():
            original(env, error)

    return set_error


def _with_plain_entered_time(original: Any) -> Any:
    def state_input(state: Any, env: Any) -> None:
        context = env.states.context_object.context_object_data["State"]
        context["EnteredTime"] = iso(datetime.fromisoformat(context["EnteredTime"]))
        context["RetryCount"] = 0
        if not env.is_frame():
            env.reached = (state.name, env.states.get_input())
        original(state, env=env)

    return state_input
