"""Patterns fit the same names as IAM's wildcards do, and matching never takes long."""

from collections.abc import Callable
from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.iam.matching import arn_like, like
from tests.builders import NOON
from tidegate.domain.control.freeze import Freeze
from tidegate.domain.request.limits import matches


def product(value: str, pattern: str) -> bool:
    return matches(value, [pattern])


MATCHERS = pytest.mark.parametrize("fits", [product, like], ids=["product", "local cloud"])
names = st.text("ab.-\n[", max_size=8)
patterns = st.text("ab.-\n*?", max_size=8)


@MATCHERS
@given(name=names, pattern=patterns)
def test_a_pattern_fits_what_fnmatch_says(fits: Callable[[str, str], bool], name: str, pattern: str) -> None:
    assert fits(name, pattern) is fnmatchcase(name, pattern)


@MATCHERS
@pytest.mark.parametrize("pattern", ["*" * 63 + "x", "*a" * 31 + "*x", "*?" * 31 + "*x", "*a?" * 20 + "x"])
def test_a_pattern_of_many_stars_is_answered_at_once(fits: Callable[[str, str], bool], pattern: str) -> None:
    """With backtracking, each of these would try more ways than could ever be tried."""
    assert not fits("a" * 64, pattern)
    assert fits("a" * 63 + "x", pattern)


def test_a_freeze_of_many_stars_covers_no_other_function() -> None:
    freeze = Freeze("*" * 63 + "x", "mischief", NOON + 60, by="ana", since=NOON)
    assert not freeze.covers("a" * 64, NOON)
    assert freeze.covers("checkoutx", NOON)


def test_a_long_text_is_answered_at_once() -> None:
    long = "arn:aws:s3:::" + "a" * 100_000
    assert not matches(long, ["*a" * 31 + "*x"])
    assert not arn_like(long, "arn:aws:s3:::" + "*a" * 31 + "*x")
