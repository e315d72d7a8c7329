"""The cloud that the whole suite shares, and what a run of all workflow tests is held to."""

from collections.abc import Iterator
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import pytest

from tests.workflow import permissions
from tests.workflow.ending import releases_end

if TYPE_CHECKING:  # pytest-xdist's controller reads this file, and needs no cloud
    from localcloud import LocalCloud


@pytest.fixture(scope="session")
def cloud(unlimited_cloud: "LocalCloud") -> "LocalCloud":
    return unlimited_cloud


def _what_was_begun_ends(request: pytest.FixtureRequest) -> Iterator[None]:
    """End the releases that a test or a file began, and remove the faults: one would strike another's calls."""
    uses_cloud = "unlimited_cloud" in request.fixturenames
    with (
        releases_end(request.session),
        request.getfixturevalue("unlimited_cloud").faults.scope() if uses_cloud else nullcontext(),
    ):
        yield


all_ends_with_its_file = pytest.fixture(_what_was_begun_ends, scope="module", autouse=True)
all_ends_with_its_test = pytest.fixture(_what_was_begun_ends, autouse=True)


LONGEST = ("test_trial.py", "test_fault_sample.py", "test_event_sample.py", "test_faults.py", "test_decisions.py")
"""Files that mostly wait; begun last, they would be waited for alone."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest (pytest-xdist must be told to leave the order alone)."""
    items.sort(key=lambda item: item.path.name not in LONGEST)


def pytest_deselected(items: list[pytest.Item]) -> None:
    """Remember that this is not the whole suite, which alone needs every permission."""
    for item in items[:1]:
        item.config.stash[permissions.SELECTED] = True


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a process of pytest-xdist noted."""
    permissions.noted_by_worker(node.config, getattr(node, "workeroutput", {}))


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if exitstatus == pytest.ExitCode.OK and permissions.unneeded(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """List what template.yaml permits and no test needed, which fails the run."""
    for one in permissions.unneeded(config):
        terminalreporter.write_line(
            f"UNNEEDED {one.role} {one.sid}: {one.action} on resource {one.place + 1}", red=True
        )
