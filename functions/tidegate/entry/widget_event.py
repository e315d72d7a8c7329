"""Events of a custom widget from CloudWatch: show the widget, or handle a button.

The event contains the parameters of the widget or of a button, and `widgetContext`: theme, forms, parameters.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tidegate.domain.control.requests import RELEASE_NAME

VIA = "dashboard"
NOBODY = "somebody"
LONGEST_NAME = 80


@dataclass(frozen=True)
class Viewing:
    """What to show: `release` is the given name, unvalidated; `problem` says why it is invalid."""

    release: str | None = None
    problem: str | None = None
    dark: bool = False
    order: dict[str, Any] | None = None
    """A decision for Decide."""


def parse_viewing(event: Mapping[str, Any]) -> Viewing:
    """Read an event as far as possible; nothing in it is trusted."""
    context = _mapping(event.get("widgetContext"))
    dark = context.get("theme") == "dark"
    named = event.get("release")
    problem = None if named is None else _problem(named)
    release = named if isinstance(named, str) and problem is None else None
    if event.get("decision") is None:
        return Viewing(release, problem, dark)
    if "decision" in _mapping(context.get("params")):
        return Viewing(
            release, "A dashboard must not decide when it is displayed: remove decision from its widget.", dark
        )
    if release is None:
        return Viewing(None, problem or "Nothing was decided: the event names no release.", dark)
    return Viewing(release, None, dark, _order(event, release, _mapping(_mapping(context.get("forms")).get("all"))))


def _order(event: Mapping[str, Any], release: str, form: Mapping[str, Any]) -> dict[str, Any]:
    """Build the order for Decide; the name comes from the form and is marked as unverified."""
    by = str(form.get("by") or "").strip() or NOBODY
    given = {"to": event.get("to"), "reason": str(form.get("reason") or "").strip() or None}
    return {
        "release": release,
        "decision": event["decision"],
        "by": f"{by} (on the dashboard, unverified)",
        "via": VIA,
        **{name: value for name, value in given.items() if value is not None},
    }


def _problem(named: object) -> str | None:
    if isinstance(named, str) and len(named) <= LONGEST_NAME and re.fullmatch(RELEASE_NAME, named):
        return None
    shown = str(named)
    return f"Not a valid release name: {shown[:LONGEST_NAME]}{'…' if len(shown) > LONGEST_NAME else ''}"


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
