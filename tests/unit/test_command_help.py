"""The help of every command, suggestions for what is misspelt, and what a shell completes."""

import os
import re
import signal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from click.testing import CliRunner

from tests.failing import raising, refused
from tests.fakes.stack import STACK
from tests.pages.document_commands import check
from tests.pages.shell import commands
from tidegate.aws.ledger import index
from tidegate.aws.ledger.index import ListedRelease
from tidegate_cli import completing
from tidegate_cli.command import Shared
from tidegate_cli.commands.route import route
from tidegate_cli.help import EVERYWHERE, HEADINGS
from tidegate_cli.main import COMMANDS, main

EVERY = [[], *([name] for name in COMMANDS), *(["route", name] for name in route.commands)]


def shown(*arguments: str) -> str:
    called = CliRunner().invoke(main, arguments)
    assert called.exit_code == 0, called.output
    return called.output


@pytest.mark.parametrize("command", EVERY, ids=" ".join)
def test_every_help_ends_with_examples_that_are_right(command: list[str]) -> None:
    text = shown(*command, "-h")
    assert text == shown(*command, "--help")
    examples = re.findall(r"^ +(tidegate .+)$", text[text.index("Examples:") :], re.MULTILINE)
    assert examples
    for example in examples:
        for found in commands(example):
            check(found)
        assert example.split()[1 : len(command) + 1] == command


@pytest.mark.parametrize("command", ["release", "plan", "watch", "status"])
def test_the_options_of_a_command_are_grouped_and_those_of_every_command_come_last(command: str) -> None:
    text = shown(command, "--help")
    headings = [heading for heading in HEADINGS if f"\n{heading}:\n" in text]
    places = [text.index(f"\n{heading}:\n") for heading in headings]
    assert len(headings) > 1
    assert (headings[-1], places) == (EVERYWHERE, sorted(places))
    assert text.index("--stack") > places[-1]
    assert text.count("--help") == 1


@pytest.mark.parametrize(("command", "of_run"), [("release", True), ("rollback", True), ("retry", False)])
def test_a_help_says_what_names_the_release_of_a_call_without_a_key(command: str, of_run: bool) -> None:
    text = " ".join(shown(command, "--help").split())
    assert ("the run of the CI job, otherwise the current time]" in text) is of_run
    assert "the current time]" in text


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("relase", "There is no command 'relase'. Did you mean release or"),
        ("statsu", "Did you mean status?"),
        ("qqqqq", "There is no command 'qqqqq'. See: tidegate --help"),
    ],
)
def test_a_misspelt_command_gets_a_suggestion(written: str, said: str) -> None:
    called = CliRunner().invoke(main, [written])
    assert (called.exit_code, said in called.stderr) == (2, True), called.stderr


def test_a_misspelt_option_gets_a_suggestion() -> None:
    assert "--strategy" in CliRunner().invoke(main, ["release", "shop", "--stratgy", "guarded"]).stderr


def completed(monkeypatch: pytest.MonkeyPatch, line: str) -> list[str]:
    """Give what bash would offer for the last word of a line."""
    words = line.split(" ")
    env = {"_TIDEGATE_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    output = CliRunner().invoke(main, [], env=env, prog_name="tidegate").output
    return [each.partition(",")[2] for each in output.splitlines() if each]


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Shared, "connect", lambda _: None)
    monkeypatch.setattr(Shared, "stack", STACK)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    past = [ListedRelease("shop-2", ("shop:live",)), ListedRelease("cart-1", ("cart:live", "shop:beta"))]
    monkeypatch.setattr(index, "listed", lambda: iter(past))
    pages: Any = [
        {
            "Functions": [
                {"FunctionName": "shop-new"},
                {"FunctionName": "other"},
                {"FunctionName": "tidegate-PlanFunction-1"},
            ]
        }
    ]
    lister = SimpleNamespace(get_paginator=lambda _: SimpleNamespace(paginate=lambda: iter(pages)))
    monkeypatch.setattr(boto3, "client", lambda _: lister)


@pytest.mark.usefixtures("known")
def test_a_shell_completes_functions_releases_and_strategies(monkeypatch: pytest.MonkeyPatch) -> None:
    assert completed(monkeypatch, "tidegate release sh") == ["shop", "shop-new"]
    assert completed(monkeypatch, "tidegate watch s") == ["shop-2", "shop", "shop-new"]
    assert completed(monkeypatch, "tidegate release shop --strategy gu") == ["guarded"]
    assert completed(monkeypatch, "tidegate rollback shop --strategy canary") == ["canary-10-5m"]
    assert completed(monkeypatch, "tidegate stat") == ["status"]
    assert completed(monkeypatch, "tidegate freeze sh") == ["shop", "shop-new"]
    usual = ["guarded", "all-at-once", "canary-10-5m", "linear-10-1m"]
    assert completed(monkeypatch, "tidegate release shop --strategy ") == usual
    assert completed(monkeypatch, "tidegate release shop --strategy LambdaA") == ["LambdaAllAtOnce"]


@pytest.mark.usefixtures("known")
def test_a_shell_does_not_complete_tidegates_own_functions(monkeypatch: pytest.MonkeyPatch) -> None:
    assert completed(monkeypatch, "tidegate release t") == []


def test_a_shell_completes_the_fleets_of_the_project_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "tidegate.yaml").write_text("fleets: {shop: [orders, mail], books: [prices]}\n")
    monkeypatch.chdir(tmp_path)
    assert completed(monkeypatch, "tidegate release --fleet s") == ["shop"]
    (tmp_path / "tidegate.yaml").unlink()
    assert completed(monkeypatch, "tidegate release --fleet s") == []


@pytest.mark.usefixtures("known")
def test_who_may_not_list_functions_gets_those_that_were_released(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boto3, "client", raising(refused("AccessDenied")))
    assert completed(monkeypatch, "tidegate release ") == ["shop", "cart"]


def test_a_completion_that_fails_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setattr(Shared, "connect", raising(OSError("no network")))
    assert completed(monkeypatch, "tidegate release sh") == []


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="this system has no such signal")
def test_a_completion_does_not_wait_for_an_aws_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(completing, "SECONDS", 1)
    read, _ = os.pipe()

    def waits() -> list[str]:
        return [os.read(read, 1).decode()]

    assert completing._beginning("", waits) == []


@pytest.mark.parametrize("command", EVERY, ids=" ".join)
def test_no_word_of_a_help_is_broken_on_a_terminal_of_eighty_columns(command: list[str]) -> None:
    """A word that is longer than its column, such as an example of a metric, would be."""
    narrow, wide = (
        CliRunner().invoke(main, [*command, "-h"], env={"COLUMNS": str(width)}, terminal_width=width).output
        for width in (80, 1000)
    )
    assert set(re.split(r"[\s-]+", narrow)) - set(re.split(r"[\s-]+", wide)) == set()
