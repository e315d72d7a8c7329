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
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
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
"""The path by which the launcher asks to sleep; AWS's Runtime API has no such thing."""

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
        self._look, self._look_at = look, 0.0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._connections: list[Connection] = []
        self._connection: Connection | None = None  # whose request is to be answered
        self._sleepers: dict[Connection, float] = {}  # threads, and until when they sleep, of the clock's monotonic
        self._responded = 0.0  # real, of the monotonic clock
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
        while True:
            request = self._request()
            if request is not None:
                return request
            with self._asleep(limit) as until:
                ready = self._ready(limit, until)
            if until and not until.left:
                self._wake()
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

    def _sleep(self, connection: Connection, body: bytes) -> None:
        seconds, looked = map(float, body.split())
        if not current().leaping or current().awaited_outside:
            self._answer(connection, "501 Not Implemented")
        elif looked < self._responded:  # what waited then for an answer of this channel has it
            self._answer(connection, "200 OK")
        else:
            self._sleepers[connection] = current().monotonic() + seconds

    def _wake(self) -> None:
        """Wake all who sleep: those that are to sleep on ask again, if nothing else of the process runs then."""
        for connection in self._sleepers:
            self._answer(connection, "200 OK")
        self._sleepers.clear()

    @staticmethod
    def _answer(connection: Connection, status: str) -> None:
        with suppress(OSError):
            connection.socket.sendall(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())

    def respond(self, status: str, body: bytes, headers: dict[str, str] | None = None) -> None:
        """Answer the last request; in one write, or the runtime waits 40 ms (Nagle). Raises ProcessEnded."""
        lines = [f"HTTP/1.1 {status}", "Content-Type: application/json", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        if self._connection is None:
            raise ProcessEnded
        self._responded = time.monotonic()
        self._wake()
        try:
            self._connection.socket.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        except OSError as error:
            raise ProcessEnded from error

    def acknowledge(self, status: str = "202 Accepted", body: bytes = b"") -> None:
        """Answer what the process posted: that counts, even where the process is gone before it reads the answer."""
        with suppress(ProcessEnded):
            self.respond(status, body)

    @contextmanager
    def _asleep(self, limit: Limit) -> Iterator[Limit | None]:
        """Stand still while threads sleep, until the first is to wake: none of the others runs (launcher.py)."""
        if not self._sleepers:
            yield None
            return
        if not limit.left:
            raise DeadlinePassed
        clock = current()
        with clock.limit(min(min(self._sleepers.values()) - clock.monotonic(), limit.left), asleep=True) as until:
            yield until

    def _ready(self, limit: Limit, until: Limit | None) -> set[int]:
        """Wait until one of the descriptors can be read; none when `until` has passed. Raises DeadlinePassed."""
        poll = select.poll()
        limits = [each for each in (limit, until) if each and each.descriptor >= 0]
        watched = [self._listener.fileno(), self._process]
        watched += [connection.socket.fileno() for connection in self._connections]
        watched += [self._output_pipe] if self._output_pipe >= 0 else []
        watched += [each.descriptor for each in limits]
        for descriptor in watched:
            poll.register(descriptor, select.POLLIN)
        while True:
            if time.monotonic() >= self._look_at:
                self._look()
                self._look_at = time.monotonic() + _LOOK_EVERY
            left = min(limit.left, _LOOK_EVERY, until.left if until else _LOOK_EVERY)
            ready = {descriptor for descriptor, _ in poll.poll(left * 1000)} - {each.descriptor for each in limits}
            if not ready and not limit.left:
                raise DeadlinePassed
            if ready or (until and not until.left):
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
        self._sleepers.pop(connection, None)
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
            if request.path == SLEEP:
                self._sleep(connection, request.body)
                continue
            self._connection = connection
            for other in [each for each in self._connections if each is not connection and each not in self._sleepers]:
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
