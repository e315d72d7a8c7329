"""Notices clients that close their connection before they are answered: they do not wait for the answer any more."""

import select
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock, Thread

_GONE = select.EPOLLRDHUP | select.EPOLLHUP | select.EPOLLONESHOT
_lock = Lock()
_served: dict[int, Callable[[], None]] = {}


@contextmanager
def noticed(connection: socket.socket, departed: Callable[[], None]) -> Iterator[None]:
    """Call `departed`, in another thread, if the client closes the connection meanwhile.

    A client that closes only its own half has left, too: no client of AWS does that and reads on.
    """
    descriptor = connection.fileno()
    with _lock:
        _served[descriptor] = departed
        _poll().register(descriptor, _GONE)
    try:
        yield
    finally:
        with _lock:
            del _served[descriptor]
            _poll().unregister(descriptor)


@cache
def _poll() -> select.epoll:
    poll = select.epoll()
    Thread(target=_watch, args=(poll,), daemon=True, name="departures").start()
    return poll


def _watch(poll: select.epoll) -> None:
    while True:
        for descriptor, _ in poll.poll():
            _tell(descriptor)


def _tell(descriptor: int) -> None:
    with _lock:  # so that nothing is called once the request is over
        departed = _served.get(descriptor)
        # The number may be that of the next connection already, whose client is still there.
        if departed and _has_departed(descriptor):
            departed()


def _has_departed(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLRDHUP | select.POLLHUP)
    return bool(poll.poll(0))
