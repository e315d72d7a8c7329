"""How long changes of a function take, and how a test scripts them to end badly or never.

All times are emulated seconds. `settle_seconds` may be set; `reset()` undoes everything.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from localcloud.clock import current

DEFAULT_SETTLE_SECONDS = 1.0
STUCK_AFTER_SECONDS = 360.0  # a function Pending for longer is put into Failed by the next change

settle_seconds = DEFAULT_SETTLE_SECONDS


@dataclass(frozen=True)
class Failure:
    code: str
    reason: str


@dataclass(frozen=True)
class Settling:
    """A change under way: when it began, when it ends (never: infinity), and how."""

    began: float
    until: float
    failure: Failure | None = None

    @property
    def done(self) -> bool:
        return current().time() >= self.until

    @property
    def stuck(self) -> bool:
        return current().time() - self.began > STUCK_AFTER_SECONDS


@dataclass(frozen=True)
class Sleep:
    """A version is idle: the first invocation fails with an error of this `code`, and so do those until it is back.

    That takes `waking_seconds` from the first invocation on (never: infinity).
    """

    code: str
    waking_seconds: float


_failing: dict[str, Failure] = {}
_falling_asleep: dict[tuple[str, str], Sleep] = {}
_versions_never_active: set[str] = set()
_staying_pending: set[str] = set()


def fail_next_update(function: str, reason_code: str, reason: str) -> None:
    """Let the next UpdateFunctionCode or UpdateFunctionConfiguration end in LastUpdateStatus Failed."""
    _failing[function] = Failure(reason_code, reason)


def never_active(function: str) -> None:
    """Let the next published version stay in State Pending."""
    _versions_never_active.add(function)


def stay_pending(function: str) -> None:
    """Let the next creation of this function stay in State Pending."""
    _staying_pending.add(function)


def fall_asleep(
    function: str, version: str, *, code: str = "ResourceConflictException", waking_seconds: float = 60.0
) -> None:
    """Have a version be idle for so long that Lambda takes back what it needs to run; see `Sleep`.

    Lambda developer guide, "Lambda function states": it is Inactive, and the first invocation fails and makes it
    Pending until it is Active again. `code` is one of `errors.WAKING`.
    """
    _falling_asleep[function, version] = Sleep(code, waking_seconds)


@contextmanager
def settling_in(seconds: float) -> Iterator[None]:
    """Let changes take so many emulated seconds for a while."""
    global settle_seconds  # noqa: PLW0603 - one process holds one cloud
    before, settle_seconds = settle_seconds, seconds
    try:
        yield
    finally:
        settle_seconds = before


def reset() -> None:
    global settle_seconds  # noqa: PLW0603 - one process holds one cloud
    settle_seconds = DEFAULT_SETTLE_SECONDS
    _failing.clear()
    _versions_never_active.clear()
    _staying_pending.clear()
    _falling_asleep.clear()


def creation(function: str) -> Settling:
    return _begin(hangs=_taken(_staying_pending, function))


def update(function: str) -> Settling:
    return _begin(failure=_failing.pop(function, None))


def publication(function: str, *, at_once: bool) -> Settling | None:
    """Begin a version: of settled code it is Active at once, from UpdateFunctionCode it is Pending for a while."""
    if _taken(_versions_never_active, function):
        return _begin(hangs=True)
    return None if at_once else _begin()


def sleep_of(function: str, version: str) -> Sleep | None:
    """Give the sleep that a version has fallen into since it was asked last."""
    return _falling_asleep.pop((function, version), None)


def waking(sleep: Sleep) -> Settling:
    now = current().time()
    return Settling(now, now + sleep.waking_seconds)


def _begin(*, hangs: bool = False, failure: Failure | None = None) -> Settling:
    now = current().time()
    return Settling(now, math.inf if hangs else now + settle_seconds, failure)


def _taken(names: set[str], function: str) -> bool:
    taken = function in names
    names.discard(function)
    return taken
