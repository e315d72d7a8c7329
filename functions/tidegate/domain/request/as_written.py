"""Targets before the models have read them: finding them, and rewriting their names.

A function name that is an ARN or contains an alias is rewritten to a plain name and "alias".
"""

import json
from typing import Any

from tidegate.domain.function_name import FunctionName, parse
from tidegate.domain.request.limits import Limits
from tidegate.domain.request.models import MOST_TARGETS
from tidegate.domain.request.problems import Location, Problem


def plainly_named(targets: Any, limits: Limits) -> tuple[Any, list[Problem]]:
    """Return the targets with plain names, and the problems of the names.

    The models report everything else, such as a missing function.
    """
    if not isinstance(targets, list) or len(targets) > MOST_TARGETS:
        return targets, []
    problems: list[Problem] = []
    return [_plainly_named(target, ("targets", i), limits, problems) for i, target in enumerate(targets)], problems


def _plainly_named(target: Any, location: Location, limits: Limits, problems: list[Problem]) -> Any:
    written = target.get("function") if isinstance(target, dict) else None
    if not isinstance(written, str):
        return target
    try:
        found = parse(written)
    except ValueError:
        return target
    place, example = (*location, "function"), f'"function": "{found.name}"'
    if limits.account and (elsewhere := found.elsewhere(account=limits.account, region=limits.region)):
        text = f"{elsewhere}: each account and Region needs its own Tidegate"
        problems.append(Problem(place, text, example))
    plain = {**target, "function": found.name}
    if found.alias:
        given = target.get("alias", found.alias)
        if given != found.alias:
            text = f'names the alias "{found.alias}", and "alias" is {json.dumps(given)[:140]}: omit one of them'
            problems.append(Problem(place, text, f'{example}, "alias": "{found.alias}"'))
        return {**plain, "alias": given}
    if found.qualifier:
        problems.append(Problem(place, *_no_alias(found)))
    return plain


def _no_alias(found: FunctionName) -> tuple[str, str]:
    """Explain why the qualifier cannot be released, and what to write instead."""
    name = f'"function": "{found.name}"'
    if found.version is None:
        return f"ends in {found.qualifier}, which is released by default: use only the name", name
    text = (
        f"ends in {found.version}, which is a version number, not an alias; to release that version through an alias, "
        'set "version" to its number'
    )
    return text, f'{name}, "version": {found.version[:18]}'


Target = tuple[Location, dict[str, Any]]


def targets_of(document: dict[str, Any]) -> list[Target]:
    """Return the targets that are objects, with their positions; empty for a list that is too long."""
    listed = document.get("targets")
    if not isinstance(listed, list) or len(listed) > MOST_TARGETS:
        return []
    return [(("targets", index), target) for index, target in enumerate(listed) if isinstance(target, dict)]


def inner(fields: dict[str, Any], outer: str, name: str) -> Any:
    """Return `fields[outer][name]`; None if it does not exist."""
    document = fields.get(outer)
    return document.get(name) if isinstance(document, dict) else None
