"""Fixtures that every kind of test may use."""

import gc
import signal
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from localcloud import LocalCloud
    from tests.workflow.world import World


def pytest_configure() -> None:
    _heed_signals()


def pytest_collection_finish() -> None:
    """Look for garbage hardly ever, and for none in what was imported: all of that stays."""
    gc.freeze()
    gc.set_threshold(400_000, 20, 50)


def _heed_signals() -> None:
    """Heed what a shell lets its background jobs ignore, and nohup: tests and what they start are told to end by it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def pytest_sessionfinish() -> None:
    """Spare pytest, which looks five times for garbage when it ends, what the cloud was."""
    gc.freeze()


@pytest.fixture(scope="session")
def cloud() -> Iterator["LocalCloud"]:
    """One cloud for the whole session: names of functions and tables must not repeat between tests."""
    from localcloud import LocalCloud  # takes a second, which unit tests need not wait for

    with LocalCloud(factor=60) as running:
        yield running


@pytest.fixture(scope="session")
def unlimited_cloud() -> Iterator["LocalCloud"]:
    """Give a cloud whose time leaps, without Lambda's limits on API calls: they count for all releases together."""
    from localcloud import LocalCloud, lambda_

    with LocalCloud(factor=None) as running, lambda_.throttle.off():
        yield running


@pytest.fixture(scope="session")
def world(unlimited_cloud: "LocalCloud", request: pytest.FixtureRequest) -> Iterator["World"]:
    from tests.workflow.deployed import deployed

    with deployed(unlimited_cloud, request.session) as deployed_world:
        yield deployed_world
