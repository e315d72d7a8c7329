"""Fixtures of the contract tests."""

from collections.abc import Iterator
from typing import Any

import pytest

from localcloud import LocalCloud, lambda_
from localcloud.lambda_ import lifecycle


@pytest.fixture
def client(cloud: LocalCloud) -> Iterator[Any]:
    """Give a client of Lambda, which has no limits on API calls meanwhile; functions live as usual again afterwards."""
    with lambda_.throttle.off():
        yield cloud.client("lambda")
    lifecycle.reset()
