"""`tidegate local`: an AWS for any client, in a process of its own."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import click
import pytest
from botocore.config import Config
from click.testing import CliRunner

from localcloud import LocalCloud
from localcloud.command import _instructions, local
from localcloud.deploy import zipped
from tests.contract.machines import FUNCTIONS, PATIENCE_SECONDS, eventually, policy
from tests.pages.documents import blocks

TEMPLATE = Path(__file__).parent / "templates" / "greeter.yaml"
TIDEGATE = [sys.executable, "-c", "from tidegate_cli.main import main; main()"]


@contextmanager
def running(*options: str) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    process = subprocess.Popen([*TIDEGATE, "local", *options], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        word, endpoint = process.stdout.readline().split()
        assert word == "ready"
        yield process, endpoint
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def client(service: str, endpoint: str) -> Any:
    config = Config(retries={"total_max_attempts": 1})
    session: Any = boto3.Session("any", "thing", region_name="us-east-1")
    return session.client(service, endpoint_url=endpoint, config=config)


def _processes() -> Iterator[tuple[int, int]]:
    """Give the ids of each process and its parent."""
    for entry in os.listdir("/proc"):  # noqa: PTH208 - names are enough
        if entry.isdigit():
            try:
                fields = Path("/proc", entry, "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            yield int(entry), int(fields[1])


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def test_functions_that_a_client_creates_run_until_the_command_is_interrupted() -> None:
    port = free_port()
    with running("--clock", "100", "--port", str(port)) as (process, endpoint):
        assert endpoint == f"http://127.0.0.1:{port}"
        trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        role = client("iam", endpoint).create_role(RoleName="r", AssumeRolePolicyDocument=policy(trust))
        functions = client("lambda", endpoint)
        functions.create_function(
            FunctionName="mine",
            Runtime="python3.13",
            Handler="app.handler",
            Role=role["Role"]["Arn"],
            Code={"ZipFile": zipped(FUNCTIONS / "worker")},
        )
        eventually(lambda: functions.get_function(FunctionName="mine")["Configuration"]["State"] == "Active")
        answer = functions.invoke(FunctionName="mine", Payload=b'{"answer": 42}')
        assert answer["Payload"].read() == b"42"
        started = [each for each, parent in _processes() if parent == process.pid]
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_SECONDS) == 0
        assert started, "it forked those of functions"
        assert not {each for each, _ in _processes()} & set(started)
        assert process.stdout
        lines = process.stdout.read().splitlines()
        assert [line.split()[0] for line in lines] == ["export", "export", "unset", "#"]
        assert lines[-1].startswith("# Time runs 100 times faster: a bake of 5 minutes takes 3 seconds")
        assert variables_of(lines) == {
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
        }


def variables_of(lines: list[str]) -> dict[str, str]:
    """Paste the lines into a shell that uses a real account, and give what is set then."""
    before = {
        "AWS_PROFILE": "work",
        "AWS_SESSION_TOKEN": "secret",
        "AWS_REGION": "eu-west-1",
        "PATH": os.environ["PATH"],
    }
    script = "\n".join([*lines, "env"])
    shown = subprocess.run(["sh"], input=script, env=before, capture_output=True, text=True, check=True).stdout
    pairs = dict(line.split("=", 1) for line in shown.splitlines())
    return {name: value for name, value in pairs.items() if name.startswith(("AWS_", "TIDEGATE_"))}


@pytest.mark.parametrize(
    ("clock", "said"),
    [
        (1.0, "# Time runs as in reality: a bake of 5 minutes takes 5 minutes. "),
        (
            60.0,
            (
                "# Time runs 60 times faster: a bake of 5 minutes takes 5 seconds, "
                "and one call a second counts as 1 a minute. "
            ),
        ),
    ],
)
def test_a_comment_says_how_fast_time_runs_and_who_calls(clock: float, said: str) -> None:
    *exports, comment = _instructions("http://127.0.0.1:1", clock, "shop").splitlines()
    assert exports[0] == "export AWS_ENDPOINT_URL=http://127.0.0.1:1 TIDEGATE_STACK=shop"
    assert comment == f"{said}No function is called unless you call it."


def test_the_page_quotes_what_the_command_prints() -> None:
    (block,) = (each for each in blocks("") if each.comment == "tidegate local")
    endpoint = "http://127.0.0.1:40123"
    assert block.content.strip() == f"ready {endpoint}\n{_instructions(endpoint, 60.0, None)}"


def test_a_termination_signal_ends_it_too() -> None:
    with running("--template", str(TEMPLATE), "--parameter", "Greeting=a=b") as (process, endpoint):
        stacks = client("cloudformation", endpoint).describe_stacks()["Stacks"]
        assert [stack["StackName"] for stack in stacks] == ["tidegate"]
        parameters = {p["ParameterKey"]: p["ParameterValue"] for p in stacks[0]["Parameters"]}
        assert parameters["Greeting"] == "a=b"
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 0


STRUCK_ASIDE = """
import signal, threading, time
def strike():
    while signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        time.sleep(0.1)
    time.sleep(2)
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
threading.Thread(target=strike, daemon=True).start()
from tidegate_cli.main import main
main(["local"])
"""


def test_a_signal_that_another_of_its_threads_gets_ends_it_too() -> None:
    """The system may give it to any thread; the main one then sleeps on."""
    ended = subprocess.run(
        [sys.executable, "-c", STRUCK_ASIDE], capture_output=True, timeout=PATIENCE_SECONDS, check=False
    )
    assert ended.returncode == 0


def test_a_port_in_use_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LocalCloud, "_running", None)  # this process has one, and this one does not come so far
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = CliRunner().invoke(local, ["--port", str(port)])
    assert ended.exit_code == click.ClickException.exit_code
    assert f"cannot serve on 127.0.0.1:{port}: Address already in use" in ended.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--clock", "0"], "0.0 is not in the range"),
        (["--clock", "fast"], "not a valid float"),
        (["--clock", "nan"], "nan is no number of times"),
        (["--clock", "inf"], "inf is not in the range"),
        (["--parameter", "Greeting=hello"], "--parameter needs --template"),
        (["--stack-name", "mine"], "--stack-name needs --template"),
        (["--port", "99999"], "99999 is not in the range"),
        (["--parameter", "NoValue"], "is not Key=Value"),
        (["--template", "nowhere.yaml"], "does not exist"),
    ],
)
def test_options_that_cannot_be_are_clear_errors(
    monkeypatch: pytest.MonkeyPatch, options: list[str], said: str
) -> None:
    monkeypatch.setattr(LocalCloud, "start", lambda _: pytest.fail("it began to serve"))
    ended = CliRunner().invoke(local, options)
    assert ended.exit_code == click.UsageError.exit_code
    assert said in ended.stderr


@pytest.fixture
def refused_here(cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Give how to call the command on the cloud of this process, which serves already; a process takes seconds."""
    monkeypatch.setattr("localcloud.command.LocalCloud", lambda **_: cloud)
    for name in ("start", "stop"):
        monkeypatch.setattr(cloud, name, lambda: None)
    monkeypatch.setattr(signal, "signal", lambda *_: None)

    def call(*options: str) -> str:
        ended = CliRunner().invoke(local, options)
        assert ended.exit_code == click.ClickException.exit_code
        return ended.stderr

    return call


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "needs a value for Greeting"),
        (["--stack-name", "my_stack"], "'my_stack' is not a stack name"),
    ],
)
def test_options_that_do_not_suit_the_template_are_clear_errors(
    refused_here: Callable[..., str], options: list[str], said: str
) -> None:
    assert said in refused_here("--template", str(TEMPLATE), *options)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Resources: [", "template.yaml is not YAML: while parsing"),
        ("\0", "template.yaml is not YAML: unacceptable character"),
        (
            "Resources: {F: {Type: AWS::Serverless::Function, Properties: {Nonsense: 1}}}",
            "Nonsense not defined",
        ),
        ("Resources: {F: {Type: AWS::Serverless::Function}}", "template.yaml is refused by SAM: "),
        ("Resources: 3", "template.yaml is refused by SAM: "),
    ],
)
def test_a_template_that_cannot_be_is_a_clear_error(
    refused_here: Callable[..., str], tmp_path: Path, text: str, said: str
) -> None:
    template = tmp_path / "template.yaml"
    template.write_text(text)
    assert said in refused_here("--template", str(template))
