"""Whether a target asks for more than this deployment permits."""

from collections.abc import Iterator
from typing import Any

from tidegate.domain.request.fields import NAME
from tidegate.domain.request.limits import Limits
from tidegate.domain.request.models import MOST_TARGETS
from tidegate.domain.request.problems import SMALLEST, Location, Problem
from tidegate.domain.request.sources import beyond_patterns

Target = tuple[Location, dict[str, Any]]


def targets_of(document: dict[str, Any]) -> list[Target]:
    """Give the targets that are objects, with their places; none of a list that is too long to be looked at."""
    listed = document.get("targets")
    if not isinstance(listed, list) or len(listed) > MOST_TARGETS:
        return []
    return [(("targets", index), target) for index, target in enumerate(listed) if isinstance(target, dict)]


def inner(fields: dict[str, Any], outer: str, name: str) -> Any:
    """Give `fields[outer][name]`; None where there is no such place."""
    document = fields.get(outer)
    return document.get(name) if isinstance(document, dict) else None


def beyond_limits(target: Target, limits: Limits) -> Iterator[Problem]:
    yield from _reach(target, limits)
    yield from _changes(target, limits)
    yield from beyond_patterns(target, limits)
    yield from _keeping(target, limits)


def _reach(target: Target, limits: Limits) -> Iterator[Problem]:
    location, fields = target
    function = fields.get("function")
    if not isinstance(function, str) or not NAME.fullmatch(function):
        return
    if limits.owns(function):
        text = f'"{function}" is part of Tidegate itself, which is updated by deploying its template'
        yield Problem((*location, "function"), text)
    elif not limits.covers(function):
        text = (
            f'"{function}" is not among the functions that may be released, "{limits.function_pattern}": '
            "that is the parameter FunctionPattern of Tidegate's stack"
        )
        yield Problem((*location, "function"), text)


def _changes(target: Target, limits: Limits) -> Iterator[Problem]:
    location, fields = target
    for name, allowed in (("code", limits.allow_code), ("configuration", limits.allow_configuration)):
        if fields.get(name) is not None and not allowed:
            text = (
                f"requests may not carry {name} here, Tidegate was deployed without that: "
                "update $LATEST first, and release it as it is"
            )
            yield Problem((*location, name), text, SMALLEST)


def _keeping(target: Target, limits: Limits) -> Iterator[Problem]:
    location, fields = target
    if fields.get("keep") is not None and not limits.allow_keep:
        text = (
            "no versions are deleted here, so there is nothing to say about keeping them: leave it out, or set the "
            "parameter KeepVersions of Tidegate's stack"
        )
        yield Problem((*location, "keep"), text, SMALLEST)
