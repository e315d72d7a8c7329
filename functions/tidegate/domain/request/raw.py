"""Targets as they were written, before the models have read them."""

from typing import Any

from tidegate.domain.request.models import MOST_TARGETS
from tidegate.domain.request.problems import Location

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
