"""Lambda's own limits on API calls, per account and region (Lambda developer guide, "Lambda quotas").

One bucket for all control plane calls but GetFunction, which has its own; Invoke has none.
`off()` lifts the limits for a while; `configure()` sets them.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from localcloud.clock import current
from localcloud.lambda_ import errors

CONTROL_PLANE_PER_SECOND = 15.0
GET_FUNCTION_PER_SECOND = 100.0
BURST = 5.0  # how many calls may come at once; AWS does not say

_NOT_LIMITED = {"Invoke", "InvokeAsync", "InvokeWithResponseStream"}


class TokenBucket:
    """`rate` calls a second, and `burst` at once."""

    def __init__(self, rate: float, burst: float) -> None:
        self.rate, self.burst = rate, burst
        self._tokens, self._at = burst, current().monotonic()
        self._lock = threading.Lock()

    def take(self) -> bool:
        with self._lock:
            now = current().monotonic()
            self._tokens = min(self.burst, self._tokens + max(0.0, now - self._at) * self.rate)
            self._at = now
            if self._tokens < 1.0:
                return False
            self._tokens -= 1.0
            return True


_lifted = 0  # how many want no limits at the moment
_lifted_lock = threading.Lock()
_control_plane = TokenBucket(CONTROL_PLANE_PER_SECOND, BURST)
_get_function = TokenBucket(GET_FUNCTION_PER_SECOND, BURST)


def configure(
    *,
    control_plane: float = CONTROL_PLANE_PER_SECOND,
    get_function: float = GET_FUNCTION_PER_SECOND,
    burst: float = BURST,
) -> None:
    """Set the limits, in calls a second, and start with full buckets."""
    global _control_plane, _get_function  # noqa: PLW0603 - one process holds one cloud
    _control_plane = TokenBucket(control_plane, burst)
    _get_function = TokenBucket(get_function, burst)


@contextmanager
def off() -> Iterator[None]:
    """Lift the limits, for what is about something else; from several threads too."""
    _lift(1)
    try:
        yield
    finally:
        _lift(-1)


def _lift(by: int) -> None:
    global _lifted  # noqa: PLW0603 - one process holds one cloud
    with _lifted_lock:
        _lifted += by


def check(operation: str) -> None:
    """Count a call. Raises TooManyRequestsException when it is one too many."""
    if _lifted or operation in _NOT_LIMITED:
        return
    bucket = _get_function if operation == "GetFunction" else _control_plane
    if not bucket.take():
        raise errors.too_many_requests("Rate exceeded", "CallerRateLimitExceeded")
