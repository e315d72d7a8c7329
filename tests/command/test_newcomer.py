"""From an account to a first release, by the commands of docs/deploy.md themselves, with the real SAM CLI."""

import subprocess
from collections import defaultdict

from bench import newcomer
from tests.pages.documents import PAGES, blocks, phrases
from tests.pages.shell import commands
from tests.reading import ROOT

SAM = ROOT / ".venv-sam/bin/sam"
LIST_OPTIONS = """
import sys
from importlib import import_module
for name in sys.argv[1:]:
    package = import_module(f"samcli.commands.{name}")
    command = getattr(package, "cli", None) or import_module(f"samcli.commands.{name}.{name}").cli
    print(name, *(option for each in command.params for option in (*each.opts, *each.secondary_opts)))
"""
"""Prints the options of the commands that are named: `sam --help` takes two seconds for each."""


def test_a_newcomer_comes_to_a_first_release_by_the_commands_of_the_page() -> None:
    assert SAM.exists(), "the SAM CLI is not installed: make .venv-sam/ready"
    way = newcomer.from_an_account(clock=300)
    assert way.said.split()[:4] == ["released", "checkout", "live", "1"]
    assert way.commands <= 6


def test_a_newcomer_without_an_account_needs_two_commands() -> None:
    assert newcomer.CLONING + len(newcomer.commands("README.md", "local")) <= 2


def test_the_sam_cli_has_the_commands_and_options_that_the_pages_give_it() -> None:
    asked = defaultdict[str, set[str]](set)
    for command in _sam_commands():
        asked[command[1]] |= {word.partition("=")[0] for word in command[2:] if word.startswith("--")}
    assert {"build", "deploy", "delete"} <= asked.keys()
    listing = [str(SAM.with_name("python")), "-c", LIST_OPTIONS, *asked]
    told = subprocess.run(listing, env=_quiet(), capture_output=True, text=True, check=True).stdout
    known = {name: set(options) for name, *options in map(str.split, told.splitlines())}
    assert {name: options - known[name] for name, options in asked.items() if options - known[name]} == {}


def _sam_commands() -> list[list[str]]:
    scripts = [block.content for block in blocks("sh")]
    sentences = [phrase for page in PAGES for _, phrase in phrases(page) if phrase.startswith("sam ")]
    return [command for script in (*scripts, *sentences) for command in commands(script) if command[0] == "sam"]


def _quiet() -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "HOME": str(ROOT / "out"), "SAM_CLI_TELEMETRY": "0", "COLUMNS": "200"}
