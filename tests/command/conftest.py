"""The cloud of the command's tests: its clients are processes of their own, so its time runs by a factor."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.workflow.ending import releases_end

if TYPE_CHECKING:  # pytest-xdist's controller reads this file, and needs no cloud
    from localcloud import LocalCloud


@pytest.fixture(scope="session")
def unlimited_cloud() -> Iterator["LocalCloud"]:
    """Give a cloud without Lambda's limits on API calls. There is one in a process: no workflow test can run beside."""
    from localcloud import LocalCloud, lambda_

    with LocalCloud(factor=60) as running, lambda_.throttle.off():
        yield running


@pytest.fixture(scope="session")
def cloud(unlimited_cloud: "LocalCloud") -> "LocalCloud":
    return unlimited_cloud


def _what_was_begun_ends(request: pytest.FixtureRequest) -> Iterator[None]:
    with releases_end(request.session):
        yield


all_ends_with_its_file = pytest.fixture(_what_was_begun_ends, scope="module", autouse=True)
all_ends_with_its_test = pytest.fixture(_what_was_begun_ends, autouse=True)
