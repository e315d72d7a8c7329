"""Counts that commands of the repository are told."""

from argparse import ArgumentTypeError

import pytest

from tests.arguments import at_least_one


def test_a_count_is_read() -> None:
    assert at_least_one("12") == 12


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "many", "", "1e3"])
def test_what_is_no_count_is_named(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match=f"'{text}' is not a whole number of 1 or more"):
        at_least_one(text)
