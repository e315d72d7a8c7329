"""The Python files of this repository, read and parsed once in a process, for the tests that look at all of them."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.reading import ROOT

SOURCE = ["functions", "cli", "localcloud", "routing"]
"""Folders of what is deployed, installed, or run beside it; tests and benches are elsewhere."""


@cache
def files(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Give everything that a file says."""
    return tuple(ast.walk(tree(path)))


def imports(path: Path) -> Iterator[str]:
    """Give every module that a file imports, also for type checking only and inside functions."""
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: write out whole names"
            # `from tidegate import domain` names a package of ours in its second half.
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
