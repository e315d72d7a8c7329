"""What a newcomer is told of where things are decided is so, and the judge's package gives what others use of it."""

import ast
import doctest
import re

from tests.reading import ROOT
from tests.source_files import files, nodes
from tidegate.domain import judge

HOP = re.compile(r"^\| (\d) \| `([^`]+\.py)`, (.+?) \| (\d+) \|", re.MULTILINE)
MOST_HOPS, MOST_LINES = 5, 797
OFF_BY = 15
"""Lines by which a written number may differ: it gives an idea of the size."""

JUDGE = ROOT / "functions/tidegate/domain/judge"


def section(title: str) -> str:
    return (ROOT / "CONTRIBUTING.md").read_text().split(f"## {title}\n")[1].split("\n## ")[0]


def lines(path: str) -> int:
    return len((ROOT / path).read_text().splitlines())


def test_a_canary_step_is_decided_in_five_files_that_are_read_in_one_go() -> None:
    hops = HOP.findall(section("Where is a canary step decided?"))
    assert [int(number) for number, *_ in hops] == list(range(1, len(hops) + 1))
    assert 0 < len(hops) <= MOST_HOPS
    assert sum(lines(path) for _, path, _, _ in hops) <= MOST_LINES
    far_off = {path: lines(path) for _, path, _, said in hops if abs(lines(path) - int(said)) > OFF_BY}
    assert far_off == {}


def test_each_hop_has_what_it_is_said_to_have_and_is_imported_by_one_before_it() -> None:
    before = list[str]()
    for _, path, names, _ in HOP.findall(section("Where is a canary step decided?")):
        defined = {node.name for node in nodes(ROOT / path) if hasattr(node, "name")}
        assert {name.rpartition(".")[2] for name in re.findall(r"`([^`]+)`", names)} <= defined
        assert not before or any(_imports(other, path) for other in before), path
        before.append(path)


def _imports(other: str, path: str) -> bool:
    """Whether one file imports the other, or the package that passes on what is in it."""
    module = path.removeprefix("functions/").removesuffix(".py").replace("/", ".")
    package = module.rpartition(".")[0]
    text = (ROOT / other).read_text()
    return f"from {module} import" in text or f"from {package} import" in text


def test_the_judge_gives_what_others_use_of_it_and_nothing_else() -> None:
    used = {
        alias.name
        for folder in ("functions", "cli", "bench", "tests")
        for path in files(folder)
        if JUDGE not in path.parents
        for node in nodes(path)
        if isinstance(node, ast.ImportFrom) and node.module == judge.__name__
        for alias in node.names
    }
    assert used == set(judge.__all__)


def test_the_judge_says_what_goes_in_and_what_comes_out() -> None:
    text = judge.__doc__ or ""
    assert set(judge.__all__) <= set(re.findall(r"\w+", text))
    assert doctest.testmod(judge) == (0, 3)
