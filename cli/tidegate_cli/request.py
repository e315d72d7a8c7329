"""From the options of the command to a request; what is wrong with it, Plan says."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

import click


def labels_given(_: click.Context, __: click.Parameter, values: Sequence[str]) -> dict[str, str]:
    wrong = next((value for value in values if "=" not in value), None)
    if wrong is not None:
        raise click.BadParameter(f"{wrong!r} is not NAME=TEXT; an example: commit=4f2c9e1")
    return dict(value.split("=", 1) for value in values)


def read_request(file: TextIO) -> dict[str, Any]:
    """Read a whole request from a file.

    Raises
    ------
    BadParameter
        When it is no JSON object.
    """
    try:
        content = json.load(file)
    except ValueError as error:
        raise click.BadParameter(f"{file.name} is not JSON: {error}", param_hint="--request") from None
    if not isinstance(content, dict):
        raise click.BadParameter(f"{file.name} has to hold an object", param_hint="--request")
    return content


def targets_named(functions: Sequence[str], alias: str, **fields: Any) -> list[dict[str, Any]]:
    """Give the targets of FUNCTION or FUNCTION:ALIAS; `fields` that are None or False are left out."""
    given = {name: value for name, value in fields.items() if value}
    named = [function.partition(":") for function in functions]
    return [{"function": name, "alias": own or alias, **given} for name, _, own in named]


def targets_of(request: Mapping[str, Any], alias: str) -> list[dict[str, Any]]:
    """Give the targets of a request, in its short form too, with their aliases."""
    listed = request["targets"] if isinstance(request.get("targets"), list) else [request]
    targets = [{"alias": alias, **each} for each in listed if isinstance(each, dict) and "function" in each]
    if not targets:
        raise click.BadParameter("it names no function", param_hint="--request")
    return targets


def with_targets(targets: Sequence[Mapping[str, Any]], rest: Mapping[str, Any]) -> dict[str, Any]:
    """Write a request with one target in its short form."""
    return {**targets[0], **rest} if len(targets) == 1 else {"targets": list(targets), **rest}


def strategy_given(strategy: str | None, steps: str | None, every: str | None) -> Any:
    """Give the strategy that the options name, None for the default.

    Raises
    ------
    UsageError
        When they contradict each other.
    """
    if bool(steps) != bool(every):
        raise click.UsageError("--steps and --every go together; an example: --steps 5,25,50 --every 5m")
    if not steps:
        return strategy
    if strategy:
        raise click.UsageError("--strategy and --steps exclude each other")
    try:
        weights = [float(weight) for weight in steps.split(",")]
    except ValueError:
        raise click.BadParameter(f"{steps!r} are no percentages; an example: 5,25,50", param_hint="--steps") from None
    return {"steps": [{"weight": weight, "bake": every} for weight in weights]}
