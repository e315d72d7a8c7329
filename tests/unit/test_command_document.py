"""docs/command.md tells the truth of the command: its commands, options, exit codes and output."""

import re
from importlib import import_module
from typing import Any

import click
import pytest

from tests.pages.documents import blocks
from tests.pages.quotations import GOLDEN
from tests.reading import ROOT
from tidegate_cli.ci import JobSummary
from tidegate_cli.ending import Ending
from tidegate_cli.main import COMMANDS
from tidegate_cli.outcome import Outcome

PAGE = (ROOT / "docs/command.md").read_text()
EXAMPLES = sorted({block.comment for block in blocks("") if block.comment in GOLDEN})


def options(name: str) -> set[str]:
    entry = COMMANDS[name]
    command: click.Command = getattr(import_module(entry.module), entry.attribute)
    written = [option for each in command.params for option in (*each.opts, *each.secondary_opts)]
    return {option for option in written if option.startswith("--")}


def test_every_command_is_named() -> None:
    assert [name for name in COMMANDS if name not in PAGE] == []


def test_every_option_of_a_release_is_explained() -> None:
    missing = {option for option in options("release") if f"{option}" not in PAGE}
    assert missing == set()


def test_no_option_is_explained_that_is_not_there() -> None:
    """Options of other programs stand in quoted commands that begin with their names."""
    there = {option for name in COMMANDS for option in options(name)}
    page = re.sub(r"`(?:pip|gh) [^`]+`", "", PAGE)
    assert set(re.findall(r"`?(--[a-z][a-z-]+)", page)) - there == set()


def test_the_exit_codes_are_those_that_there_are() -> None:
    rows = re.findall(r"^\| (\d+) \| (.*?) \|", PAGE, re.MULTILINE)
    written = {(word, int(code)) for code, words in rows for word in re.findall(r"`([\w-]+)`", words)}
    assert written == {(each.word, each.code) for each in Outcome if each is not Outcome.DONE}


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_is_shown_is_what_the_command_wrote(name: str) -> None:
    for block in (block for block in blocks("") if block.comment == name):
        assert block.content == GOLDEN[name].read_text(), block


def test_every_output_for_later_steps_is_named() -> None:
    values: dict[str, Any] = JobSummary("r", Ending(Outcome.RELEASED, "It is."), (), "there").values()
    assert [name for name in values if f"`{name}`" not in PAGE] == []
