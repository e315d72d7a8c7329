"""The checks of the preflight as docs/preflight.md shows them."""

import sys

from tidegate.aws.preflight.facts import FULL
from tidegate.domain.planning.preflight.checking import CHECKS

HEAD = "| check | finds | by default | rights |\n|---|---|---|---|"


def table() -> str:
    """Write a row for each check; what it finds is the first sentence of its module's docstring."""
    rows = (
        f"| `{name}` | {_finds(check.conclude.__module__)} | {check.severity} | {_rights(check.reads)} |"
        for name, check in CHECKS.items()
    )
    return "\n".join([HEAD, *rows])


def _finds(module: str) -> str:
    first = (sys.modules[module].__doc__ or "").split("\n\n")[0]
    return " ".join(first.partition(": ")[2].split()).removesuffix(".")


def _rights(reads: tuple[str, ...]) -> str:
    return "full" if FULL & {*reads} else "own"
