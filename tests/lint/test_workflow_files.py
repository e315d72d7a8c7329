"""What GitHub reads of this repository: each file by the linter or the schema that is for it, offline."""

import re
from pathlib import Path

import pytest
import yaml

from tests.lint.tools import run
from tests.reading import ROOT

SCHEMAS = {
    "action.yml": "vendor.github-actions",
    ".github/dependabot.yml": "vendor.dependabot",
    ".github/ISSUE_TEMPLATE/config.yml": "vendor.github-issue-config",
    ".github/ISSUE_TEMPLATE/bug.yml": "vendor.github-issue-forms",
    ".github/ISSUE_TEMPLATE/idea.yml": "vendor.github-issue-forms",
    ".github/workflows/ci.yml": "vendor.github-workflows",
    ".github/workflows/release.yml": "vendor.github-workflows",
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


@pytest.mark.parametrize("script", sorted((ROOT / ".ci").iterdir()), ids=lambda path: path.name)
def test_a_script_that_a_workflow_calls_passes_shellcheck(script: Path) -> None:
    done = run("shellcheck", "--severity", "style", str(script))
    assert (done.returncode, done.stdout) == (0, "")


def test_what_runs_the_code_of_others_may_write_nothing() -> None:
    """Only the job that publishes may, and it runs nothing but GitHub's own programs."""
    for path in (ROOT / ".github/workflows").iterdir():
        workflow = yaml.safe_load(path.read_text())
        for name, job in workflow["jobs"].items():
            granted = job.get("permissions", workflow["permissions"])
            assert set(granted.values()) <= {"read"} or name == "publish", f"{path.name}: {name}"
            if name == "publish":
                assert granted == {"contents": "write", "id-token": "write", "attestations": "write"}
                assert all(step["uses"].startswith("actions/") for step in job["steps"] if "uses" in step)
                scripts = " ".join(step["run"] for step in job["steps"] if "run" in step)
                assert not re.search(r"\b(make|pip|python3?|npm)\b|\.ci/", scripts)


def test_actions_of_others_are_named_by_commit() -> None:
    """A tag can be moved to other code; the version that it was stands beside the commit."""
    files = [*(ROOT / ".github/workflows").iterdir(), *(ROOT / "docs/ci").glob("git*.yml"), ROOT / "action.yml"]
    files += [*(ROOT / "docs").glob("*.md"), ROOT / "README.md"]
    named = [use for path in files for use in re.findall(r"uses: (?!OWNER/)(.+)", path.read_text())]
    assert len(named) > 5
    assert [use for use in named if not re.fullmatch(r"[\w-]+/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", use)] == []
