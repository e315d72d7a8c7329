"""Work in flight: how much of it there is, and which of it this thread does."""

import threading

from localcloud.clock.work import Work

lock = threading.Lock()
"""Held by whoever changes what is in flight or who waits: one for all clocks, of which one is in use at a time."""

_thread = threading.local()


def work() -> Work | None:
    """Return what this thread does, as far as it was registered."""
    return getattr(_thread, "work", None)


def take_up(taken: Work | None) -> Work | None:
    """Let this thread do that work; return what it did before."""
    before, _thread.work = work(), taken
    return before


class Flight:
    """All work that was begun and is not over. Its methods are called with `lock` held."""

    def __init__(self) -> None:
        self.count = 0
        """How many works neither are over nor stand still."""

    def begin(self, begun: Work) -> None:
        self.count += not begun.waits

    def end(self, ended: Work) -> None:
        self.count -= not ended.waits
        ended.end()

    def stand_still(self, waiting: Work | None, change: int) -> None:
        """Let a work and all that it is done for stand still once more (+1) or once less (-1)."""
        for each in waiting.chain() if waiting else ():
            self._change(each, change)

    def disown(self, cause: Work) -> None:
        """Let a work go on, though what is done for it stands still."""
        for child in list(cause.children):
            self.abandon(child)

    def abandon(self, child: Work) -> None:
        """Let a work's cause go on, which does not wait for it any more."""
        self.stand_still(child.cause, -child.waits)
        child.leave()

    def _change(self, work: Work, change: int) -> None:
        before = work.in_flight
        work.waits += change
        self.count += work.in_flight - before
