"""docs/ci: each file by the linter or the schema that is for it, and the scripts in it by shellcheck; offline."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.lint.tools import run
from tests.reading import ROOT

CI = ROOT / "docs/ci"
WORKFLOWS = ("github.yml", "github-long.yml")
ACTION = "OWNER/tidegate@COMMIT"
PHASES = {"install", "pre_build", "build", "post_build"}
OF_A_PHASE = {"commands", "finally", "on-failure", "run-as", "runtime-versions"}
"""What a buildspec may say (CodeBuild User Guide, Build specification reference for CodeBuild)."""


def scripts() -> dict[str, str]:
    """Give the scripts of the recipes that no linter of workflows reads."""
    gitlab: Any = yaml.safe_load((CI / "gitlab.yml").read_text())
    spec: Any = yaml.safe_load((CI / "buildspec.yml").read_text())
    of_build = [command for phase in spec["phases"].values() for command in phase["commands"]]
    of_gitlab = [line for job in gitlab.values() for line in [*job["before_script"], *job["script"]]]
    return {
        "gitlab.yml": "\n".join(["#!/bin/bash", *of_gitlab]),
        "buildspec.yml": "\n".join(["#!/bin/sh", *of_build]),
        "start-execution.sh": (CI / "start-execution.sh").read_text(),
    }


def test_the_workflows_are_clean_and_give_the_action_what_it_takes(tmp_path: Path) -> None:
    """The linter knows the inputs of an action of the same repository, so the workflows are put beside it."""
    (tmp_path / ".github/workflows").mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    (tmp_path / "action.yml").write_text((ROOT / "action.yml").read_text())
    for name in WORKFLOWS:
        text = (CI / name).read_text()
        assert ACTION in text
        (tmp_path / ".github/workflows" / name).write_text(text.replace(ACTION, "$/"))
    done = run("jactionlint", "--no-color", "--strict-exit", "--no-online", folder=tmp_path)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_is_what_its_schema_says(name: str) -> None:
    done = run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", str(CI / name))
    assert done.returncode == 0, done.stdout


def test_the_job_for_gitlab_is_what_its_schema_says() -> None:
    schema = ("--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci")
    done = run("check-jsonschema", *schema, str(CI / "gitlab.yml"))
    assert done.returncode == 0, done.stdout


def test_the_buildspec_says_what_codebuild_knows() -> None:
    spec = yaml.safe_load((CI / "buildspec.yml").read_text())
    assert spec.keys() <= {"version", "run-as", "env", "proxy", "batch", "phases", "reports", "artifacts", "cache"}
    assert (spec["version"], spec["phases"].keys() <= PHASES) == (0.2, True)
    assert all(phase.keys() <= OF_A_PHASE for phase in spec["phases"].values())


def test_the_roles_pass_cfn_lint() -> None:
    linter = Path(sys.executable).with_name("cfn-lint")
    done = subprocess.run([linter, CI / "roles.yaml"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("name", "script"), scripts().items())
def test_a_script_passes_shellcheck(name: str, script: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(script)
    done = run("shellcheck", "--severity", "style", "--format", "json", str(tmp_path / name))
    assert (done.returncode, json.loads(done.stdout)) == (0, [])


def test_every_recipe_is_checked() -> None:
    assert {path.name for path in CI.iterdir()} == {*WORKFLOWS, *scripts(), "roles.yaml"}
