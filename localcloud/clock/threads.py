"""Threads and events that take part in the emulated clock."""

import threading
from collections.abc import Callable

from localcloud.clock.clock import current
from localcloud.clock.flight import lock
from localcloud.clock.waiting import Waiter


class Event:
    """threading.Event, by the clock of the cloud: who waits holds nothing up, and who is woken is in flight at once."""

    def __init__(self) -> None:
        self._set = False
        self.waiters: list[Waiter] = []

    def is_set(self) -> bool:
        return self._set

    def set(self) -> None:
        with lock:
            self._set = True
            for waiter in self.waiters:
                current().wake(waiter, by_event=True)

    def clear(self) -> None:
        self._set = False

    def wait(self, timeout: float | None = None) -> bool:
        """Wait so many seconds at most, as functions live through them: see Clock.monotonic."""
        clock = current()
        return clock.wait(self, None if timeout is None else timeout * clock.factor)


class Thread(threading.Thread):
    """threading.Thread whose work is in flight from its start to its end."""

    def start(self) -> None:
        clock, run = current(), self.run
        self._finished = Event()
        begun = clock.begin()

        def carried() -> None:
            with clock.taken_up(begun):
                try:
                    run()
                finally:
                    self._finished.set()

        self.run = carried  # type: ignore[method-assign] # `run` may be a subclass's
        super().start()

    def join(self, timeout: float | None = None) -> None:
        if self._finished.wait(timeout):
            super().join()


def later(seconds: float, action: Callable[[], object], cancelled: Event | None = None) -> Event:
    """Call `action` in a thread after so many emulated seconds, unless `cancelled`, which this returns, is set before.

    The action may begin before this returns.
    """
    cancelled = cancelled or Event()

    def act() -> None:
        if not current().wait(cancelled, seconds):
            action()

    Thread(target=act, name="later", daemon=True).start()
    return cancelled
