"""The Lambda Runtime API of one environment: one process, one listening socket, no threads.

Whoever holds the environment waits here, in its own thread, for what the process does next: a request
(`next`, `response`, `error`, `init/error`), its end, or nothing until a deadline. Output is collected
on the way, as a full pipe would stop the process; and where time leaps, a process that sleeps does so here, by the
clock (launcher.py). A page in a browser on this machine is no part of it: what it sends is refused, and takes nothing
away from the process.
"""

import os
import select
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from localcloud.clock import current
from localcloud.clock.waiting import Limit
from localcloud.lambda_.runtime.started import readable

_READ = 65536
_LOOK_EVERY = 0.05  # real seconds of waiting, after which somebody looks at the process
_OUTPUT_LIMIT = 4 * 1024 * 1024  # what one invocation may print before the oldest is dropped


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]  # names in lower case
    body: bytes


class ProcessEnded(Exception):
    """The process is gone."""


class DeadlinePassed(Exception):
    """Nothing was asked until the deadline."""


SLEEP = "/sleep"
"""The path by which the launcher asks to sleep for the seconds in the body; AWS's Runtime API has no such thing."""

FOREIGN = {"origin", "sec-fetch-site"}
"""Headers that browsers add to what a page sends, and no runtime knows (localcloud/front/visitors.py)."""

REFUSAL = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Connection:
    """Somebody who may turn out to be the process, and what was received from it so far."""

    def __init__(self, accepted: socket.socket) -> None:
        self.socket = accepted
        self.received = bytearray()

    def parsed(self) -> Request | None:
        """Give a whole request out of what was received, if there is one. Raises ValueError for anything else."""
        end = self.received.find(b"\r\n\r\n")
        if end < 0:
            return None
        first, *lines = self.received[:end].decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        start, length = end + 4, int(headers.get("content-length", 0))
        if len(self.received) < start + length:
            return None
        body = bytes(self.received[start : start + length])
        del self.received[: start + length]
        method, path, _ = first.split(" ")
        return Request(method, path, headers, body)


class Channel:
    """`look` is called now and then while the process is waited for."""

    def __init__(self, look: Callable[[], None] = lambda: None) -> None:
        self._look = look
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._connections: list[Connection] = []
        self._connection: Connection | None = None  # whose request is to be answered
        self._output = bytearray()
        self._output_pipe = -1
        self._process = -1

    def attach(self, output_pipe: int, process: int) -> None:
        """Take the read end of the process' output, and a descriptor of the process (pidfd)."""
        os.set_blocking(output_pipe, False)
        self._output_pipe, self._process = output_pipe, process

    def close(self) -> None:
        self._listener.close()
        for connection in list(self._connections):
            self._drop(connection)
        for descriptor in (self._output_pipe, self._process):
            if descriptor >= 0:
                os.close(descriptor)
        self._output_pipe = self._process = -1

    def take_output(self) -> str:
        """Give what was printed since the last time."""
        self._read_output()
        text = self._output.decode("utf-8", "replace")
        self._output.clear()
        return text

    def ended(self) -> bool:
        return readable(self._process)

    def receive(self, deadline: float) -> Request:
        """Wait for the next request, until `deadline` (of the clock's monotonic).

        Raises DeadlinePassed, ProcessEnded.
        """
        clock = current()
        with clock.limit(deadline - clock.monotonic()) as limit:
            return self._received(limit)

    def _received(self, limit: Limit) -> Request:
        looks = time.monotonic() + _LOOK_EVERY
        while True:
            if time.monotonic() >= looks:
                self._look()
                looks = time.monotonic() + _LOOK_EVERY
            request = self._request()
            if request is not None and request.path == SLEEP:
                self._sleep(float(request.body), limit)
                continue
            if request is not None:
                return request
            ready = self._wait(limit)
            if self._output_pipe in ready:
                self._read_output()
            waiting = [each for each in self._connections if each.socket.fileno() in ready]
            for connection in waiting:
                self._read(connection)
            if waiting:
                continue
            if self._listener.fileno() in ready:
                self._accept()
            elif self._process in ready:
                raise ProcessEnded

    def _sleep(self, seconds: float, limit: Limit) -> None:
        if not current().leaping or current().awaited_outside:
            self.acknowledge("501 Not Implemented")
            return
        current().sleep(min(seconds, limit.left))
        if not limit.left:
            raise DeadlinePassed
        self.acknowledge("200 OK")

    def respond(self, status: str, body: bytes, headers: dict[str, str] | None = None) -> None:
        """Answer the last request; in one write, or the runtime waits 40 ms (Nagle). Raises ProcessEnded."""
        lines = [f"HTTP/1.1 {status}", "Content-Type: application/json", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        if self._connection is None:
            raise ProcessEnded
        try:
            self._connection.socket.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        except OSError as error:
            raise ProcessEnded from error

    def acknowledge(self, status: str = "202 Accepted", body: bytes = b"") -> None:
        """Answer what the process posted: that counts, even where the process is gone before it reads the answer."""
        with suppress(ProcessEnded):
            self.respond(status, body)

    def _wait(self, limit: Limit) -> set[int]:
        poll = select.poll()
        watched = [self._listener.fileno(), self._process]
        watched += [connection.socket.fileno() for connection in self._connections]
        watched += [self._output_pipe] if self._output_pipe >= 0 else []
        watched += [limit.descriptor] if limit.descriptor >= 0 else []
        for descriptor in watched:
            poll.register(descriptor, select.POLLIN)
        left = min(limit.left, _LOOK_EVERY)
        ready = {descriptor for descriptor, _ in poll.poll(left * 1000)} - {limit.descriptor}
        if not ready and not (left and limit.left):
            raise DeadlinePassed
        return ready

    def _accept(self) -> None:
        accepted, _ = self._listener.accept()
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connections.append(Connection(accepted))

    def _read(self, connection: Connection) -> None:
        try:
            data = connection.socket.recv(_READ)
        except OSError:
            data = b""
        if not data:
            self._drop(connection)
        connection.received += data

    def _drop(self, connection: Connection) -> None:
        connection.socket.close()
        self._connections.remove(connection)
        if connection is self._connection:
            self._connection = None

    def _request(self) -> Request | None:
        """Give the next request of the process, which has one connection at a time; refuse whoever else asks."""
        for connection in list(self._connections):
            try:
                request = connection.parsed()
            except ValueError:
                self._drop(connection)
                continue
            if request is None:
                continue
            if FOREIGN & request.headers.keys() or request.headers.get("host") != self.address:
                with suppress(OSError):
                    connection.socket.sendall(REFUSAL)
                self._drop(connection)
                continue
            self._connection = connection
            if request.path == SLEEP:  # beside the connection of the runtime, which stays
                return request
            for other in [each for each in self._connections if each is not connection]:
                self._drop(other)
            return request
        return None

    def _read_output(self) -> None:
        while self._output_pipe >= 0:
            try:
                data = os.read(self._output_pipe, _READ)
            except BlockingIOError:
                return
            if not data:  # nobody can print any more
                os.close(self._output_pipe)
                self._output_pipe = -1
            self._output += data
            del self._output[:-_OUTPUT_LIMIT]
