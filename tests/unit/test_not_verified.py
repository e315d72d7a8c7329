"""docs/not-verified.md says of each item what would verify it: a command, or what to do in a console."""

import re

import pytest

from tests.reading import ROOT
from tidegate_cli.verify.checks import load

PAGE = (ROOT / "docs/not-verified.md").read_text()
CELLS = [
    re.split(r"(?<!\\) \| ", row.strip("| "))
    for row in re.findall(r"^\| (?!what we|row|---)(.+) \|$", PAGE, re.MULTILINE)
]
CHECKED = [row for row in CELLS if len(row) == 4]
"""Rows of `tidegate verify`: id, what is relied on, how it is checked, what if not."""

ROWS = [row for row in CELLS if len(row) == 3]
COMMAND = re.compile(r"`(?:aws|sam|tidegate|cdk|terraform|serverless) ")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][:50])
def test_an_item_has_a_command_that_would_verify_it_and_says_what_if_not(row: list[str]) -> None:
    relied_on, verifying, otherwise = row
    assert relied_on
    assert COMMAND.search(verifying), verifying
    assert otherwise


def test_the_items_are_read() -> None:
    assert len(ROWS) > 30
    assert len(CHECKED) > 35
    assert len(CELLS) == len(ROWS) + len(CHECKED)


def test_every_check_of_the_command_is_a_row() -> None:
    assert [row[0].strip("`") for row in CHECKED] == list(load())
    assert {row[1] for row in CHECKED} & {row[0] for row in ROWS} == set()


WANTED = (
    "China, GovCloud",
    "image index",
    "Environment.Error",
    "An idle version",
    "DeleteFunction",
    "runtime under published versions",
    "boto3 of the runtime",
    "TC answers",
    "GetAlias answers a weight",
)


@pytest.mark.parametrize("words", WANTED)
def test_what_only_aws_can_show_is_among_the_items(words: str) -> None:
    assert [row for row in CELLS if words in f"{row[0]} {row[1]}"], words


FACTS = [
    row.strip("| ").split(" | ")
    for row in re.findall(r"^\| (?!behaviour \||---)(.+) \|$", (ROOT / "docs/facts.md").read_text(), re.MULTILINE)
]
SOURCE = re.compile(
    r"\]\(https://docs\.aws\.amazon\.com/\S+\)|`\w+/[\w/]+\.snapshot\.json`|^botocore, |^aws-sam-translator "
    r"|^aws/aws-lambda-[\w-]+ at [0-9a-f]{7},"
)
"""A page of AWS, a recording, a service's model, the translator or a runtime's code that AWS itself runs."""


@pytest.mark.parametrize("row", FACTS, ids=lambda row: row[0][:50])
def test_a_fact_has_a_source_and_says_where_it_matters(row: list[str]) -> None:
    what, source, where = row
    assert what
    assert SOURCE.search(source), source
    assert where


@pytest.mark.parametrize("row", [row for row in FACTS if ".snapshot.json" in row[1]], ids=lambda row: row[0][:50])
def test_a_recording_is_named_by_its_test_and_its_day(row: list[str]) -> None:
    assert re.search(r"`[\w:]*test_\w+", row[1])
    assert re.search(r"\(\d\d-\d\d-20\d\d\)", row[1])


def test_the_facts_are_read_and_none_is_still_to_be_verified() -> None:
    assert len(FACTS) > 25
    assert {row[0] for row in FACTS} & {row[0] for row in ROWS} == set()
