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


_failing: dict[str, Failure] = {}
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


def creation(function: str) -> Settling:
    return _begin(hangs=_taken(_staying_pending, function))


def update(function: str) -> Settling:
    return _begin(failure=_failing.pop(function, None))


def publication(function: str, *, at_once: bool) -> Settling | None:
    """Begin a version: of settled code it is Active at once, from UpdateFunctionCode it is Pending for a while."""
    if _taken(_versions_never_active, function):
        return _begin(hangs=True)
    return None if at_once else _begin()


def _begin(*, hangs: bool = False, failure: Failure | None = None) -> Settling:
    now = current().time()
    return Settling(now, math.inf if hangs else now + settle_seconds, failure)


def _taken(names: set[str], function: str) -> bool:
    taken = function in names
    names.discard(function)
    return taken
