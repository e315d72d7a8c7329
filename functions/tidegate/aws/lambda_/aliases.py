"""Reading and moving aliases: one guarded call per move, and never over somebody else's change."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock as ThreadLock
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from tidegate.aws.clients import CONNECTIONS, lambda_client
from tidegate.aws.failures import code_of, is_busy
from tidegate.domain.alias import AliasState
from tidegate.domain.errors import AliasMoved

REQUESTS_PER_SECOND = 13
"""Two fewer than Lambda's quota over all control-plane calls of an account and Region but GetFunction (Lambda quotas):
others deploy at the same time, and calls do not arrive evenly."""

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class Alias:
    """An alias as Lambda has it now."""

    function: str
    name: str
    state: AliasState
    revision_id: str

    @property
    def target(self) -> str:
        return f"{self.function}:{self.name}"


class Pacer:
    """Spaces calls of several threads evenly, within Lambda's quota; for Retry-After see `clients.requested_pause`."""

    def __init__(self, per_second: float = REQUESTS_PER_SECOND) -> None:
        self._pause = 1 / per_second
        self._lock = ThreadLock()
        self._next = 0.0

    def wait(self) -> None:
        with self._lock:
            now = time.monotonic()
            turn = max(now, self._next)
            self._next = turn + self._pause
        time.sleep(max(0.0, turn - now))


def at_once(action: Callable[[T], R], items: Sequence[T], *, calls: int = 1) -> list[R]:
    """Apply `action`, which makes `calls` calls each, to all items concurrently, within the quota.

    Every item is tried; the first error is raised at the end.
    """
    if not items:
        return []
    pacer = Pacer(REQUESTS_PER_SECOND / calls)

    def paced(item: T) -> R:
        pacer.wait()
        return action(item)

    with ThreadPoolExecutor(max_workers=min(len(items), CONNECTIONS)) as pool:
        # Not pool.map: after an error it gives up the items that are still waiting.
        tried = [pool.submit(paced, item) for item in items]
    return [each.result() for each in tried]


def read(function: str, name: str) -> Alias | None:
    """Return the alias, or None when the function has none of that name."""
    try:
        answer = lambda_client().get_alias(FunctionName=function, Name=name)
    except ClientError as error:
        if code_of(error) == "ResourceNotFoundException":
            return None
        raise
    return _alias(function, answer)


def move(alias: Alias, wanted: AliasState, *, fence: Callable[[], None]) -> Alias:
    """Write `wanted` to the alias, even if it has that state (the RevisionId still changes).

    The alias must have been read *before* the lock: if the lock is raised after that read, the step
    fails on the RevisionId. When the alias changed since, the lock is checked again (`fence`), and the
    write is repeated once if version and weights are unchanged.

    Raises
    ------
    AliasMoved
        When someone else moved the alias meanwhile.
    LockLost
        When `fence` finds that this release may no longer move it.
    """
    try:
        return _write(alias, wanted)
    except ClientError as error:
        if code_of(error) != "PreconditionFailedException" and not is_busy(error):
            raise
        uncertain: Exception = error
    except BotoCoreError as error:
        uncertain = error
    return _decide_again(alias, wanted, fence, uncertain)


def _decide_again(alias: Alias, wanted: AliasState, fence: Callable[[], None], why: Exception) -> Alias:
    """Read again after a write that failed or whose response was lost, then decide."""
    found = read(alias.function, alias.name)
    if found and found.state == wanted and found.revision_id != alias.revision_id:
        return found
    fence()
    if found is None or found.state != alias.state:
        raise moved(alias.target, alias.state, found)
    if isinstance(why, ClientError) and code_of(why) != "PreconditionFailedException":
        raise why
    return _write(found, wanted)


def require(function: str, name: str, expected: AliasState) -> None:
    """Check that nobody else moved an alias.

    Raises
    ------
    AliasMoved
        With the expected and the found state.
    """
    found = read(function, name)
    if found is None or found.state != expected:
        raise moved(f"{function}:{name}", expected, found)


def moved(target: str, expected: AliasState | str, found: Alias | None) -> AliasMoved:
    """Report that someone else changed an alias: expected state and found state."""
    state = str(found.state) if found else "no alias"
    return AliasMoved(
        f"Someone else changed {target} during the release: expected {expected}, found {state}. Their change is kept."
    )


def create(function: str, name: str, version: str) -> Alias:
    """Create an alias on one version; an existing alias on that version is accepted.

    Raises
    ------
    AliasMoved
        When an alias with that name was created in the meantime on another version.
    """
    try:
        answer = lambda_client().create_alias(FunctionName=function, Name=name, FunctionVersion=version)
    except ClientError as error:
        if code_of(error) != "ResourceConflictException":
            raise
        found = read(function, name)
        if found is None or found.state != AliasState(version):
            raise moved(f"{function}:{name}", "no alias", found) from None
        return found
    return _alias(function, answer)


def using(function: str, version: str) -> list[str]:
    """Return the names of the aliases that invoke a version."""
    pages = lambda_client().get_paginator("list_aliases").paginate(FunctionName=function, FunctionVersion=version)
    return [alias["Name"] for page in pages for alias in page["Aliases"]]


def _write(alias: Alias, wanted: AliasState) -> Alias:
    answer = lambda_client().update_alias(
        FunctionName=alias.function,
        Name=alias.name,
        FunctionVersion=wanted.version,
        RoutingConfig={"AdditionalVersionWeights": dict(wanted.weights)},
        RevisionId=alias.revision_id,
    )
    return _alias(alias.function, answer)


def _alias(function: str, answer: Any) -> Alias:
    weights = answer.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
    # Rounded as we write them, and a weight of nothing is none: states are compared.
    shares = {version: round(float(share), 6) for version, share in weights.items() if share}
    state = AliasState(answer["FunctionVersion"], shares)
    return Alias(function, answer["Name"], state, answer["RevisionId"])
