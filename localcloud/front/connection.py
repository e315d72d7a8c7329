"""A client's connection, kept open from one request to the next: making one takes longer than many a call."""

import re
import socket
import sys
import traceback
from contextlib import nullcontext, suppress
from functools import partial
from io import BytesIO
from threading import Lock
from typing import Any

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.datastructures import Headers
from werkzeug.exceptions import InternalServerError
from werkzeug.test import run_wsgi_app

from localcloud.clock import current
from localcloud.front.departures import noticed
from localcloud.front.heading import REQUEST_LINE, Heading, environ_of, headers_of

BUFFER = 65536
WORK = "X-Work"
"""The header by which a client in this process names the work that it sends a request for."""

ACCESS_KEY = re.compile(r"Credential=([^/]+)/")

WITHOUT_BODY = {"204", "304"}
"""Statuses whose answers end with their headers."""


class OpenConnections:
    """Those that clients hold open, to be cut off in the end: idle ones would be served on."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._open: set[socket.socket] = set()

    def add(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.add(connection)

    def discard(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.discard(connection)

    def cut_off(self) -> None:
        with self._lock:
            for connection in self._open:
                with suppress(OSError):  # the client was quicker
                    connection.shutdown(socket.SHUT_RDWR)


class RequestHandler(MotoRequestHandler):
    """Serves all requests of a connection; werkzeug's own closes it after one, since it cannot drain a request."""

    protocol_version = "HTTP/1.1"
    wbufsize = BUFFER  # so that an answer leaves in one piece
    disable_nagle_algorithm = True
    connections: OpenConnections

    def setup(self) -> None:
        super().setup()
        self.connections.add(self.request)

    def finish(self) -> None:
        self.connections.discard(self.request)
        with suppress(ConnectionError):  # nobody waits for the rest of an answer any more
            super().finish()

    def handle_expect_100(self) -> bool:
        """Leave it to `run_wsgi`, which werkzeug has do it."""
        return True

    def parse_request(self) -> bool:
        """Read the heading of a request. False when it has been refused, or its client is gone before its end."""
        line = REQUEST_LINE.fullmatch(self.raw_requestline)
        if line is None:
            return super().parse_request()
        self.command, self.path, self.request_version = line[1].decode(), line[2].decode(), self.protocol_version
        self.requestline = self.raw_requestline.decode().rstrip()
        self.close_connection = True
        try:
            read: Any = headers_of(self.rfile)
        except EOFError:
            return False
        except ValueError as error:
            self.send_error(400, str(error))
            return False
        self.headers = read
        self.close_connection = read.get("Connection").lower() == "close"
        return True

    def make_environ(self) -> dict[str, Any]:
        if not isinstance(self.headers, Heading):
            return super().make_environ()
        return {
            **self._surroundings(),
            "REQUEST_METHOD": self.command,
            **environ_of(self.path, self.headers),
        }

    def _surroundings(self) -> dict[str, Any]:
        """Return what WSGI says of the connection."""
        host, port = self.server.server_address[:2]
        return {
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": self.rfile,
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "werkzeug.socket": self.connection,
            "SCRIPT_NAME": "",
            "SERVER_NAME": host,
            "SERVER_PORT": str(port),
            "SERVER_PROTOCOL": self.request_version,
            "REMOTE_ADDR": self.client_address[0],
            "REMOTE_PORT": self.client_address[1],
        }

    def run_wsgi(self) -> None:
        clock = current()
        with (
            clock.working(self._cause()) as begun,
            noticed(self.connection, partial(clock.abandon, begun)) if begun else nullcontext(),
        ):
            self._serve()

    def _cause(self) -> str | None:
        """Name the work that waits for this answer: a client's in this process, or that of a function's environment."""
        key = ACCESS_KEY.search(self.headers.get("Authorization", ""))
        return self.headers.get(WORK) or (key[1] if key else None)

    def _serve(self) -> None:
        if "Transfer-Encoding" in self.headers:
            super().run_wsgi()  # reads it piece by piece, and closes the connection
            return
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.wfile.flush()
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:  # its client is gone: of what it asked for, nobody knows the rest
            self.close_connection = True
            return
        environ = {**self.make_environ(), "wsgi.input": BytesIO(body)}
        try:
            parts, status, headers = run_wsgi_app(self.server.app, environ, buffered=True)
        except Exception:  # as werkzeug does: whatever it is, the client is told
            self.server.log("error", f"Error on request:\n{traceback.format_exc()}")
            parts, status, headers = run_wsgi_app(InternalServerError(), environ, buffered=True)
        self._answer(status, headers, b"".join(parts))

    def _answer(self, status: str, headers: Headers, body: bytes) -> None:
        code = status.partition(" ")[0]
        lines = [f"HTTP/1.1 {status}", f"Server: {self.version_string()}", f"Date: {self.date_time_string()}"]
        lines += [f"{name}: {value}" for name, value in headers]
        if code not in WITHOUT_BODY and "Content-Length" not in headers:
            lines.append(f"Content-Length: {len(body)}")
        if self.close_connection:
            lines.append("Connection: close")
        self.wfile.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Return the Date of an answer, by the emulated clock."""
        return super().date_time_string(current().time() if timestamp is None else timestamp)

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - the name is werkzeug's
        """Keep quiet: a line for each request would drown what the cloud's user wants to read."""
