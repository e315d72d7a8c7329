"""The prose of the project avoids words that make readers look twice; CONTRIBUTING.md says where."""

import time
from pathlib import Path

import pytest

from tests.lint.words import UNUSED, Words
from tests.reading import DEFINITION, ROOT, TEMPLATE

PAGES = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "action.yml")


def prose() -> list[Path]:
    docs = [path for path in sorted((ROOT / "docs").rglob("*")) if path.suffix in {".md", ".yaml", ".yml", ".sh"}]
    code = [path for folder in ("functions", "cli") for path in sorted((ROOT / folder).rglob("*.py"))]
    return [*(ROOT / page for page in PAGES), *docs, DEFINITION, TEMPLATE, *code]


def test_no_word_is_used_that_we_do_not_use() -> None:
    began = time.process_time()
    found = [f"{f.path}:{f.line}: “{f.phrase}”; write: {f.instead}" for f in Words(UNUSED).find_in(ROOT, prose())]
    assert not found, "\n".join(found)
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("page.md", "# Page\n\nDeploy the mended code.\n", 3),
        ("page.md", "# Page\n\nIt tells what\nbecomes of it.\n", 3),
        ("release.asl.yaml", "Plan:\n  Comment: Looks whether it may begin.\n", 2),
        ("template.yaml", "# Give what\n    # becomes of it.\n", 1),
        ("code.py", '"""Requests are divided."""\n', 1),
        ("code.py", 'x = 1\nprint(f"{x} is held by " f"release {x}")\n', 2),
        ("code.py", 'x = [\n    "abc look"\n    " again with: y",\n]\n', 2),
    ],
)
def test_a_planted_sentence_is_found(tmp_path: Path, name: str, text: str, line: int) -> None:
    planted = tmp_path / name
    planted.write_text(text)
    assert [(found.path, found.line) for found in Words(UNUSED).find_in(tmp_path, [planted])] == [(name, line)]


def test_code_is_no_prose(tmp_path: Path) -> None:
    source = tmp_path / "code.py"
    source.write_text("def divide(mended: int) -> int:\n    # once more\n    return mended\n")
    assert list(Words(UNUSED).find_in(tmp_path, [source])) == []
