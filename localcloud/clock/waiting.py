"""What waits for a moment on the clock."""

from collections.abc import Callable
from threading import Event
from typing import Protocol

from localcloud.clock.work import Work


class Waiter:
    """A thread that waits, with its work if that is known. It is woken once: by its deadline or by an event."""

    def __init__(self, work: Work | None) -> None:
        self.work = work
        self.woken = self.by_event = False
        self.signal = Event()


class Limit(Waiter):
    """The limit of a wait for something else than the clock, with poll say: what a process sends or prints.

    `descriptor` becomes readable when a leap passes the limit; it is -1 where time does not leap. `asleep`: the work
    stands still until then.
    """

    def __init__(self, work: Work | None, deadline: float, now: Callable[[], float]) -> None:
        super().__init__(work)
        self.descriptor = -1
        self.asleep = False
        self._deadline, self._now = deadline, now

    @property
    def left(self) -> float:
        """How many real seconds are left: 0.0 when the limit has passed."""
        return max(0.0, self._deadline - self._now())


class Waitable(Protocol):
    """What can be waited for: an Event (threads.py)."""

    waiters: list[Waiter]

    def is_set(self) -> bool: ...
