"""Asking functions of the user's about a release."""

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError
from botocore.exceptions import ConnectionError as ConnectionFailed

from tidegate.aws.clients import probe_client
from tidegate.aws.failures import UNANSWERED, code_of, how_unanswered, is_busy, is_waking
from tidegate.aws.lambda_.invocations import answered
from tidegate.domain.errors import AwsBusy, HookFailed, HookUnanswered, HookWakingUp, TidegateError
from tidegate.domain.foreign_text import undotted
from tidegate.domain.hook_answer import HookAnswer, read_answer

ADVICE = {
    "AccessDeniedException": "Check the parameter HookFunctionPattern of Tidegate's stack.",
    "ResourceNotFoundException": "Create it, or name another in the request.",
    "TooManyRequestsException": "Check its reserved concurrency, and how much of the account's concurrency is in use.",
}
"""Advice for an error code; other errors explain themselves."""


def ask(function: str, event: Mapping[str, Any], *, seconds: int) -> HookAnswer:
    """Invoke a function and return its answer; wait at most `seconds`.

    Raises
    ------
    HookWakingUp
        When it was idle: the state machine retries for minutes.
    AwsBusy
        When Lambda throttled the call or could not be reached: the state machine retries.
    HookFailed
        When it failed, could not be invoked or gave no valid answer; the state machine retries.
    HookUnanswered
        When it did not answer in time, or the connection was lost; it is not invoked again, because it may still run.
    """
    try:
        answer = probe_client(seconds).invoke(FunctionName=function, Payload=json.dumps(event).encode())
        return read_answer(function, answered(answer))
    except (ClientError, ConnectionFailed) as error:
        raise _not_invoked(function, error) from None
    except UNANSWERED as error:
        raise HookUnanswered(
            f"{function} did not answer{how_unanswered(error, seconds)}; it is not invoked again, because it may still "
            "be running."
        ) from None


def _not_invoked(function: str, error: Exception) -> TidegateError:
    if is_waking(error):  # asked first: a code may mean both
        return HookWakingUp(
            f"{function} is waking up: it was idle, and Lambda is making it ready again ({undotted(error)}). It is "
            "asked again for five minutes. If that is not enough, check its State and StateReason."
        )
    said = f"{function} could not be invoked: {undotted(error)}. {ADVICE.get(code_of(error), '')}".rstrip()
    return AwsBusy(said) if is_busy(error) else HookFailed(said)
