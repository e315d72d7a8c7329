"""A probe without an invocation: Lambda runs the init in one provisioned environment, which is then removed.

The lock says that there is one, from before it is requested: whoever ends the release removes it.
"""

import time
from typing import Any

from tidegate.aws.cloudwatch.error_logs import SECONDS, error_lines
from tidegate.aws.failures import FAILED_CALL, code_of
from tidegate.aws.lambda_ import provisioning
from tidegate.aws.lambda_.functions import FunctionState
from tidegate.aws.lambda_.provisioning import Provisioned
from tidegate.aws.ledger import locks, provisioned
from tidegate.aws.logger import logger
from tidegate.domain.errors import CannotProbe, LockLost, StillProvisioning
from tidegate.domain.foreign_text import undotted
from tidegate.domain.init_log import init_failure_in
from tidegate.domain.probe import ProbeFinding
from tidegate.domain.schedule import MINUTE

INIT_FAILED = "FUNCTION_ERROR_INIT_FAILURE"
"""The reason of a failed init (recorded on AWS, February 2026)."""

LOOKS_BACK = 30 * MINUTE
"""Seconds in which the log may have the init: the state machine retries for less."""

REFUSED = {"InvalidParameterValueException", "ResourceConflictException"}
"""Error codes of a request that the account's or the function's concurrency, or an alias, does not allow."""


def init_without_invocation(release: str, target: str, found: FunctionState, now: int) -> ProbeFinding:
    """Return what the init of `found`, a version, came to.

    Raises
    ------
    StillProvisioning
        While Lambda starts the environment: the state machine retries.
    CannotProbe
        When Lambda does not provide one, for a reason other than the version.
    LockLost
        When the release has ended meanwhile.
    """
    ours = provisioned.noted(target, release) == found.version
    state = provisioning.read(found.function, found.version)
    if state is None:
        _request(release, target, found)
    if state is None or state.status not in {"READY", "FAILED"}:
        raise StillProvisioning(
            f"One execution environment of version {found.version} of {found.function} is being started; this takes "
            "a few minutes, and is checked again."
        )
    finding = _finding(found, state, now)
    if ours:
        provisioning.remove(found.function, found.version)
        provisioned.note(target, release, "")
    return _passed_on(found, state, finding)


def _request(release: str, target: str, found: FunctionState) -> None:
    """Request the environment; if the release ends at this moment, remove it again."""
    locks.require([target], release)
    provisioned.note(target, release, found.version)
    try:
        provisioning.request(found.function, found.version)
        locks.require([target], release)
    except LockLost:
        provisioning.remove(found.function, found.version)
        raise
    except FAILED_CALL as error:
        if code_of(error) not in REFUSED:
            raise
        raise CannotProbe(
            f"Lambda does not provision an environment of version {found.version} of {found.function}: "
            f"{undotted(error)}."
        ) from None


def _finding(found: FunctionState, state: Provisioned, now: int) -> ProbeFinding | None:
    """Return what the status says of the version; None if it says nothing."""
    subject = f"version {found.version} of {found.function}"
    if state.status == "READY":
        return ProbeFinding(None, f"{subject} starts; it was not invoked", None)
    if state.reason != INIT_FAILED:
        return None
    failure, said = init_failure_in(_log(found, now))
    return ProbeFinding(failure.error, f"{subject} does not start: {said}. {failure.advice}".rstrip(), None)


def _passed_on(found: FunctionState, state: Provisioned, finding: ProbeFinding | None) -> ProbeFinding:
    if finding is None:
        raise CannotProbe(
            f"Lambda could not provision an environment of version {found.version} of {found.function}: {state.reason}."
        )
    return finding


def _log(found: FunctionState, now: int) -> list[str]:
    """Read the lines with errors; a log that cannot be read does not hide that the init failed."""
    deadline = time.monotonic() + SECONDS
    try:
        lines: Any = error_lines(
            found.log_group, found.function, found.version, now - LOOKS_BACK, now + LOOKS_BACK, deadline=deadline
        )
    except FAILED_CALL as error:
        logger.warning("the log of version %s of %s could not be read: %s", found.version, found.function, error)
        return []
    return [line.text for line in lines]
