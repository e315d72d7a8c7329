"""The first few of many are told, and how many more there are."""

import re

import pytest

from tests.reading import ROOT
from tidegate.domain.truncation import and_more, first_names, first_sentences

NAMES = ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize(
    ("count", "told"), [(0, ""), (1, "a"), (3, "a, b, c"), (4, "a, b, c and 1 more"), (5, "a, b, c and 2 more")]
)
def test_of_many_names_three_are_told(count: int, told: str) -> None:
    assert first_names(NAMES[:count]) == told


def test_it_can_be_told_of_fewer_and_of_sentences() -> None:
    assert first_names(NAMES, 2) == "a, b and 3 more"
    assert first_sentences(NAMES, 2) == "a; b; and 3 more"
    assert first_sentences(NAMES[:2], 2) == "a; b"
    assert first_sentences(["A.", "B.", "C."], 2, " ") == "A. B. and 1 more"


def test_nothing_is_said_where_there_are_no_more() -> None:
    assert (and_more([], 2), and_more(NAMES, 5), and_more(NAMES, 4)) == ("", "", "and 1 more")


def test_how_many_more_there_are_is_worked_out_in_one_place() -> None:
    """Other files say "and 2 more" by `and_more`."""
    places = [
        path.name
        for folder in ("functions/tidegate", "cli/tidegate_cli")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"\band \{[^}]+\} more\b", path.read_text())
    ]
    assert places == ["truncation.py"]
