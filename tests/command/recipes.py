"""The recipes of docs/ci: their scripts, read from the very files, run as the CI system would run them."""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import distribution
from itertools import takewhile
from pathlib import Path
from typing import Any

import yaml

from localcloud.iam import credentials_for
from tests.command.calling import Called, environment
from tests.command.installation import lend, needed
from tests.reading import ROOT
from tests.workflow.world import World

CI = ROOT / "docs/ci"
ACTION = "OWNER/tidegate@COMMIT"
UPLOAD = "actions/upload-artifact@"
CREDENTIALS = "aws-actions/configure-aws-credentials@"
INSTALLS = "Install the command"
"""A step of the action."""
PATIENCE = 120.0
BASH = ["bash", "--noprofile", "--norc", "-eo", "pipefail"]

QUICK = {"guarded": "canary-10-1m", "canary-10-90m": "canary-10-1m"}
"""Strategies that a test waits for, for those of the recipes."""


def recipe(name: str, function: str) -> Any:
    """Read a recipe as data, for another function than the one that stands in it."""
    text = (CI / name).read_text()
    for written, meant in {"checkout": function, **QUICK}.items():
        text = re.sub(rf"\b{written}\b", meant, text)
    return yaml.safe_load(text)


def keys_of(role: str, service: str | None = None) -> dict[str, str]:
    """Give the variables of a job that has taken a role."""
    keys = credentials_for(role, service=service)
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    return dict(zip(names, (keys.access_key_id, keys.secret_access_key, keys.session_token), strict=True))


@dataclass
class Machine:
    """Where a job runs: its Python has pip and the packages that the command needs, and not the command."""

    world: World
    folder: Path
    variables: dict[str, str] = field(default_factory=dict)
    installed: set[str] = field(default_factory=set)
    """Scripts that have installed the command here: once more they would do the same, in ten seconds."""

    def __post_init__(self) -> None:
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", self.folder / "python"], check=True)
        (packages,) = self.folder.glob("python/lib/python*/site-packages")
        wanted = {name: distribution(name) for name in ("pip", "hatchling")}
        lend(packages, wanted | needed(distribution("hatchling"), ()) | needed(distribution("tidegate"), ()))
        kept = {
            name: value
            for name, value in environment(self.world).items()
            if not name.startswith(("AWS_ACCESS", "AWS_SECRET"))
        }
        # Environments that a job makes find the same packages, and pip asks no registry.
        pip = {"PYTHONPATH": str(packages), "PIP_NO_INDEX": "1"}
        path = f"{self.folder}/python/bin:/usr/bin:/bin"
        self.variables = {**kept, **pip, "PATH": path, "HOME": str(self.folder), **self.variables}

    def run(self, script: str, **variables: str) -> Called:
        """Run lines of bash as CI systems do: the first that fails ends it."""
        done = subprocess.run(
            [*BASH, "-c", script],
            cwd=self.folder,
            env={**self.variables, **variables},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return Called(done.returncode, done.stdout, done.stderr)


class GitHub:
    """A job of GitHub Actions: steps, the contexts of their expressions, the composite action of this repository."""

    def __init__(self, machine: Machine, contexts: Mapping[str, str]) -> None:
        self._machine = machine
        self.contexts = dict(contexts)
        self.said: list[Called] = []
        self.uploaded: list[Path] = []
        self._files = {name: machine.folder / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        self._files["GITHUB_STEP_SUMMARY"].write_text("")
        self._variables = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_RUN_ID": "1",
            "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_ACTION_PATH": str(ROOT),
            "RUNNER_TEMP": str(machine.folder),
            **{name: str(path) for name, path in self._files.items()},
        }

    @property
    def summary(self) -> str:
        return self._files["GITHUB_STEP_SUMMARY"].read_text()

    def run(self, steps: list[dict[str, Any]]) -> int:
        """Run steps in order; give the exit code of the last that failed, or 0."""
        failed = 0
        for step in steps:
            if self._holds(step.get("if", "success()"), failed=failed):
                failed = self._step(step) or failed
        return failed

    def _step(self, step: dict[str, Any]) -> int:
        given = {name: self._filled(str(value)) for name, value in step.get("with", {}).items()}
        uses = step.get("uses", "")
        if uses.startswith(CREDENTIALS):
            self._variables |= keys_of(given["role-to-assume"])
            return 0
        if uses.startswith(UPLOAD):
            self.uploaded.append(self._machine.folder / given["path"])
            return 0
        if uses == ACTION:
            return self._composite(step.get("id", ""), given)
        return self._script(step)

    def _composite(self, name: str, given: Mapping[str, str]) -> int:
        action = yaml.safe_load((ROOT / "action.yml").read_text())
        assert given.keys() <= action["inputs"].keys()
        for each, about in action["inputs"].items():
            self.contexts[f"inputs.{each}"] = given.get(each, about.get("default", ""))
        code = self.run(action["runs"]["steps"])
        for each, about in action["outputs"].items():
            self.contexts[f"steps.{name}.outputs.{each}"] = self._filled(about["value"])
        return code

    def _script(self, step: dict[str, Any]) -> int:
        if step["run"] in self._machine.installed:
            return 0
        output = self._files["GITHUB_OUTPUT"]
        output.write_text("")
        set_here = {name: self._filled(value) for name, value in step.get("env", {}).items()}
        done = self._machine.run(step["run"], **self._variables, **set_here)
        self.said.append(done)
        for name, value in written_outputs(output.read_text()):
            self.contexts[f"steps.{step.get('id')}.outputs.{name}"] = value
        if done.code == 0 and step.get("name") == INSTALLS:
            self._machine.installed.add(step["run"])
        return done.code

    def _filled(self, text: str) -> str:
        """Put in what stands in braces; what there is not is empty."""
        return re.sub(r"\$\{\{ ([\w.-]+) \}\}", lambda found: self.contexts.get(found[1], ""), text)

    def _holds(self, condition: str, *, failed: int) -> bool:
        """Tell whether a condition of the kinds that are used here holds."""
        parts = condition.strip("${} ").split(" && ")
        if failed and not {"always()", "!cancelled()", "failure()"} & set(parts):
            return False
        compared = (re.fullmatch(r"([\w.-]+) (==|!=) '(.*)'", part) for part in parts)
        return all((self.contexts.get(each[1], "") == each[3]) is (each[2] == "==") for each in compared if each)


def written_outputs(text: str) -> Iterator[tuple[str, str]]:
    """Read GITHUB_OUTPUT: NAME=VALUE, or NAME<<END and lines until END (GitHub, "Workflow commands")."""
    lines = iter(text.splitlines())
    for line in lines:
        name, end = re.split("=|<<", line, maxsplit=1)
        if line.startswith(f"{name}="):
            yield name, end
            continue
        yield name, "\n".join(takewhile(end.__ne__, lines))


def outputs(job: dict[str, Any], contexts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Give what a job of GitHub Actions hands on to those that need it."""
    for name, value in job.get("outputs", {}).items():
        yield name, contexts.get(value.strip("${} "), "")
