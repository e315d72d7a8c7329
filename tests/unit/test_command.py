"""The frame of the `tidegate` command: what there is, shared options, errors as sentences with an exit code."""

import re
import signal
import subprocess
import sys
import time
from importlib import import_module
from types import SimpleNamespace

import click
import pytest
from botocore.exceptions import (
    EndpointConnectionError,
    InvalidRegionError,
    NoCredentialsError,
    NoRegionError,
    ProfileNotFound,
)
from click.testing import CliRunner, Result

from tests.failing import raising, refused
from tidegate.domain.errors import InvalidRequest, LockHeld, NotConfigured
from tidegate_cli import starting
from tidegate_cli.command import Command, Shared
from tidegate_cli.commands import doctor
from tidegate_cli.main import COMMANDS, Entry, main
from tidegate_cli.outcome import Outcome, Stop

HELP_WITHOUT = """
import sys
from tidegate_cli.main import main
try:
    main(["--help"])
finally:
    assert not {"boto3", "rich", "pydantic", "tidegate", "localcloud"} & set(sys.modules), "imported for the help"
"""


def run(raised: BaseException | None = None, *arguments: str) -> Result:
    @click.command(cls=Command)
    @click.pass_obj
    def command(shared: Shared) -> None:
        if raised:
            raise raised
        click.echo(shared)

    return CliRunner().invoke(command, arguments)


def test_the_help_names_every_command_and_imports_none() -> None:
    shown = subprocess.run([sys.executable, "-c", HELP_WITHOUT], capture_output=True, text=True, check=True).stdout
    for name, entry in COMMANDS.items():
        assert f"  {name} " in shown
        assert entry.says in shown


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_where_it_is_said_to_be_and_has_a_help(name: str) -> None:
    entry = COMMANDS[name]
    command: click.Command = getattr(import_module(entry.module), entry.attribute)
    assert command.name == name
    assert command.help


def test_a_command_without_what_it_needs_says_how_to_get_it_and_is_not_completed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(COMMANDS, "gone", Entry("not_installed.command", "gone", "Be gone.", "not_installed"))
    shown = CliRunner().invoke(main, ["--help"]).output
    assert re.search(r"^  gone +Be gone\.$", shown, re.MULTILINE)
    how = "Install the wheel with its extra: pipx install --force 'WHEEL[local]'"
    assert f"Not installed: gone. {how}" in " ".join(shown.split())
    called = CliRunner().invoke(main, ["gone"])
    assert (
        called.exit_code,
        how in called.stderr,
    ) == (1, True)
    completed = (
        CliRunner()
        .invoke(
            main,
            [],
            env={"_TIDEGATE_COMPLETE": "bash_complete", "COMP_WORDS": "tidegate ", "COMP_CWORD": "1"},
            prog_name="tidegate",
        )
        .output
    )
    assert "release" in completed
    assert "gone" not in completed


def test_a_command_that_there_is_not_is_a_mistake_in_the_call() -> None:
    assert CliRunner().invoke(main, ["gone"]).exit_code == 2


def test_the_shells_get_a_completion() -> None:
    for shell in ("bash", "zsh", "fish"):
        assert "_TIDEGATE_COMPLETE" in CliRunner().invoke(main, ["completion", shell]).output


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (Stop(Outcome.NEEDS_HUMAN, "Look now."), 4, "Look now."),
        (InvalidRequest(["alias: there is none"]), 6, "alias: there is none"),
        (LockHeld("shop:live has been locked by release r"), 6, "locked by release r"),
        (NotConfigured("no table"), 1, "no table"),
        (NoCredentialsError(), 1, "--profile"),
        (NoRegionError(), 1, "--region"),
        (InvalidRegionError(region_name="eu west"), 1, "Example: --region eu-west-1"),
        (ProfileNotFound(profile="nope"), 1, "(nope) could not be found. See: aws configure list-profiles"),
        (EndpointConnectionError(endpoint_url="http://there"), 1, "The call to AWS failed"),
        (refused("ExpiredTokenException"), 1, "Log in again."),
        (refused("AccessDenied", message="said AWS"), 1, "said AWS"),
    ],
)
def test_an_error_is_a_sentence_on_stderr_and_an_exit_code(error: Exception, code: int, said: str) -> None:
    result = run(error)
    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr.startswith("Error: ")
    assert said in result.stderr


