"""No file imports another that imports it in turn, however long the way round is."""

import ast
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from pathlib import Path

from tests.reading import ROOT
from tests.source_files import nodes, tree

ROOTS = {"functions": "functions", "cli": "cli", "localcloud": ".", "routing": "routing", "tests": ".", "bench": "."}
"""Where the names of the modules in a folder begin."""

TESTS = ("tests.", "bench.")

LATER = """
import b
if TYPE_CHECKING:
    import c
try:
    import d
finally:
    x = 1
def f():
    import e
"""


def modules(folder: str) -> dict[str, Path]:
    """Return the files of a folder by the names that they are imported by; a package by its own name."""
    root = ROOT / ROOTS[folder]
    names = {path: ".".join(path.relative_to(root).with_suffix("").parts) for path in (ROOT / folder).rglob("*.py")}
    return {name.removesuffix(".__init__"): path for path, name in names.items()}


def imports(path: Path, *, at_once: bool) -> Iterator[str]:
    """Yield what a file imports; `at_once`: as it is imported itself, not in functions nor for type checking only."""
    for node in _at_once(tree(path)) if at_once else nodes(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _at_once(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    for child in ast.iter_child_nodes(node):
        if not _is_later(child):
            yield from _at_once(child)


def _is_later(node: ast.AST) -> bool:
    for_types = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    return for_types or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.expr)


def circles(graph: Mapping[str, Collection[str]]) -> list[list[str]]:
    """Return the groups of modules that reach each other."""

    def reached(start: str) -> set[str]:
        seen, waiting = set[str](), list(graph[start])
        while waiting:
            each = waiting.pop()
            if each not in seen:
                seen.add(each)
                waiting += graph[each]
        return seen

    reach = {name: reached(name) for name in graph}
    around = [name for name in graph if name in reach[name]]
    groups = {frozenset(other for other in reach[name] if name in reach[other]) for name in around}
    return sorted(sorted(group) for group in groups)


@cache
def import_graph() -> dict[str, set[str]]:
    """Return the modules of ours that each one of ours imports; tests may name types of each other."""
    ours = {name: path for folder in ROOTS for name, path in modules(folder).items()}
    found = {name: set(imports(path, at_once=name.startswith(TESTS))) for name, path in ours.items()}
    return {name: {_module(each, ours) for each in names} - {"", name} for name, names in found.items()}


def _module(imported: str, ours: Collection[str]) -> str:
    """Return the module of ours that an imported name is or is in; "" if it is of others."""
    return next((name for name in (imported, imported.rpartition(".")[0]) if name in ours), "")


def test_no_import_goes_round_in_a_circle() -> None:
    assert circles(import_graph()) == []


def test_a_circle_would_be_found() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": set()}) == [["a", "b", "c"]]
    graph = import_graph()
    assert "tidegate.domain.planning.preflight.inspected" in graph["tidegate.domain.planning.plan_builder"]
    assert "tidegate.domain.triggers" in graph["tidegate.entry.start"]
    assert len(graph) > 300


def test_what_is_imported_later_is_seen_where_it_counts(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(LATER)
    assert set(imports(path, at_once=True)) == {"b", "d"}
    assert set(imports(path, at_once=False)) == {"b", "c", "d", "e"}
