"""The library for callers is small, and needs nothing that a caller would have to deploy with it."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.reading import ROOT

LIBRARY = ROOT / "routing/tidegate_route"
OPTIONAL = {"openfeature", "launchdarkly", "appconfig"}
"""Imported by those who have the vendor's SDK, or its agent, and by nothing else."""


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module)


def reached(module: str = "__init__") -> set[Path]:
    """Give the files that an import reads, the module's own too."""
    found, waiting = set[Path](), [module]
    while waiting:
        path = LIBRARY / f"{waiting.pop()}.py"
        if path not in found:
            found.add(path)
            waiting += [name.partition(".")[2] for name in imported(path) if name.startswith("tidegate_route.")]
    return found


FILES = sorted(reached())
"""What `import tidegate_route` reads."""


def test_nothing_but_the_adapters_for_vendors_is_left_out() -> None:
    assert {path.stem for path in set(LIBRARY.glob("*.py")) - set(FILES)} == OPTIONAL


def test_it_needs_the_standard_library_only() -> None:
    """Lambda's runtime has boto3; whoever reads documents elsewhere needs none."""
    foreign = {
        f"{path.name}: {module}"
        for path in FILES
        for module in imported(path)
        if module.partition(".")[0] not in {*sys.stdlib_module_names, "tidegate_route"}
    }
    assert foreign == {"document.py: boto3", "document.py: botocore.config"}


def code_lines(path: Path) -> int:
    """Count the lines that are neither blank, nor a comment, nor a docstring."""
    strings = {
        line
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    numbered = enumerate(path.read_text().splitlines(), 1)
    return sum(bool(line.strip()) and not line.strip().startswith("#") and n not in strings for n, line in numbered)


def test_it_stays_small() -> None:
    """Every caller deploys it, and may have to read it. Thirty lines count who met whom."""
    assert 100 < sum(code_lines(path) for path in FILES) < 430
