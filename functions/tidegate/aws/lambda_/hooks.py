"""Asking functions of the user's about a release."""

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from tidegate.aws.clients import probe_client
from tidegate.aws.failures import code_of
from tidegate.aws.lambda_.invocations import answered
from tidegate.domain.errors import HookFailed, HookUnanswered
from tidegate.domain.foreign_text import undotted
from tidegate.domain.hook_answer import HookAnswer, read_answer

ADVICE = {
    "AccessDeniedException": "Check the parameter HookFunctionPattern of Tidegate's stack.",
    "ResourceNotFoundException": "Create it, or name another in the request.",
    "TooManyRequestsException": "Check its reserved concurrency.",
}
"""Advice for an error code; other errors explain themselves."""


def ask(function: str, event: Mapping[str, Any], *, seconds: int) -> HookAnswer:
    """Invoke a function and return its answer; wait at most `seconds`.

    Raises
    ------
    HookFailed
        When it failed, could not be invoked or gave no valid answer; the state machine retries.
    HookUnanswered
        When it did not answer in time; it is not invoked again, because it may still run.
    """
    try:
        answer = probe_client(seconds).invoke(FunctionName=function, Payload=json.dumps(event).encode())
        return read_answer(function, answered(answer))
    except ClientError as error:
        said = f"{function} could not be invoked: {undotted(error)}. {ADVICE.get(code_of(error), '')}"
        raise HookFailed(said.rstrip()) from None
    except ReadTimeoutError:
        raise HookUnanswered(
            f"{function} did not answer within {seconds} s; it is not invoked again, because it may still be running."
        ) from None
