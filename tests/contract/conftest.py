"""Fixtures of the contract tests."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:  # pytest-xdist's controller reads this file, and needs no cloud
    from localcloud import LocalCloud


@pytest.fixture
def client(cloud: "LocalCloud") -> Iterator[Any]:
    """Give a client of Lambda, which has no limits on API calls meanwhile; functions live as usual again afterwards."""
    from localcloud import lambda_
    from localcloud.lambda_ import lifecycle

    with lambda_.throttle.off():
        yield cloud.client("lambda")
    lifecycle.reset()
