"""Asking the functions of the stack that people invoke: Freeze and Decide."""

import json
import os
import time
from collections.abc import Mapping
from typing import Any

import click

from tidegate_cli.command import Shared
from tidegate_cli.error_sentences import answer_or_stop
from tidegate_cli.outcome import Outcome, Stop
from tidegate_cli.terminal import say

LONGEST_NAME = 256

NAMES = ("USER", "USERNAME", "GITHUB_ACTOR", "GITLAB_USER_LOGIN")
"""Environment variables with the user's name, on a developer's machine and in CI."""

WAKING_TRIES, WAKING_PAUSE = 22, 15.0
"""How often to invoke a function that is waking up, and the seconds between: more than five minutes in total."""


def who() -> str:
    return next((os.environ[name] for name in NAMES if os.environ.get(name)), "")


def _checked(_: click.Context, __: click.Parameter, by: str) -> str:
    if len(by) > LONGEST_NAME or not by.isprintable():
        raise click.BadParameter(f"{by[:40]!r} is not a valid name: use one line of at most {LONGEST_NAME} characters")
    return by.strip()


by_option = click.option(
    "--by",
    default=who,
    callback=_checked,
    show_default="$USER, or else your ARN",
    help="Your name; shown with the decision.",
)


def ask(shared: Shared, output: str, order: Mapping[str, Any], cannot: str) -> Any:
    """Invoke the function that an output of the stack names; `cannot` completes "Stack 'x' cannot ...".

    An empty `by` of the order becomes the caller's ARN.

    Raises
    ------
    Stop
        When the function refuses or does not wake up, or the stack has no such function.
    """
    function = shared.stack.outputs.get(output)
    if function is None:
        raise Stop(Outcome.FAILED, f"Stack {shared.stack_name!r} cannot {cannot}: deploy a newer Tidegate.")
    if order.get("by") == "":
        order = {**order, "by": _caller()}
    answer = _invoke(function, json.dumps(order).encode())
    content = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        refused = content.get("errorType") == "InvalidRequest"
        raise Stop(Outcome.REFUSED if refused else Outcome.FAILED, content.get("errorMessage") or str(content))
    return content


def _invoke(function: str, payload: bytes) -> Any:
    """Invoke it, and wait if it was idle for weeks: nothing happens until Lambda can run it again."""
    import boto3
    from botocore.exceptions import ClientError

    from tidegate.aws.failures import is_waking

    client = boto3.client("lambda")
    for number in range(WAKING_TRIES):
        if number == 1:
            say("Tidegate's function was idle and is waking up; this may take a few minutes.", err=True)
        if number:
            time.sleep(WAKING_PAUSE)
        try:
            return client.invoke(FunctionName=function, Payload=payload)
        except ClientError as error:
            if not is_waking(error):
                raise
    raise Stop(Outcome.FAILED, f"{function} was idle and is still waking up, so nothing was changed; try again later.")


def _caller() -> str:
    """Return the caller's ARN; no permission is needed (STS API reference, GetCallerIdentity).

    Raises
    ------
    Stop
        When STS does not answer: `--by` works without STS.
    """
    import boto3

    found = answer_or_stop(lambda: str(boto3.client("sts").get_caller_identity()["Arn"]))
    if isinstance(found, Stop):
        raise Stop(
            found.outcome,
            f"Your name is unknown: no environment variable has it, and STS returned no identity ({found}). Set it: "
            "--by NAME",
        )
    return found[-LONGEST_NAME:]
