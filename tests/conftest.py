"""Fixtures that every kind of test may use."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from localcloud import LocalCloud


@pytest.fixture(scope="session")
def cloud() -> Iterator["LocalCloud"]:
    """One cloud for the whole session: names of functions and tables must not repeat between tests."""
    from localcloud import LocalCloud  # takes a second, which unit tests need not wait for

    with LocalCloud(factor=60) as running:
        yield running
