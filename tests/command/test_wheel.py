"""The wheel, installed with what it asks for and nothing else, away from the checkout."""

import json
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3
import pytest

from tests.command.installation import build_wheel, install
from tests.reading import ROOT
from tests.workflow.releases import eventually
from tidegate_cli.main import COMMANDS

EVERY_COMMAND = """
from importlib import import_module
from tidegate_cli.main import COMMANDS
for entry in COMMANDS.values():
    if entry.is_there:
        getattr(import_module(entry.module), entry.attribute)
from tidegate.report import document, drawing
print([name for name, entry in COMMANDS.items() if not entry.is_there])
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("wheel"))


def said(folder: Path, *command: str) -> str:
    done = subprocess.run(
        command, cwd=folder, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_the_command_starts_with_what_the_wheel_asks_for(wheel: Path, tmp_path: Path) -> None:
    programs = install(wheel, tmp_path / "plain")
    assert said(tmp_path, f"{programs}/tidegate", "--version") == f"tidegate, version {wheel.name.split('-')[1]}\n"
    shown = said(tmp_path, f"{programs}/tidegate", "--help")
    assert all(f"  {name} " in shown for name in COMMANDS)
    assert "Not installed: local, try. Install the wheel with its extra" in shown
    assert said(tmp_path, f"{programs}/python", "-c", EVERY_COMMAND) == "['local', 'try']\n"


def test_it_has_the_runtime_of_node_functions(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        assert "localcloud/lambda_/runtime/node_runtime.mjs" in packed.namelist()


def test_its_extra_brings_a_local_cloud_that_runs_tidegate(wheel: Path, tmp_path: Path) -> None:
    programs = install(wheel, tmp_path / "local", extras=["local"])
    (application,) = (tmp_path / "local").glob("lib/python*/site-packages/localcloud/application")
    assert (application / "template.yaml").read_text() == (ROOT / "template.yaml").read_text()
    with serving(programs, application / "template.yaml", tmp_path) as endpoint:
        session = boto3.Session("local", "local", region_name="us-east-1")
        client = session.client("stepfunctions", endpoint_url=endpoint)
        (machine,) = client.list_state_machines()["stateMachines"]
        execution = client.start_execution(
            stateMachineArn=machine["stateMachineArn"], input=json.dumps({"function": "shop-none"})
        )["executionArn"]
        eventually(lambda: client.describe_execution(executionArn=execution)["status"] == "FAILED", "its end")
        assert "there is no function 'shop-none'" in client.describe_execution(executionArn=execution)["cause"]


@contextmanager
def serving(programs: Path, template: Path, folder: Path) -> Iterator[str]:
    """Have the installed command serve a local cloud with Tidegate; give its address."""
    command = [
        str(programs / "tidegate"),
        "local",
        "--template",
        str(template),
        "--parameter",
        "FunctionPattern=shop-*",
    ]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield process.stdout.readline().split()[1]
        finally:
            process.terminate()
