"""The emulated clock, the only place that knows how time passes in a cloud.

It has two modes. With a factor it runs so many times faster than real time, for clients outside of this process.
Leaping, it runs as real time does while anything is in flight, and moves on to the next deadline when nothing is: a
slow machine is merely slow then. Whoever takes part registers: work in flight by `working`, `carried` and `Thread`, and
waits by `wait`, `sleep`, `later`, `limit` and `Event`.
"""

import heapq
import math
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import wraps
from itertools import count
from typing import Any
from weakref import WeakValueDictionary

from localcloud.clock.flight import Flight, lock, take_up, work
from localcloud.clock.waiting import Limit, Waitable, Waiter
from localcloud.clock.work import Work


class Clock:
    """Emulated time. Seconds are emulated ones unless a name or docstring says otherwise.

    `factor` is how many times faster than real time it runs; a leaping clock has the factor 1, and leaps.
    """

    def __init__(self, factor: float = 60.0, *, leaping: bool = False, began: float | None = None) -> None:
        self.factor = 1.0 if leaping else factor
        self.leaping = leaping
        self._began = time.time() if began is None else began
        self._origin = time.monotonic()
        self._leapt = 0.0
        self._flight = Flight()
        self._numbers = count()
        self._waiting: list[tuple[float, int, Waiter]] = []
        self._named: WeakValueDictionary[str, Work] = WeakValueDictionary()
        self._leap_observers: list[Callable[[], None]] = []

    # What time it is.

    def time(self) -> float:
        """Return emulated seconds since 1970."""
        return self._began + (time.monotonic() - self._origin) * self.factor + self._leapt

    def now(self) -> datetime:
        """Return the emulated time, aware, in UTC."""
        return datetime.fromtimestamp(self.time(), UTC)

    def monotonic(self) -> float:
        """Return the seconds that functions live through, of which their time-outs are made.

        Real ones where there is a factor, since work takes the time that it takes; leapt ones count.
        """
        return time.monotonic() + self._leapt

    def lived(self) -> float:
        """Return the same as seconds since 1970."""
        return time.time() + self._leapt

    @property
    def leapt(self) -> float:
        return self._leapt

    def on_leap(self, observer: Callable[[], None]) -> None:
        """Call `observer` after each leap, before anybody who was waited for goes on."""
        self._leap_observers.append(observer)

    # Waiting.

    def sleep(self, seconds: float) -> None:
        self.wait(None, seconds)

    def linger(self, seconds: float) -> None:
        """Sleep as a function does: by the seconds of `monotonic`."""
        self.wait(None, seconds * self.factor)

    def wait(self, event: Waitable | None, seconds: float | None = None) -> bool:
        """Wait until `event` is set, so many seconds at most; return whether it was."""
        deadline = math.inf if seconds is None else self.time() + max(0.0, seconds)
        waiter = Waiter(work())
        with lock:
            if event is not None and event.is_set():
                return True
            if event is not None:
                event.waiters.append(waiter)
            self._register(waiter, deadline)
        try:
            self._until_woken(waiter, deadline)
        finally:
            with lock:
                self.wake(waiter)
                if event is not None:
                    event.waiters.remove(waiter)
        return waiter.by_event

    @contextmanager
    def limit(self, seconds: float, *, asleep: bool = False) -> Iterator[Limit]:
        """Limit a wait for what this clock knows nothing of, by the seconds of `monotonic`: see Limit."""
        limit = Limit(work(), self.monotonic() + seconds, self.monotonic)
        if not self.leaping:
            yield limit
            return
        limit.descriptor = os.eventfd(0)
        try:
            with lock:
                heapq.heappush(self._waiting, (self.time() + seconds, next(self._numbers), limit))
                if asleep:
                    limit.asleep = True
                    self._flight.stand_still(limit.work, +1)
                    self._leap()
            yield limit
        finally:
            with lock:
                limit.woken = True
                self._end_sleep(limit)
                os.close(limit.descriptor)

    @contextmanager
    def idle(self) -> Iterator[None]:
        """Wait for others in a way of one's own, and hold nothing up meanwhile."""
        doing = work()
        with lock:
            self._flight.stand_still(doing, +1)
            self._leap()
        try:
            yield
        finally:
            with lock:
                self._flight.stand_still(doing, -1)

    def _until_woken(self, waiter: Waiter, deadline: float) -> None:
        while not waiter.woken:
            left = (deadline - self.time()) / self.factor
            waiter.signal.wait(None if math.isinf(left) else min(max(0.0, left), threading.TIMEOUT_MAX))
            if self.time() >= deadline:
                return

    # Work in flight.

    def begin(self, cause: Work | None = None) -> Work:
        """Register work that a thread will take up (`taken_up`); it is in flight from now on."""
        with lock:  # also for the cause, of which this becomes a child
            begun = Work(cause)
            self._flight.begin(begun)
        return begun

    def end(self, ended: Work) -> None:
        with lock:
            self._flight.end(ended)
            self._leap()

    @contextmanager
    def taken_up(self, begun: Work) -> Iterator[None]:
        """Do that work in this thread, and end it."""
        before = take_up(begun)
        try:
            yield
        finally:
            take_up(before)
            self.end(begun)

    @contextmanager
    def working(self, cause: str | None = None) -> Iterator[Work | None]:
        """Be in flight; `cause` names (`named`) the work that this is done for, which waits for it."""
        if not self.leaping or work():
            yield None
            return
        begun = self.begin(self._named.get(cause) if cause else None)
        with self.taken_up(begun):
            yield begun

    def abandon(self, begun: Work) -> None:
        """Let what waits for this work go on: it has stopped waiting."""
        with lock:
            self._flight.abandon(begun)

    def carried(self, action: Callable[..., None]) -> Callable[..., None]:
        """Return `action` to be called once, in another thread; it is in flight from now on."""
        begun = self.begin()

        @wraps(action)
        def carry(*arguments: Any) -> None:
            with self.taken_up(begun):
                action(*arguments)

        return carry

    def name(self) -> str | None:
        """Return a name of this thread's work, for others to say that they work for it."""
        doing = work()
        if doing is None or not self.leaping:
            return None
        name = f"work-{id(doing)}"
        self._named[name] = doing
        return name

    @contextmanager
    def named(self, name: str) -> Iterator[None]:
        """Let this thread's work have that name, and wait for what is done for it, meanwhile."""
        doing = work()
        if doing is None or not self.leaping:
            yield
            return
        self._named[name] = doing
        doing.outside = True
        try:
            yield
        finally:
            doing.outside = False
            self._named.pop(name, None)
            with lock:
                self._flight.disown(doing)

    @property
    def awaited_outside(self) -> bool:
        """Return whether this thread works for a process, whose client would see time leap as no time at all."""
        doing = work()
        return doing is not None and any(cause.outside for cause in doing.chain() if cause is not doing)

    # All below is called with the lock held.

    def _register(self, waiter: Waiter, deadline: float) -> None:
        if not self.leaping:
            return
        if not math.isinf(deadline):
            heapq.heappush(self._waiting, (deadline, next(self._numbers), waiter))
        self._flight.stand_still(waiter.work, +1)
        self._leap()

    def wake(self, waiter: Waiter, *, by_event: bool = False) -> None:
        """Let it go on; it is in flight before its thread knows, so that time does not leap over its head."""
        if waiter.woken:
            return
        waiter.woken, waiter.by_event = True, by_event
        if self.leaping:
            self._flight.stand_still(waiter.work, -1)
        waiter.signal.set()

    def _leap(self) -> None:
        if not self.leaping:
            return
        while not self._flight.count and self._waiting:
            deadline, _, waiter = heapq.heappop(self._waiting)
            if waiter.woken:
                continue
            ahead = deadline - self.time()
            if ahead > 0:
                self._leapt += ahead
                for observer in self._leap_observers:
                    observer()
            if isinstance(waiter, Limit):
                self._pass(waiter)
            else:
                self.wake(waiter)

    def _pass(self, limit: Limit) -> None:
        """End a limited wait; what others do for its work is waited for no more, unless it only slept."""
        limit.woken = True
        os.eventfd_write(limit.descriptor, 1)
        if limit.asleep:
            self._end_sleep(limit)
        elif limit.work:
            self._flight.disown(limit.work)

    def _end_sleep(self, limit: Limit) -> None:
        if limit.asleep:
            limit.asleep = False
            self._flight.stand_still(limit.work, -1)


_current = Clock(factor=1.0)


def current() -> Clock:
    """Return the clock of the cloud that runs in this process; real time when there is none."""
    return _current


def use(clock: Clock) -> None:
    """Make `clock` the clock of this process."""
    global _current  # noqa: PLW0603 - one process holds one cloud (moto's backends are global too)
    _current = clock
