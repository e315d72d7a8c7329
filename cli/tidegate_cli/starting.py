"""Starting a release once: the same run, or the same code, finds the existing release."""

import json
import time
from collections.abc import Sequence
from typing import Any

from botocore.exceptions import ClientError

from tidegate.aws.clients import stepfunctions_client
from tidegate.aws.failures import FAILED_CALL, code_of, is_busy
from tidegate.aws.ledger import locks
from tidegate.aws.ledger.lock import Lock
from tidegate_cli.builds import Candidate
from tidegate_cli.command import Shared
from tidegate_cli.ending import Ending, TargetResult
from tidegate_cli.error_sentences import told
from tidegate_cli.naming import Build, is_of
from tidegate_cli.outcome import Outcome, Stop
from tidegate_cli.release_state import describe
from tidegate_cli.wrapping import tell

LOOKS_AGAIN = 5.0
"""Seconds between two polls of a lock."""

TELLS_AGAIN = 290.0
"""Seconds after which the reason for waiting is repeated; some CI systems end a job that is silent for 600."""


def start(shared: Shared, name: str, request: Any) -> None:
    """Start the execution. An existing release with this name, running or ended, is not an error.

    Raises
    ------
    Stop
        When it is unknown whether the release has started.
    """
    try:
        stepfunctions_client().start_execution(
            stateMachineArn=shared.stack.state_machine, name=name, input=json.dumps(request)
        )
    except FAILED_CALL as error:
        if isinstance(error, ClientError) and code_of(error) == "ExecutionAlreadyExists":
            return
        if not is_busy(error):
            raise
        resume = shared.line("watch", name)
        raise Stop(
            Outcome.UNKNOWN, f"{told(error)}. Whether release {name} has started is unknown; check with: {resume}"
        ) from error


def exists(shared: Shared, name: str) -> bool:
    return describe(shared.stack.execution(name)) is not None


def running(candidates: Sequence[Candidate]) -> Lock | None:
    """Return the oldest lock on one of these aliases."""
    held = locks.read([candidate.name for candidate in candidates])
    return min(held, key=lambda lock: lock.since, default=None)


def running_already(shared: Shared, candidates: Sequence[Candidate], *, patience: float | None) -> str | None:
    """Return a running release of the same code; wait up to `patience` seconds for a release of different code.

    None means that the other release will be superseded.

    Raises
    ------
    Stop
        When another release still has locked an alias.
    """
    builds = [candidate.build for candidate in candidates]
    tells = time.monotonic()
    gives_up = tells + (patience or 0)
    while lock := running(candidates):
        if is_of(lock.release, builds):
            return lock.release
        if patience is None:
            return None
        if time.monotonic() >= gives_up:
            raise Stop(
                Outcome.REFUSED,
                f"{lock.target} has been locked by release {lock.release}. See: {shared.line('watch', lock.release)}; "
                "to wait for it: --wait-for-lock 30m; to replace it: --on-conflict supersede",
            )
        if time.monotonic() >= tells and not shared.quiet:
            tells = time.monotonic() + TELLS_AGAIN
            waiting = f"Waiting for release {lock.release}, which has locked {lock.target}"
            tell(f"{waiting}. See: {shared.line('watch', lock.release)}", err=True)
        time.sleep(LOOKS_AGAIN)
    return None


def holder_of_same(candidates: Sequence[Candidate], builds: Sequence[Build]) -> str | None:
    """Return the release that has locked these aliases, if it releases the same: it took the lock just before ours."""
    lock = running(candidates)
    return lock.release if lock and is_of(lock.release, builds) else None


def already_live(candidates: Sequence[Candidate]) -> Ending | None:
    """Report that there is nothing to release."""
    if not candidates or not all(candidate.live for candidate in candidates):
        return None
    targets = []
    for candidate in candidates:
        assert candidate.stable
        version = candidate.stable.version
        targets.append(TargetResult(candidate.code.function, candidate.request["alias"], version, version))
    named = "; ".join(f"{each.function}:{each.alias}: version {each.version} is already live" for each in targets)
    return Ending(Outcome.ALREADY_LIVE, f"{named}. Nothing was started.", tuple(targets))
