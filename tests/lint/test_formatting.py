"""A text that names a variable of its function in braces is written with f: else readers see the braces."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reading import ROOT

BRACED = re.compile(r"\{([A-Za-z_]\w*)[^{}]*\}")
PLACEHOLDER = re.compile(r"\{\w+\}")
"""A text that is nothing else: what a template has, and is replaced."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def literal_braces(source: str) -> list[tuple[int, str]]:
    """Return line and name of each variable of a function that a text in it has in braces."""
    functions = [each for each in ast.walk(ast.parse(source)) if isinstance(each, Function)]
    return [found for function in functions for found in _in(function)]


def _in(function: Function) -> Iterator[tuple[int, str]]:
    nodes = list(ast.walk(function))
    variables = {each.arg for each in nodes if isinstance(each, ast.arg)}
    variables |= {each.id for each in nodes if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}
    meant = {id(each.value) for each in nodes if isinstance(each, ast.Expr)}  # docstrings
    meant |= {id(each.value) for each in nodes if isinstance(each, ast.Attribute) and each.attr == "format"}
    for each in nodes:
        if not (isinstance(each, ast.Constant) and isinstance(each.value, str)) or id(each) in meant:
            continue
        if not PLACEHOLDER.fullmatch(each.value):
            yield from ((each.lineno, name) for name in BRACED.findall(each.value) if name in variables)


@pytest.mark.parametrize("folder", ["functions", "cli"])
def test_no_reader_sees_the_name_of_a_variable_in_braces(folder: str) -> None:
    def found(path: Path) -> list[str]:
        return [f"{path.relative_to(ROOT)}:{line}: {{{name}}}" for line, name in literal_braces(path.read_text())]

    assert [each for path in sorted((ROOT / folder).rglob("*.py")) for each in found(path)] == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('f"{a} and " "{b}"', ["b"]),
        ('"{a:.2f}"', ["a"]),
        ('f"{a} and " f"{b}"', []),
        ('"{a}".format(a=a)', []),
        ('"{a}"', []),
    ],
)
def test_a_planted_brace_is_found(text: str, names: list[str]) -> None:
    assert [name for _, name in literal_braces(f'def f(a, b):\n    """Give {{a}}."""\n    return {text}\n')] == names
