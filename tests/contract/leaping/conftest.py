"""Contract tests on the cloud of workflow tests, whose time leaps: `make test` runs them with those."""

import pytest

from localcloud import LocalCloud


@pytest.fixture(scope="session")
def cloud(unlimited_cloud: LocalCloud) -> LocalCloud:
    return unlimited_cloud