def test_an_interrupted_command_says_so_by_its_exit_code() -> None:
    assert run(KeyboardInterrupt()).exit_code == 130


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_command_that_follows_nothing_in_a_sentence(number: signal.Signals) -> None:
    @click.command(cls=Command)
    def command() -> None:
        signal.raise_signal(number)

    ended = CliRunner().invoke(command)
    assert (ended.exit_code, ended.stderr) == (
        130,
        "Error: Interrupted. A release that has started continues; see: tidegate status\n",
    )
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_where_nobody_reads_on_watching_has_ended_and_nothing_failed() -> None:
    program = (
        "import click; from tidegate_cli.command import Command\n"
        "@click.command(cls=Command)\n"
        "def command():\n"
        "    for _ in range(100_000): click.echo('a line', err=True)\n"
        "command()"
    )
    with subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE) as process:
        assert process.stderr
        assert process.stderr.readline() == b"a line\n"
        process.stderr.close()
        assert process.wait(30) == 5


@pytest.mark.parametrize(
    ("arguments", "content", "said"),
    [
        (["release", "shop", "--steps", "5,x", "--every", "5m"], "", "are not percentages"),
        (["release", "shop", "--strategy", "guarded", "--emergency", "it is down"], "", "omit --strategy"),
        (["release", "--request", "-"], "{", "is not JSON"),
        (["plan", "--request", "-"], "[1]", "must contain a JSON object"),
        (["plan", "shop", "--steps", "5"], "", "--steps needs --every"),
        (["rollback", "shop", "--strategy", "guardd"], "", 'did you mean "guarded"?'),
        (["replay", "shop", "--analysis", "{"], "", "is not JSON"),
        (["freeze", "shop", "--reason", "x", "--until", "soon"], "", "examples: 2h, 3d, 18:00"),
    ],
)
def test_a_mistake_in_the_call_is_found_before_aws_is_asked(
    arguments: list[str], content: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Shared, "connect", raising(AssertionError("it asks AWS")))
    ended = CliRunner().invoke(main, arguments, input=content)
    assert ended.exit_code == 2, ended.output
    assert said in ended.stderr


def test_who_waits_for_another_release_is_told_at_once_and_every_five_minutes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    passed = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: passed[0])
    monkeypatch.setattr(time, "sleep", lambda seconds: passed.append(passed.pop() + seconds))
    monkeypatch.setattr(starting, "running", lambda _: SimpleNamespace(release="other", target="shop:live"))
    shared = Shared("tidegate", None, None, json=False, quiet=False, verbose=False)
    with pytest.raises(Stop, match="shop:live has been locked by release other"):
        starting.running_already(shared, [], patience=1200)
    told = "Waiting for release other, which has locked shop:live. See: tidegate watch other"
    assert capsys.readouterr().err.splitlines() == [told] * 5


def test_a_mistake_in_our_own_code_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(run(KeyError("ours")).exception, KeyError)
    monkeypatch.setattr(doctor, "_who", raising(KeyError("ours")))
    assert isinstance(CliRunner().invoke(main, ["doctor", "--region", "eu-west-1"]).exception, KeyError)


def test_what_the_doctor_cannot_ask_is_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_who", raising(NoCredentialsError()))
    done = CliRunner().invoke(main, ["doctor", "--region", "eu-west-1"])
    assert (done.exit_code, done.stdout.startswith("no  credentials")) == (1, True)


def test_shared_options_come_from_the_line_or_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "stack_name='tidegate', region=None, profile=None, json=False" in run().output
    monkeypatch.setenv("TIDEGATE_STACK", "gate")
    monkeypatch.setenv("TIDEGATE_JSON", "1")
    assert "stack_name='gate', region='eu-west-1', profile=None, json=True" in run(None, "--region", "eu-west-1").output
