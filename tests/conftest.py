"""Fixtures that every kind of test may use."""

from collections.abc import Iterator

import pytest

from localcloud import LocalCloud


@pytest.fixture(scope="session")
def cloud() -> Iterator[LocalCloud]:
    """One cloud for the whole session: names of functions and tables must not repeat between tests."""
    with LocalCloud(factor=60) as running:
        yield running
