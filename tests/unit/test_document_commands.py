"""Every command on the pages exists and takes what it is given."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from tests.pages.document_commands import NotACommandError, check
from tests.pages.documents import PAGES, REQUEST, Block, blocks, phrases
from tests.pages.shell import commands
from tests.reading import ROOT, texts

PROGRAM = re.compile(r"(?:\.venv/bin/)?(?:aws|make|sam|tidegate) .")
SYNOPSIS = re.compile(r"[\[\]]|\|\S+")


def scripts(document: Any) -> Iterator[str]:
    """Give what the steps of a workflow run: GitHub's, GitLab's and CodeBuild's."""
    if isinstance(document, dict):
        for name, value in document.items():
            if name in {"run", "script", "commands"}:
                yield from texts(value)
            yield from scripts(value)
    elif isinstance(document, list):
        for each in document:
            yield from scripts(each)


def without_expressions(script: str) -> str:
    return re.sub(r"\$\{\{.*?\}\}", "VALUE", script)


@pytest.mark.parametrize("block", blocks("sh"), ids=str)
def test_a_script_runs_what_there_is(block: Block) -> None:
    found = commands(block.content)
    assert found
    for command in found:
        check(command)


def test_a_request_that_is_started_by_a_script_fits_the_schema() -> None:
    started = [command for block in blocks("sh") for command in commands(block.content) if "start-execution" in command]
    assert started
    for command in started:
        REQUEST.validate(json.loads(command[command.index("--input") + 1]))


@pytest.mark.parametrize("block", blocks("usage"), ids=str)
def test_a_usage_names_commands_and_options_that_are_there(block: Block) -> None:
    for line in block.content.splitlines():
        command = re.split(r"\s{2,}(?=[a-z])", line)[0]
        check(SYNOPSIS.sub("", command).split(), whole=False)


@pytest.mark.parametrize("block", blocks("yaml"), ids=str)
def test_a_workflow_runs_what_there_is(block: Block) -> None:
    for script in scripts(yaml_parse(block.content)):
        for command in commands(without_expressions(script)):
            check(command)


def test_a_sentence_names_commands_that_are_there() -> None:
    wrong = []
    for page in PAGES:
        for line, phrase in phrases(page):
            if PROGRAM.match(phrase):
                wrong += [f"{page.relative_to(ROOT)}:{line} {each}" for each in mistakes(phrase)]
    assert wrong == []


def mistakes(phrase: str) -> Iterator[str]:
    for command in commands(phrase):
        try:
            check(command, whole=False)
        except NotACommandError as error:
            yield str(error)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("tidegate relase checkout", "there is no tidegate relase"),
        ("tidegate release checkout --colour", "No such option"),
        ("tidegate release checkout --on-inconclusive dance", "none of"),
        ("tidegate rollback", "needs"),
        ("aws lambda update-alais --name live", "there is no aws lambda update-alais"),
        ("aws lambda update-alias --nam live", "has no --nam"),
        ("aws lambda update-alias --name live", "needs --function-name"),
        ("aws lambda wait function-ready --function-name f", "there is no aws lambda wait function-ready"),
        ("aws lamda list-functions", "there is no aws lamda"),
        ('echo "$(aws lambda list-function)"', "there is no aws lambda list-function"),
        ("make everything", "there is no make everything"),
        (".venv/bin/python -m tests.nothing", "there is no module tests.nothing"),
        ("rm -rf here", "nothing checks the program rm"),
    ],
)
def test_a_mistake_is_found(script: str, said: str) -> None:
    *_, command = commands(script)
    with pytest.raises(NotACommandError, match=said):
        check(command)


def test_a_script_is_split_as_a_shell_does() -> None:
    script = """
        export A=1 B=2   # what's said here is nothing
        X="$(aws lambda get-alias --name "a b" | jq .x)" && make demo >out.txt 2>&1
        for f in 1 2; do
          tidegate release "$f" \\
            --again
        done
    """
    assert commands(script) == [
        ["make", "demo"],
        ["tidegate", "release", "$f", "--again"],
        ["aws", "lambda", "get-alias", "--name", "a b"],
        ["jq", ".x"],
    ]


def test_no_stack_in_the_pages_takes_the_functions_it_is_to_release_for_its_own() -> None:
    deployed = re.compile(r"--stack-name (?P<stack>[\w-]+).*FunctionPattern=(?P<pattern>[\w*-]+)")
    pages = [page.read_text() for page in (ROOT / "docs").rglob("*.md")]
    found = [each for page in pages for each in deployed.finditer(page)]
    assert found
    assert [each[0] for each in found if each["pattern"].startswith(f"{each['stack']}-")] == []
