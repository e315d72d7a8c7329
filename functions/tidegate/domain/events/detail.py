"""The detail of an EventBridge event: a milestone, and the common fields. See docs/events.md."""

import json
from collections.abc import Mapping
from typing import Any

from tidegate.domain.foreign_text import cleaned

SOURCE = "tidegate"
SCHEMA = 1
LARGEST = 240_000
"""Bytes of one event's detail: an entry may have 256 KB (EventBridge guide, "Calculating event entry size")."""

LONG = 1000
"""Characters to which a sentence is cut if an event would be too large."""


def detail_type(kind: str) -> str:
    """Name an event by its milestone's type: `Release Rolled Back` for `rolled-back`."""
    return f"Release {kind.replace('-', ' ').title()}"


def written(detail: Mapping[str, Any], largest: int = LARGEST) -> str:
    """Write an event's detail; if it is too large, with fewer targets and shorter sentences.

    `left_out` is then the number of omitted targets.
    """
    detail = cleaned(detail)
    text = _json(detail)
    if len(text) <= largest:
        return text
    cut = {name: value[:LONG] + "…" if _is_long(value) else value for name, value in detail.items()}
    targets = list(cut.get("targets", []))
    while targets and len(text) > largest:
        targets = targets[: len(targets) // 2]
        left_out = len(detail["targets"]) - len(targets)
        text = _json({**cut, "targets": targets, "left_out": left_out})
    return text if "targets" in cut else _json(cut)


def _json(detail: Mapping[str, Any]) -> str:
    """Write ASCII only, whose characters are bytes."""
    return json.dumps(detail)


def _is_long(value: Any) -> bool:
    return isinstance(value, str) and len(value) > LONG
