"""The cloud of the command's tests: its clients are processes of their own, so its time runs by a factor."""

from collections.abc import Iterator

import pytest

from localcloud import LocalCloud, lambda_


@pytest.fixture(scope="session")
def unlimited_cloud() -> Iterator[LocalCloud]:
    """Give a cloud without Lambda's limits on API calls. There is one in a process: no workflow test can run beside."""
    with LocalCloud(factor=60) as running, lambda_.throttle.off():
        yield running


@pytest.fixture(scope="session")
def cloud(unlimited_cloud: LocalCloud) -> LocalCloud:
    return unlimited_cloud
