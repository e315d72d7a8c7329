"""The command in the environments of its callers: one sentence, the right exit code, no secret and no stack trace."""

import errno
import io
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import boto3
import click
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, HTTPClientError, ReadTimeoutError
from click.testing import CliRunner, Result

from tests.failing import raising
from tidegate_cli.command import Command, Shared
from tidegate_cli.commands import watch
from tidegate_cli.error_sentences import stop_for, told
from tidegate_cli.interruption import terminable
from tidegate_cli.invoke import NAMES, ask, by_option
from tidegate_cli.main import main
from tidegate_cli.outcome import Outcome, Stop
from tidegate_cli.output import Output
from tidegate_cli.retrying import SightLost, patiently
from tidegate_cli.stack import Stack
from tidegate_cli.terminal import say
from tidegate_cli.views import view

SECRET = "IQoJb3JpZ2luX2VjEXAMPLETOKEN"


def called(*arguments: str, **environment: str | None) -> Result:
    return CliRunner().invoke(main, arguments, prog_name="tidegate", env=environment)


@pytest.mark.parametrize("region", ["eu-west-1\n", "eu-west-1\r\n", " eu-west-1"])
@pytest.mark.parametrize("variable", ["AWS_REGION", "AWS_DEFAULT_REGION", None])
def test_a_line_end_is_no_part_of_a_region(variable: str | None, region: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    if variable:
        monkeypatch.setenv(variable, region)
    Shared("tidegate", None if variable else region, None, json=False, quiet=False, verbose=False).connect()
    assert boto3.DEFAULT_SESSION is not None
    assert boto3.DEFAULT_SESSION.region_name == "eu-west-1"


@pytest.mark.parametrize("name", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"])
@pytest.mark.parametrize("added", ["\n", "\r", " ", "\u00e9", "\udcff"])
def test_a_credential_that_no_request_may_have_is_named_and_never_shown(name: str, added: str) -> None:
    done = called("status", **{name: SECRET + added, "AWS_REGION": "eu-west-1"})
    assert done.exit_code == Outcome.FAILED.code
    assert done.output == (
        f"Error: The variable {name} contains a line break, a space or another character that is not allowed in a "
        "request. Set it again without that character.\n"
    )


def a_client_error(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "Invoke")


QUOTED = [
    HTTPClientError(error=ValueError(f"Invalid header value b'{SECRET}\\n'")),
    a_client_error("SignatureDoesNotMatch", f"The Canonical String was 'POST\nx-amz-security-token:{SECRET}'"),
    a_client_error("IncompleteSignature", f"Authorization=AWS4-HMAC-SHA256 Credential={SECRET}"),
    a_client_error("AccessDenied", f"no way to https://me:{SECRET}@proxy.invalid/"),
]


@pytest.mark.parametrize("error", QUOTED)
def test_what_an_error_quotes_of_a_request_is_not_told(error: Exception) -> None:
    assert SECRET not in told(error)
    assert SECRET not in str(stop_for(error))
    with pytest.raises(SightLost) as lost:
        patiently(raising(error), raising(SightLost("waited")))
    assert SECRET not in str(lost.value)


@pytest.mark.parametrize(
    "error",
    [ReadTimeoutError(endpoint_url="lambda"), EndpointConnectionError(endpoint_url="lambda"), RuntimeError("over")],
)
def test_an_error_without_a_response_is_told_as_it_is(error: Exception) -> None:
    assert told(error) == str(error).rstrip(".")


@pytest.mark.parametrize("endpoint", ["foo", "http://127.0.0.1:9", "https://.invalid", "http://[::1"])
def test_an_endpoint_where_nobody_answers_is_one_sentence_and_exit_1(endpoint: str) -> None:
    keys = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_REGION": "eu-west-1"}
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", "from tidegate_cli.main import main; main(prog_name='tidegate')", "status"],
        env={**kept, **keys, "AWS_ENDPOINT_URL": endpoint, "AWS_MAX_ATTEMPTS": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (Outcome.FAILED.code, "")
    assert done.stderr.startswith("Error: The call to AWS failed: ")
    assert len(done.stderr.splitlines()) == 1
    assert SECRET not in done.stderr


def test_without_a_user_the_arn_of_the_caller_is_who_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Mapping[str, Any]] = []

    class Client:
        def get_caller_identity(self) -> dict[str, str]:
            return {"Arn": "arn:aws:sts::123456789012:assumed-role/ci/job"}

        def invoke(self, **call: Any) -> dict[str, Any]:
            asked.append(call)
            return {"Payload": io.BytesIO(b"{}")}

    monkeypatch.setattr(boto3, "client", lambda _: Client())
    shared = Shared("tidegate", None, None, json=False, quiet=False, verbose=False)
    shared.__dict__["stack"] = Stack("tidegate", {"DecideFunction": "decide"}, {})
    ask(shared, "DecideFunction", {"by": ""}, "decide")
    assert asked[0]["Payload"] == b'{"by": "arn:aws:sts::123456789012:assumed-role/ci/job"}'
    monkeypatch.setattr(Client, "get_caller_identity", raising(a_client_error("AccessDenied", "no")))
    with pytest.raises(Stop, match="--by NAME"):
        ask(shared, "DecideFunction", {"by": ""}, "decide")


@pytest.mark.parametrize("user", ["a\x1b[2J", "a\nb", "x" * 300])
def test_a_name_that_is_none_is_refused_with_the_option_that_says_it(user: str) -> None:
    @click.command()
    @by_option
    def say_who(by: str) -> None:
        click.echo(by)

    assert NAMES[0] == "USER"
    done = CliRunner().invoke(say_who, env={"USER": user})
    assert done.exit_code == 2
    assert "--by" in done.output
    assert "\x1b" not in done.output


@pytest.mark.parametrize("code_page", ["cp1252", "cp437"])
def test_a_code_page_has_no_say_in_what_can_be_written(code_page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding=code_page, write_through=True))
    say("checkout \u2717 rolled back \u2013 \U0001f600")
    Output(json=True).document({"summary": "\u2717 \U0001f600"})
    first, *rest = written.getvalue().decode(code_page).splitlines()
    assert first.startswith("checkout ? rolled back ")
    assert rest[-1] == '{"summary": "\\u2717 \\ud83d\\ude00"}'


@pytest.mark.parametrize("closed", [None, "closed"])
def test_a_stream_that_was_closed_is_no_terminal(closed: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO() if closed else None
    if stream:
        stream.close()
    for name in ("stdin", "stderr"):
        monkeypatch.setattr(sys, name, stream)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("CI", raising=False)
    assert not view._on_a_terminal()
    with pytest.raises(Stop, match="name one: a, b"):
        watch.chosen(["a", "b"])


class Gone(io.TextIOWrapper):
    """A terminal that was closed."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8")

    def write(self, _: str) -> int:
        raise OSError(errno.EIO, "Input/output error")


@pytest.mark.parametrize(
    ("error", "code"),
    [(None, 5), (KeyboardInterrupt(), 130), (Stop(Outcome.REFUSED, "No."), 6), (Stop(Outcome.NEEDS_HUMAN, "Look."), 4)],
)
def test_a_closed_terminal_changes_no_exit_code(
    error: BaseException | None, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    @click.command(cls=Command)
    def told_to_nobody() -> None:
        if error:
            raise error
        say("It is released.")

    monkeypatch.setattr(sys, "stdout", Gone())
    monkeypatch.setattr(sys, "stderr", Gone())
    with pytest.raises(SystemExit) as ended:
        told_to_nobody([])
    assert ended.value.code == code


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_cancelled_job_and_a_closed_terminal_end_it_as_ctrl_c_does(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt), terminable():
        os.kill(os.getpid(), number)
    assert signal.getsignal(number) is before


def test_what_is_to_outlive_its_terminal_does() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with terminable():
            os.kill(os.getpid(), signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_call_that_is_proposed_can_be_pasted_into_a_shell() -> None:
    shared = Shared("tide gate", "eu-west-1", None, json=False, quiet=False, verbose=False)
    assert shared.line("watch", "shop-1") == "tidegate watch shop-1 --stack 'tide gate' --region eu-west-1"
    assert shared.line("watch", "a(b)'!c") == """tidegate watch 'a(b)'"'"'!c' --stack 'tide gate' --region eu-west-1"""
