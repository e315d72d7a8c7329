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

from localcloud.clock.waiting import Limit, Waiter
from localcloud.clock.work import Work

_lock = threading.Lock()
_thread = threading.local()


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
        self._in_flight = 0
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

    def wait(self, event: "Event | None", seconds: float | None = None) -> bool:
        """Wait until `event` is set, so many seconds at most; return whether it was."""
        deadline = math.inf if seconds is None else self.time() + max(0.0, seconds)
        waiter = Waiter(self.work())
        with _lock:
            if event is not None and event.is_set():
                return True
            if event is not None:
                event.waiters.append(waiter)
            self._register(waiter, deadline)
        try:
            self._until_woken(waiter, deadline)
        finally:
            with _lock:
                self._wake(waiter)
                if event is not None:
                    event.waiters.remove(waiter)
        return waiter.by_event

    def later(self, seconds: float, action: Callable[[], object]) -> "Event":
        """Call `action` in a thread after so many seconds; setting the event that this returns prevents it."""
        cancelled = Event()

        def act() -> None:
            if not self.wait(cancelled, seconds):
                action()

        Thread(target=act, name="later", daemon=True).start()
        return cancelled

    @contextmanager
    def limit(self, seconds: float) -> Iterator[Limit]:
        """Limit a wait for what this clock knows nothing of, by the seconds of `monotonic`: see Limit."""
        limit = Limit(self.work(), self.monotonic() + seconds, self.monotonic)
        if not self.leaping:
            yield limit
            return
        limit.descriptor = os.eventfd(0)
        with _lock:
            heapq.heappush(self._waiting, (self.time() + seconds, next(self._numbers), limit))
        try:
            yield limit
        finally:
            with _lock:
                limit.woken = True
                os.close(limit.descriptor)

    @contextmanager
    def idle(self) -> Iterator[None]:
        """Wait for others in a way of one's own, and hold nothing up meanwhile."""
        work = self.work()
        with _lock:
            self._stand_still(work, +1)
            self._leap()
        try:
            yield
        finally:
            with _lock:
                self._stand_still(work, -1)

    def _until_woken(self, waiter: Waiter, deadline: float) -> None:
        while not waiter.woken:
            left = (deadline - self.time()) / self.factor
            waiter.signal.wait(None if math.isinf(left) else min(max(0.0, left), threading.TIMEOUT_MAX))
            if self.time() >= deadline:
                return

    # Work in flight.

    @staticmethod
    def work() -> Work | None:
        """Return what this thread does, as far as it was registered."""
        return getattr(_thread, "work", None)

    def begin(self, cause: Work | None = None) -> Work:
        """Register work that a thread will take up (`taken_up`); it is in flight from now on."""
        work = Work(cause)
        with _lock:
            self._in_flight += 1
        return work

    def end(self, work: Work) -> None:
        with _lock:
            if not work.over:
                work.end()
                if not work.waits:
                    self._in_flight -= 1
            self._leap()

    @contextmanager
    def taken_up(self, work: Work) -> Iterator[None]:
        """Do that work in this thread, and end it."""
        before = self.work()
        _thread.work = work
        try:
            yield
        finally:
            _thread.work = before
            self.end(work)

    @contextmanager
    def working(self, cause: str | None = None) -> Iterator[None]:
        """Be in flight; `cause` names (`named`) the work that this is done for, which waits for it."""
        if not self.leaping or self.work():
            yield
            return
        with self.taken_up(self.begin(self._named.get(cause) if cause else None)):
            yield

    def carried(self, action: Callable[..., None]) -> Callable[..., None]:
        """Return `action` to be called once, in another thread; it is in flight from now on."""
        work = self.begin()

        @wraps(action)
        def carry(*arguments: Any) -> None:
            with self.taken_up(work):
                action(*arguments)

        return carry

    def name(self) -> str | None:
        """Return a name of this thread's work, for others to say that they work for it."""
        work = self.work()
        if work is None or not self.leaping:
            return None
        name = f"work-{id(work)}"
        self._named[name] = work
        return name

    @contextmanager
    def named(self, name: str) -> Iterator[None]:
        """Let this thread's work have that name, and wait for what is done for it, meanwhile."""
        work = self.work()
        if work is None or not self.leaping:
            yield
            return
        self._named[name] = work
        try:
            yield
        finally:
            self._named.pop(name, None)
            with _lock:
                self._disown(work)

    # All below is called with the lock held.

    def _register(self, waiter: Waiter, deadline: float) -> None:
        if not self.leaping:
            return
        if not math.isinf(deadline):
            heapq.heappush(self._waiting, (deadline, next(self._numbers), waiter))
        self._stand_still(waiter.work, +1)
        self._leap()

    def _wake(self, waiter: Waiter, *, by_event: bool = False) -> None:
        """Let it go on; it is in flight before its thread knows, so that time does not leap over its head."""
        if waiter.woken:
            return
        waiter.woken, waiter.by_event = True, by_event
        if self.leaping:
            self._stand_still(waiter.work, -1)
        waiter.signal.set()

    def _stand_still(self, work: Work | None, change: int) -> None:
        """Let a work and all that it is done for stand still once more (+1) or once less (-1)."""
        for each in work.chain() if work else ():
            self._change(each, change)

    def _change(self, work: Work, change: int) -> None:
        counted = not work.waits and not work.over
        work.waits += change
        counts = not work.waits and not work.over
        self._in_flight += counts - counted

    def _leap(self) -> None:
        if not self.leaping:
            return
        while not self._in_flight and self._waiting:
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
                self._wake(waiter)

    def _pass(self, limit: Limit) -> None:
        """End a limited wait; what others do for its work is waited for no more."""
        limit.woken = True
        os.eventfd_write(limit.descriptor, 1)
        if limit.work:
            self._disown(limit.work)

    def _disown(self, work: Work) -> None:
        for child in list(work.children):
            for each in work.chain():
                self._change(each, -child.waits)
            child.leave()


class Event:
    """threading.Event, by the clock of the cloud: who waits holds nothing up, and who is woken is in flight at once."""

    def __init__(self) -> None:
        self._set = False
        self.waiters: list[Waiter] = []

    def is_set(self) -> bool:
        return self._set

    def set(self) -> None:
        with _lock:
            self._set = True
            for waiter in self.waiters:
                _current._wake(waiter, by_event=True)

    def clear(self) -> None:
        self._set = False

    def wait(self, timeout: float | None = None) -> bool:
        """Wait so many seconds at most, as functions live through them: see Clock.monotonic."""
        clock = current()
        return clock.wait(self, None if timeout is None else timeout * clock.factor)


class Thread(threading.Thread):
    """threading.Thread whose work is in flight from its start to its end."""

    def start(self) -> None:
        self._clock, self._finished = current(), Event()
        self._work = self._clock.begin()
        super().start()

    def run(self) -> None:
        with self._clock.taken_up(self._work):
            try:
                super().run()
            finally:
                self._finished.set()

    def join(self, timeout: float | None = None) -> None:
        if self._finished.wait(timeout):
            super().join()


_current = Clock(factor=1.0)


def current() -> Clock:
    """Return the clock of the cloud that runs in this process; real time when there is none."""
    return _current


def use(clock: Clock) -> None:
    """Make `clock` the clock of this process."""
    global _current  # noqa: PLW0603 - one process holds one cloud (moto's backends are global too)
    _current = clock
