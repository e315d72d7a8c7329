"""Work in flight, and what it is done for."""

from collections.abc import Iterator
from weakref import WeakSet


class Work:
    """Something in flight: a request that is served, an invocation, a state that is not waiting.

    `cause` is what waits for it: an invocation for the requests of its process, say. While this stands still, so does
    that; `waits` counts how often. It is in flight while that is 0 and it is not over. `outside`: it waits for a
    process of its own, whose clients have real time-outs.
    """

    def __init__(self, cause: "Work | None" = None) -> None:
        self.cause = cause
        self.children: WeakSet[Work] = WeakSet()
        self.waits = 0
        self.over = False
        self.outside = False
        if cause:
            cause.children.add(self)

    @property
    def in_flight(self) -> bool:
        return not self.waits and not self.over

    def chain(self) -> "Iterator[Work]":
        """Yield itself, its cause, and so on."""
        work: Work | None = self
        while work:
            yield work
            work = work.cause

    def leave(self) -> None:
        """Be waited for no more."""
        if self.cause:
            self.cause.children.discard(self)
            self.cause = None

    def end(self) -> None:
        self.over = True
        if not self.waits:
            self.leave()
