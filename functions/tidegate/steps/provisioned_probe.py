"""Provisioned environments of a version before it receives traffic: one as a probe, or as many as stable has.

The init runs in them without an invocation. The lock says that there are some, from before they are requested: whoever
ends the release removes them, or those of stable after a promotion.
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
from tidegate.domain.errors import CannotProbe, LockLost, NotProvisioned, StillProvisioning, TidegateError
from tidegate.domain.foreign_text import undotted
from tidegate.domain.init_log import init_failure_in
from tidegate.domain.probe import ProbeFinding
from tidegate.domain.schedule import MINUTE
from tidegate.steps.preparation import Preparation

INIT_FAILED = "FUNCTION_ERROR_INIT_FAILURE"
"""The reason of a failed init (recorded on AWS, February 2026)."""

LOOKS_BACK = 30 * MINUTE
"""Seconds in which the log may have the init: the state machine retries for less."""

REFUSED = {"InvalidParameterValueException", "ResourceConflictException"}
"""Error codes of a request that the account's or the function's concurrency, or an alias, does not allow."""


def init_without_invocation(release: str, target: Preparation, found: FunctionState, now: int) -> ProbeFinding:
    """Return what the init of `found`, a version, came to; its environments stay if stable has some, too.

    Raises
    ------
    StillProvisioning
        While Lambda starts the environments: the state machine retries.
    CannotProbe, NotProvisioned
        When Lambda does not provide them, for a reason other than the version; the latter if stable has some.
    LockLost
        When the release has ended meanwhile.
    """
    state, ours = _started(release, target, found)
    finding = _finding(found, state, now)
    if ours and not target.provisioned:
        provisioning.remove(found.function, found.version)
        provisioned.note(target.name, release, "")
    if finding is None:
        raise _failure(target)(
            f"Lambda could not provision an environment of version {found.version} of {found.function}: {state.reason}."
        )
    return finding


def environments_of_stable(release: str, target: Preparation, found: FunctionState, now: int) -> ProbeFinding:
    """Give `found`, a version that was probed, as many environments as stable has; raises as above.

    The way back to an earlier version waits for none, and is not refused for lack of any.
    """
    if target.goes_back:
        return ProbeFinding(None, _without_waiting(release, target, found), None)
    finding = init_without_invocation(release, target, found, now)
    if finding.error:
        return finding
    subject = f"version {found.version} of {found.function}"
    if not has_requested(release, target):
        return ProbeFinding(None, f"{subject} keeps the provisioned environments that it had before", None)
    sentence = (
        f"{subject} has {target.provisioned} provisioned environments; version {target.stable} keeps its own for now"
    )
    return ProbeFinding(None, sentence, None)


def _without_waiting(release: str, target: Preparation, found: FunctionState) -> str:
    version, count = f"version {found.version} of {found.function}", target.provisioned
    try:
        if provisioning.read(found.function, found.version) is None:
            _request(release, target, found)
    except NotProvisioned as error:
        provisioned.note(target.name, release, "")
        return f"{undotted(error)}; those of version {target.stable} stay"
    return f"{count} provisioned environments of {version} are being started; going back does not wait for them"


def has_requested(release: str, target: Preparation) -> bool:
    """Return whether this release has requested environments of its version."""
    return target.version in provisioned.noted([target.name], release)


def _started(release: str, target: Preparation, found: FunctionState) -> tuple[Provisioned, bool]:
    """Return the status of the environments once it is known, and whether this release requested them."""
    ours = has_requested(release, target)
    state = provisioning.read(found.function, found.version)
    if state is None:
        _request(release, target, found)
    elif not ours and target.beside and found.version in provisioned.noted(target.beside, release):
        # Requested for another alias, whose roll back may come first and leave them to this one.
        provisioned.note(target.name, release, found.version)
        ours = True
    if state is None or state.status not in {"READY", "FAILED"}:
        count = target.provisioned or 1
        raise StillProvisioning(
            f"Lambda is starting {count} provisioned {'environment' if count == 1 else 'environments'} of version "
            f"{found.version} of {found.function}; this takes a few minutes, and is checked again."
        )
    return state, ours


def _request(release: str, target: Preparation, found: FunctionState) -> None:
    """Request the environments; if the release ends at this moment, remove them again."""
    locks.require([target.name], release)
    provisioned.note(target.name, release, found.version)
    try:
        provisioning.request(found.function, found.version, target.provisioned or 1)
        locks.require([target.name], release)
    except LockLost:
        provisioning.remove(found.function, found.version)
        raise
    except FAILED_CALL as error:
        if code_of(error) not in REFUSED:
            raise
        raise _failure(target)(
            f"Lambda does not provision an environment of version {found.version} of {found.function}: "
            f"{undotted(error)}."
        ) from None


def _failure(target: Preparation) -> type[TidegateError]:
    return NotProvisioned if target.provisioned else CannotProbe


def _finding(found: FunctionState, state: Provisioned, now: int) -> ProbeFinding | None:
    """Return what the status says of the version; None if it says nothing."""
    subject = f"version {found.version} of {found.function}"
    if state.status == "READY":
        return ProbeFinding(None, f"{subject} starts; it was not invoked", None)
    if state.reason != INIT_FAILED:
        return None
    failure, said = init_failure_in(_log(found, now))
    return ProbeFinding(failure.error, f"{subject} does not start: {said}. {failure.advice}".rstrip(), None)


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
