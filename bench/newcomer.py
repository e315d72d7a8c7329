"""How far it is to a first release, by the very commands of the pages: `make newcomer` prints commands and seconds.

From a clone: the README's command in a fresh clone, environment made and all, up to the end of the first release. From
an account: those of docs/deploy.md on the local cloud, which stands for the account, with a clock that runs faster.
`sam build` and `pipx install` are left to `make package`: what is built for Lambda does not run on this machine.
"""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import boto3

from bench.figure import Figure
from localcloud.deploy import FunctionMaker

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"<!-- path: (\w+) -->\n```sh\n(.*?)```", re.DOTALL)
SHELL = ("/bin/bash", "-euc")
TIDEGATE = "from tidegate_cli.main import main; main(prog_name='tidegate')"
LEFT_OUT = ("sam build", "pipx install")
DEPLOYED = ("template.yaml", "samconfig.toml", "functions", "routing", "statemachine", "LICENSE", "README.md")
FUNCTION = "checkout"
CODE = "def handler(event, context):\n    return {'hello': 'you'}\n"
CLONING = 1
"""One command for the clone itself, which no page can name."""


@dataclass(frozen=True)
class Way:
    """A way that was gone: how many commands it takes, in how many seconds, and what the last one said."""

    commands: int
    seconds: float
    said: str


def commands(page: str, path: str) -> list[str]:
    """Give the commands of a page's block that is marked as this path."""
    (found,) = [block for name, block in BLOCK.findall((ROOT / page).read_text()) if name == path]
    return [line for line in found.splitlines() if line]


def from_a_clone() -> Way:
    """Clone, then do as the README says, until the first release has ended."""
    lines = commands("README.md", "local")
    with TemporaryDirectory() as folder:
        clone, began = Path(folder, "tidegate"), time.monotonic()
        clone_command = [*SHELL, f"git clone --quiet {shlex.quote(str(ROOT))} {shlex.quote(str(clone))}"]
        subprocess.run(clone_command, check=True)  # noqa: S603 - of this repository
        command = [*SHELL, "\n".join(lines)]
        with subprocess.Popen(  # noqa: S603 - what our own pages say
            command, cwd=clone, stdout=subprocess.PIPE, text=True, start_new_session=True
        ) as demo:
            assert demo.stdout
            said = next((line for line in demo.stdout if " ended " in line), "no release ended")
            seconds = time.monotonic() - began
            os.killpg(demo.pid, signal.SIGINT)  # as Ctrl-C does: make, and the demo that it runs
    return Way(CLONING + len(lines), seconds, said.strip())


def from_an_account(clock: float = 60.0) -> Way:
    """Do as docs/deploy.md says, on a local cloud that has one function and nothing else."""
    lines = commands("docs/deploy.md", "account")
    with TemporaryDirectory() as folder, account(clock) as environment:
        _put_function(environment, Path(folder, "code"))
        checkout = _checkout(Path(folder, "tidegate"))
        began, said = time.monotonic(), ""
        for line in lines:
            if not line.startswith(LEFT_OUT):
                said = _run(line, checkout, environment)
    return Way(CLONING + len(lines), time.monotonic() - began, said.strip().splitlines()[-1])


@contextmanager
def account(clock: float) -> Iterator[Mapping[str, str]]:
    """Serve a local cloud from a process of its own; give what a newcomer's shell knows of it."""
    serve = [sys.executable, "-c", TIDEGATE, "local", "--clock", f"{clock:g}"]
    with subprocess.Popen(  # noqa: S603 - our own command
        serve, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as cloud:
        assert cloud.stdout
        try:
            yield _environment(cloud.stdout.readline().split()[1])
        finally:
            cloud.terminate()


def _environment(endpoint: str) -> dict[str, str]:
    tools = [ROOT / ".venv-sam/bin", ROOT / ".venv-aws/bin", Path(sys.executable).parent]
    return {
        "PATH": os.pathsep.join([*map(str, tools), os.environ["PATH"]]),
        "HOME": os.environ["HOME"],
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REGION": "us-east-1",
        "SAM_CLI_TELEMETRY": "0",
        "SAM_CLI_POLL_DELAY": "1",
    }


def _put_function(environment: Mapping[str, str], folder: Path) -> None:
    folder.mkdir()
    (folder / "app.py").write_text(CODE)
    keys = {"aws_access_key_id": "local", "aws_secret_access_key": "local", "region_name": "us-east-1"}

    def client(service: str) -> Any:
        session: Any = boto3.Session(**keys)  # type: ignore[arg-type]  # they are its parameters
        return session.client(service, endpoint_url=environment["AWS_ENDPOINT_URL"])

    FunctionMaker(client).create(FUNCTION, folder)


def _checkout(folder: Path) -> Path:
    """Copy what is deployed: a build in the checkout would be taken before the template itself."""
    folder.mkdir()
    for name in DEPLOYED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    return folder


def _run(line: str, folder: Path, environment: Mapping[str, str]) -> str:
    done = subprocess.run(  # noqa: S603 - what our own pages say
        [*SHELL, line], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{line}: {done.stdout}{done.stderr}")
    return done.stdout


def figures() -> Iterator[Figure]:
    ways = (
        ("from a clone to the end of a first release on the local cloud", from_a_clone, 2, 180),
        (
            "from an account to the end of a first release, by docs/deploy.md on the local cloud",
            from_an_account,
            6,
            120,
        ),
    )
    for name, go, most, seconds in ways:
        gone = go()
        yield Figure(f"commands {name}", gone.commands, "commands", most, gone.said, command="make newcomer")
        yield Figure(f"seconds {name}", round(gone.seconds), "s", seconds, "on this machine", command="make newcomer")


if __name__ == "__main__":
    for figure in figures():
        sys.stdout.write(figure.line() + "\n")
