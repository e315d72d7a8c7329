"""Fixtures that every kind of test may use."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from localcloud import LocalCloud
    from tests.workflow.world import World


@pytest.fixture(scope="session")
def cloud() -> Iterator["LocalCloud"]:
    """One cloud for the whole session: names of functions and tables must not repeat between tests."""
    from localcloud import LocalCloud  # takes a second, which unit tests need not wait for

    with LocalCloud(factor=60) as running:
        yield running


@pytest.fixture(scope="session")
def unlimited_cloud() -> Iterator["LocalCloud"]:
    """Give a cloud without Lambda's limits on API calls: they count in real time, for all releases together."""
    from localcloud import LocalCloud, lambda_

    with LocalCloud(factor=60) as running, lambda_.throttle.off():
        yield running


@pytest.fixture(scope="session")
def world(unlimited_cloud: "LocalCloud", request: pytest.FixtureRequest) -> Iterator["World"]:
    from tests.workflow.deployed import deployed

    with deployed(unlimited_cloud, request.session) as deployed_world:
        yield deployed_world
