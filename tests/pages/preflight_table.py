"""The checks of the preflight as docs/preflight.md shows them."""

import inspect
from typing import Any

from tidegate.aws.preflight.facts import FULL
from tidegate.domain.planning.preflight.checking import CHECKS

HEAD = "| check | finds | by default | rights |\n|---|---|---|---|"


def table() -> str:
    """Write a row for each check; what it finds is the first paragraph of its docstring."""
    rows = (
        f"| `{name}` | {_finds(check.conclude)} | {check.severity} | {_rights(check.reads)} |"
        for name, check in CHECKS.items()
    )
    return "\n".join([HEAD, *rows])


def _finds(conclude: Any) -> str:
    first = (inspect.getdoc(conclude) or "").split("\n\n")[0]
    return " ".join(first.removeprefix("Find ").split()).removesuffix(".")


def _rights(reads: tuple[str, ...]) -> str:
    return "full" if FULL & {*reads} else "own"
