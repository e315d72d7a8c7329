"""Files and functions stay short, and what is deployed is not cut thinner than the ideas in it."""

import ast
from statistics import median

import pytest

from tests.reading import ROOT
from tests.source_files import SOURCE, files, nodes


def test_what_is_deployed_stays_in_few_files_of_one_idea_each() -> None:
    """Neither cut thinner than the ideas in them, nor so long that nobody finds anything."""
    lines = [len(path.read_text().splitlines()) for path in files("functions/tidegate")]
    # Routed users: the request's field and rules, the document, the second alias; their lines, evidence and report.
    assert len(lines) <= 283
    assert 80 <= median(lines) <= 110
    assert max(lines) <= 270


@pytest.mark.parametrize("folder", [*SOURCE, "bench", "tests"])
def test_files_stay_short(folder: str) -> None:
    long = {str(path.relative_to(ROOT)): n for path in files(folder) if (n := len(path.read_text().splitlines())) > 300}
    assert long == {}


def lengths(folder: str) -> dict[str, int]:
    """Give the lines of each function, docstring and decorators left out."""
    found = {}
    for path in files(folder):
        for node in nodes(path):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                found[f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"] = _length(node)
    return found


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    whole = (function.end_lineno or function.lineno) - function.lineno + 1
    if ast.get_docstring(function) is None:
        return whole
    return whole - ((function.body[0].end_lineno or 0) - function.body[0].lineno + 1)


@pytest.mark.parametrize("folder", SOURCE)
def test_functions_stay_short(folder: str) -> None:
    measured = lengths(folder)
    assert {name: lines for name, lines in measured.items() if lines > 45} == {}
    assert median(measured.values()) <= 10


def test_a_function_is_measured_with_its_signature_and_without_its_docstring() -> None:
    source = 'def f(\n    a,\n):\n    """One.\n\n    Two.\n    """\n    return a\n'
    (function,) = ast.parse(source).body
    assert isinstance(function, ast.FunctionDef)
    assert _length(function) == 4
