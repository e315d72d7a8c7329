"""What a check is, and the list of all of them."""

import json
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from tidegate_cli.verify.ground import Ground


class Seen(NamedTuple):
    """What a check saw; `ok` is None where it could not tell."""

    ok: bool | None
    text: str

    @property
    def word(self) -> str:
        return {True: "ok", False: "differs", None: "could not tell"}[self.ok]


class Check(NamedTuple):
    """One row of docs/not-verified.md that a program can check.

    `source` is a page of AWS that is near the question and leaves it open.
    """

    id: str
    relied_on: str
    expected: str
    otherwise: str
    source: str
    look: "Callable[[Ground], Seen]"

    @property
    def how(self) -> str:
        """Say how it is seen: the first line of the function's docstring."""
        return (self.look.__doc__ or "").strip().splitlines()[0].rstrip(".")


CHECKS: dict[str, Check] = {}
DOCUMENTATION = "https://docs.aws.amazon.com/"


def check(
    name: str, relied_on: str, *, expected: str, otherwise: str, source: str
) -> "Callable[[Callable[[Ground], Seen]], Callable[[Ground], Seen]]":
    """Add a check to CHECKS; `source` is a path below docs.aws.amazon.com."""

    def add(look: "Callable[[Ground], Seen]") -> "Callable[[Ground], Seen]":
        CHECKS[name] = Check(name, relied_on, expected, otherwise, DOCUMENTATION + source, look)
        return look

    return add


def same(expected: Any, seen: Any) -> Seen:
    """Compare two values, and show the one that was seen."""
    return Seen(expected == seen, shown(seen))


def shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)


MODULES = (
    "other_checks",
    "version_checks",
    "kind_checks",
    "preflight_checks",
    "log_checks",
    "alarm_checks",
    "machine_checks",
    "region_checks",
    "metric_checks",
    "end_to_end",
)


def load() -> dict[str, Check]:
    """Return all checks, in the order in which they run."""
    for module in MODULES:
        import_module(f"tidegate_cli.verify.{module}")
    return CHECKS
