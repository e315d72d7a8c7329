"""What GitHub reads of this repository: each file by the linter or the schema that is for it, offline."""

from pathlib import Path

import pytest

from tests.lint.tools import run
from tests.reading import ROOT

SCHEMAS = {
    "action.yml": "vendor.github-actions",
    ".github/dependabot.yml": "vendor.dependabot",
    ".github/ISSUE_TEMPLATE/config.yml": "vendor.github-issue-config",
    ".github/ISSUE_TEMPLATE/bug.yml": "vendor.github-issue-forms",
    ".github/ISSUE_TEMPLATE/idea.yml": "vendor.github-issue-forms",
    ".github/workflows/ci.yml": "vendor.github-workflows",
}


def test_workflows_the_action_and_their_scripts_are_clean() -> None:
    """Jactionlint holds them to what actionlint knows, and to rules for permissions, pins and foreign input."""
    done = run("jactionlint", "--no-color", "--strict-exit", "--no-online")
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_every_file_that_github_reads_is_checked() -> None:
    there = {str(path.relative_to(ROOT)) for path in (ROOT / ".github").rglob("*.yml")}
    assert there | {"action.yml"} == SCHEMAS.keys()


@pytest.mark.parametrize(("path", "schema"), SCHEMAS.items())
def test_it_is_what_its_schema_says(path: str, schema: str) -> None:
    done = run("check-jsonschema", "--builtin-schema", schema, path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("path", "schema"), SCHEMAS.items())
def test_its_schema_would_refuse_something(path: str, schema: str, tmp_path: Path) -> None:
    wrong = tmp_path / Path(path).name
    wrong.write_text("[]\n")
    assert run("check-jsonschema", "--builtin-schema", schema, str(wrong)).returncode == 1
