"""Reasons to refuse a release, checked before anything changes: one file per kind."""

from collections.abc import Iterator, Sequence

from tidegate.domain.planning.preflight.alias_obstacles import alias_obstacles
from tidegate.domain.planning.preflight.function_obstacles import function_obstacles, rolled_back_before
from tidegate.domain.planning.preflight.inspected import Inspected
from tidegate.domain.request.models import TargetRequest


def obstacles(wanted: TargetRequest, found: Inspected, path: str, keys: Sequence[str] = ("*",)) -> Iterator[str]:
    """Return each reason to refuse a target as "path: mistake; example: …". `path` ends in a dot or is empty.

    `keys` are patterns of the customer managed keys (ARNs) that Tidegate may use.
    """
    yield from function_obstacles(wanted, found, path, keys)
    if found.configuration is None:
        return
    yield from rolled_back_before(wanted, found, path)
    yield from alias_obstacles(wanted, found, path)
