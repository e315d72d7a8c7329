"""`tidegate release`: start a release, or find the existing one, and follow it."""

import os
from typing import Any, BinaryIO

import click

from tidegate.domain.function_name import FunctionName
from tidegate_cli.command import Command, Shared
from tidegate_cli.options import requesting, starting


@click.command(
    cls=Command,
    examples=[
        "tidegate release checkout",
        "tidegate release checkout basket --strategy canary-10-5m --label commit=4f2c9e1",
        "tidegate release --request release.json --no-wait",
    ],
)
@requesting
@starting
@click.pass_obj
def release(shared: Shared, /, functions: tuple[FunctionName, ...], request: BinaryIO | None, **options: Any) -> None:
    """Release functions: publish $LATEST, probe it, shift the alias in steps, finish or roll back.

    FUNCTION may be FUNCTION:ALIAS or an ARN; several are released together. A repeated call, for the same code or
    from the same run of a CI job, finds the existing release and reports its outcome.
    """
    from tidegate_cli.naming import check_key, key_of_now, key_of_run
    from tidegate_cli.releasing import Releasing
    from tidegate_cli.wanted import wanted

    given = options["name"] or key_of_run(os.environ)
    if given:
        check_key(given)
    asked = wanted(shared, functions, request, options)
    key = given or key_of_now()
    Releasing(shared, asked.targets, asked.request, key=key, repeatable=given is not None, reword=asked.reword).run(
        options
    )
