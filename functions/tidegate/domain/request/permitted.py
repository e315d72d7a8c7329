"""Whether a target asks for more than this deployment permits."""

from collections.abc import Iterator

from tidegate.domain.request.fields import NAME
from tidegate.domain.request.limits import Limits
from tidegate.domain.request.problems import SMALLEST, Problem
from tidegate.domain.request.raw import Target
from tidegate.domain.request.sources import beyond_patterns


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
        text = f'"{function}" is part of Tidegate itself; update it by deploying its template'
        yield Problem((*location, "function"), text)
    elif not limits.covers(function):
        text = (
            f'"{function}" is not among the functions that Tidegate may release, "{limits.function_pattern}": '
            "see the parameter FunctionPattern of Tidegate's stack"
        )
        yield Problem((*location, "function"), text)


def _changes(target: Target, limits: Limits) -> Iterator[Problem]:
    location, fields = target
    for name, allowed in (("code", limits.allow_code), ("configuration", limits.allow_configuration)):
        if fields.get(name) is not None and not allowed:
            text = (
                f"requests must not contain {name}, because Tidegate was deployed without "
                "it: update $LATEST first, then release it without changes"
            )
            yield Problem((*location, name), text, SMALLEST)


def _keeping(target: Target, limits: Limits) -> Iterator[Problem]:
    location, fields = target
    if fields.get("keep") is not None and not limits.allow_keep:
        text = (
            "this Tidegate deletes no versions: omit keep_versions, or set the parameter KeepVersions "
            "of Tidegate's stack"
        )
        yield Problem((*location, "keep"), text, SMALLEST)
