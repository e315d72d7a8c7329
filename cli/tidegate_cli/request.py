"""From the options of the command to a request; Plan reports its mistakes."""

import json
from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from typing import Any, BinaryIO, Never

import click

from tidegate.domain.function_name import FunctionName
from tidegate.domain.request.selection import selection_of
from tidegate.domain.schedule import minutes_of
from tidegate_cli.command import Shared
from tidegate_cli.function_names import named
from tidegate_cli.targets import once, target_of

OF_ANALYSIS = ("on_inconclusive", "on_idle", "on_hold_expired")
"""Options that are fields of the analysis."""


def read_request(file: BinaryIO) -> dict[str, Any]:
    """Read a whole request from a file in UTF-8, or in UTF-16 or UTF-32, as PowerShell writes it.

    `$schema` is removed; a byte order mark is not part of the text.

    Raises
    ------
    BadParameter
        When it is not a JSON object, or contains no target or a duplicate, and does not select its functions.
    """
    try:
        content = json.loads(file.read(), parse_constant=_no_number, object_pairs_hook=_once_each)
    except (ValueError, RecursionError) as error:
        raise _refused(f"{_name(file)} is not JSON: {error}") from None
    if not isinstance(content, dict):
        raise _refused(f"{_name(file)} must contain a JSON object")
    content.pop("$schema", None)
    if not selection_of(content):
        _check_targets(content)
    return content


def _name(file: BinaryIO) -> str:
    return str(getattr(file, "name", "-"))


def _refused(why: str) -> click.BadParameter:
    return click.BadParameter(why, param_hint="--request")


def _no_number(constant: str) -> Never:
    raise ValueError(f"{constant} is not a JSON number")


def _once_each(fields: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in fields]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"the field {twice!r} appears twice")
    return dict(fields)


def listed_targets(request: Mapping[str, Any]) -> list[Any]:
    """Return the targets that name a function: those in the list, or the request itself in its short form."""
    listed = request["targets"] if isinstance(request.get("targets"), list) else [request]
    return [each for each in listed if isinstance(each, dict) and "function" in each]


def _check_targets(request: Mapping[str, Any]) -> None:
    """Check the names before any call to AWS; Plan checks everything else, with the rules of the deployed version."""
    if not listed_targets(request) or (
        isinstance(request.get("targets"), list) and len(listed_targets(request)) < len(request["targets"])
    ):
        raise _refused('every target needs a "function"')
    pairs = []
    for each in listed_targets(request):
        if not isinstance(each["function"], str) or not isinstance(each.get("alias", ""), str):
            raise _refused('"function" and "alias" must be names; example: "function": "checkout"')
        try:
            found = named(each["function"])
        except ValueError as error:
            raise _refused(str(error)) from None
        if "alias" in each and found.alias not in {None, each["alias"]}:
            raise _refused(f"{each['function']!r} names a different alias than {each['alias']!r}: omit one")
        pairs.append((found.name, found.alias or each.get("alias")))
    once(pairs)


def check_named(functions: Sequence[FunctionName], alias: str | None) -> None:
    """Check for duplicate functions before any call to AWS; raises BadParameter."""
    once((each.name, each.alias or alias) for each in functions)


def targets_of(shared: Shared, request: Mapping[str, Any], alias: str | None) -> list[dict[str, Any]]:
    """Return the targets of a request, in its short form too, with plain names and their aliases.

    Raises
    ------
    Stop
        When a function is of another account or Region.
    """
    found = (
        (each, target_of(shared, named(each["function"]), each.get("alias") or alias))
        for each in listed_targets(request)
    )
    return distinct({**each, "function": name, "alias": own} for each, (name, own) in found)


def distinct(targets: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    found = list(targets)
    once((each["function"], each["alias"]) for each in found)
    return found


def with_targets(targets: Sequence[Mapping[str, Any]], rest: Mapping[str, Any]) -> dict[str, Any]:
    """Write a request with one target in its short form; without any, one that selects its functions."""
    return {**targets[0], **rest} if len(targets) == 1 else {"targets": list(targets), **rest} if targets else {**rest}


def analysis_given(options: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the fields of the analysis that the options set, None for none."""
    return {name: options[name] for name in OF_ANALYSIS if options.get(name)} or None


def strategy_given(strategy: str | None, steps: str | None, every: str | None) -> Any:
    """Return the strategy that the options name, None for the default.

    Raises
    ------
    UsageError
        When they contradict each other.
    """
    if bool(steps) != bool(every):
        raise click.UsageError("--steps needs --every, and --every needs --steps; example: --steps 5,25,50 --every 5m")
    if not steps:
        return strategy
    if strategy:
        raise click.UsageError("--strategy and --steps cannot be used together")
    try:
        weights = [float(weight.strip().removesuffix("%")) for weight in steps.split(",")]
    except ValueError:
        weights = []
    if not weights or not all(isfinite(weight) for weight in weights):
        raise click.BadParameter(f"{steps!r} are not percentages; example: 5,25,50", param_hint="--steps")
    try:
        minutes_of(str(every))
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--every") from None
    return {"steps": [{"weight": weight, "bake": every} for weight in weights]}
