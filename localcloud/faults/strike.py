"""Applying a fault to one call."""

import time
from collections.abc import Callable
from typing import Any

from localcloud.api.refusal import Refusal
from localcloud.clock import current
from localcloud.faults import errors
from localcloud.faults.fault import Effect, Fault, Injected

Kill = Callable[[str], bool]
Deed = Callable[[], Any]
"""Carries the call out and gives the service's answer."""


class ConnectionLostError(Exception):
    """The call was carried out, and its answer shall never arrive."""


def strike(injected: Injected, service: str, access_key: str, carry_out: Deed, kill: Kill) -> Any | Refusal:
    """Return what the caller sees: the service's answer or an error; raise if it is to see nothing."""
    fault = injected.fault
    assert isinstance(fault, Fault)
    return EFFECTS[fault.effect](injected, service, carry_out, lambda: kill(access_key))


def _fail(_injected: Injected, service: str, _carry_out: Deed, _kill: Deed) -> Refusal:
    return errors.failed(service)


def _fail_after(_injected: Injected, service: str, carry_out: Deed, _kill: Deed) -> Refusal:
    carry_out()
    return errors.failed(service)


def _lose(injected: Injected, _service: str, carry_out: Deed, _kill: Deed) -> Any:
    carry_out()
    _wait(injected)
    raise ConnectionLostError


def _gone(_injected: Injected, service: str, _carry_out: Deed, _kill: Deed) -> Refusal:
    return errors.gone(service)


def _throttle(_injected: Injected, service: str, _carry_out: Deed, _kill: Deed) -> Refusal:
    return errors.throttled(service)


def _slow(injected: Injected, _service: str, carry_out: Deed, _kill: Deed) -> Any:
    _wait(injected)
    return carry_out()


def _delay(injected: Injected, _service: str, carry_out: Deed, _kill: Deed) -> Any:
    assert isinstance(injected.fault, Fault)
    current().sleep(injected.fault.seconds)
    return carry_out()


def _hold(injected: Injected, _service: str, carry_out: Deed, _kill: Deed) -> Any:
    injected.released.wait()
    return carry_out()


def _kill_before(_injected: Injected, service: str, _carry_out: Deed, kill: Deed) -> Any:
    kill()
    return errors.failed(service)


def _kill_after(_injected: Injected, _service: str, carry_out: Deed, kill: Deed) -> Any:
    answer = carry_out()
    kill()
    return answer


def _wait(injected: Injected) -> None:
    assert isinstance(injected.fault, Fault)
    time.sleep(injected.fault.seconds)


EFFECTS: dict[Effect, Callable[[Injected, str, Deed, Deed], Any]] = {
    Effect.FAIL: _fail,
    Effect.FAIL_AFTER: _fail_after,
    Effect.LOST_AFTER: _lose,
    Effect.GONE: _gone,
    Effect.THROTTLE: _throttle,
    Effect.SLOW: _slow,
    Effect.DELAY: _delay,
    Effect.HOLD: _hold,
    Effect.KILL_BEFORE: _kill_before,
    Effect.KILL_AFTER: _kill_after,
}
