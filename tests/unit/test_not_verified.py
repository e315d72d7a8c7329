"""docs/not-verified.md says of each item what would verify it: a command, or what to do in a console."""

import re

import pytest

from tests.reading import ROOT

PAGE = (ROOT / "docs/not-verified.md").read_text()
ROWS = [
    re.split(r"(?<!\\) \| ", row.strip("| ")) for row in re.findall(r"^\| (?!what we|---)(.+) \|$", PAGE, re.MULTILINE)
]
COMMAND = re.compile(r"`(?:aws|sam|tidegate|cdk|terraform|serverless) ")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][:50])
def test_an_item_has_a_command_that_would_verify_it_and_says_what_if_not(row: list[str]) -> None:
    relied_on, verifying, otherwise = row
    assert relied_on
    assert COMMAND.search(verifying), verifying
    assert otherwise


def test_the_items_are_read() -> None:
    assert len(ROWS) > 30
