"""A request that is held and a client that does not wait for it any more, in a cloud whose time leaps."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from werkzeug.serving import make_server

from localcloud.clock import Clock, Event
from localcloud.front.connection import OpenConnections, RequestHandler

HOUR = 3600.0


class Held:
    """An application that answers when it is released."""

    def __init__(self) -> None:
        self.serving, self.released = threading.Event(), Event()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        self.serving.set()
        self.released.wait()
        start_response("200 OK", [])
        return [b"late"]


@pytest.fixture
def held() -> Held:
    return Held()


@pytest.fixture
def client(clock: Clock, held: Held) -> Iterator[socket.socket]:
    """Give the connection of a client that this thread's work has sent a request, which is held."""
    connections = OpenConnections()
    handler = type("Handler", (RequestHandler,), {"connections": connections})
    server = make_server("127.0.0.1", 0, held, threaded=True, request_handler=handler)
    serving = threading.Thread(target=server.serve_forever, args=(0.01,))
    serving.start()
    with socket.create_connection(("127.0.0.1", server.port)) as connected:
        connected.sendall(f"GET / HTTP/1.1\r\nHost: localhost\r\nX-Work: {clock.name()}\r\n\r\n".encode())
        held.serving.wait()
        yield connected
    held.released.set()
    server.shutdown()
    serving.join()
    connections.cut_off()
    server.server_close()


@contextmanager
def hours(clock: Clock) -> Iterator[None]:
    """Have somebody wait for every hour, to which time can leap."""
    over = Event()

    def wait() -> None:
        while not clock.wait(over, HOUR):
            pass

    waiting = threading.Thread(target=wait)
    waiting.start()
    try:
        yield
    finally:
        over.set()
        waiting.join()


def passes(clock: Clock, real_seconds: float) -> float:
    """Return the emulated seconds that pass while this thread works for some real ones."""
    begun = clock.time()
    threading.Event().wait(real_seconds)  # in a way that the clock knows nothing of
    return clock.time() - begun


def test_work_stands_still_while_its_request_is_held(clock: Clock, client: socket.socket) -> None:
    assert client
    with hours(clock):
        assert passes(clock, 0.2) >= HOUR


def test_work_whose_client_gave_up_a_held_request_is_in_flight_again(
    clock: Clock, client: socket.socket, held: Held
) -> None:
    """A function that has given up a call goes on, and time must not leap over what it does."""
    with hours(clock):
        client.close()
        assert any(passes(clock, 0.05) < HOUR for _ in range(100))
        held.released.set()  # and what becomes of the request changes nothing
        assert passes(clock, 0.2) < HOUR
