"""Asking the functions of the stack that people invoke: Freeze and Decide."""

import json
import os
from collections.abc import Mapping
from typing import Any

import click

from tidegate_cli.frame import Shared
from tidegate_cli.outcome import Outcome, Stop

NAMES = ("USER", "GITHUB_ACTOR", "GITLAB_USER_LOGIN")
"""Environment variables that say who it is, on a machine of one's own and in CI."""


def who() -> str:
    return next((os.environ[name] for name in NAMES if os.environ.get(name)), "")


by_option = click.option(
    "--by",
    default=who,
    show_default="$USER",
    help="Who says so; it is shown.",
)


def ask(shared: Shared, output: str, order: Mapping[str, Any], cannot: str) -> Any:
    """Invoke the function that an output of the stack names; `cannot` completes "Stack 'x' cannot ...".

    Raises
    ------
    Stop
        When it refuses, or the stack has none.
    """
    import boto3

    function = shared.stack.outputs.get(output)
    if function is None:
        raise Stop(Outcome.FAILED, f"Stack {shared.stack_name!r} cannot {cannot}: deploy a newer Tidegate.")
    answer = boto3.client("lambda").invoke(FunctionName=function, Payload=json.dumps(order).encode())
    content = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        refused = content.get("errorType") == "InvalidRequest"
        raise Stop(Outcome.REFUSED if refused else Outcome.FAILED, content.get("errorMessage") or str(content))
    return content
