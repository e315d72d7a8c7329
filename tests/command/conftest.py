"""The cloud that workflow tests have too: in one run there is one."""

import pytest

from localcloud import LocalCloud


@pytest.fixture(scope="session")
def cloud(unlimited_cloud: LocalCloud) -> LocalCloud:
    return unlimited_cloud
