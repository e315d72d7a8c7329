"""The stock service: what every version of the sample function depends on."""

import random
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from localcloud.clock import Clock


class _Server(ThreadingHTTPServer):
    request_queue_size = 128
    """Connections that may wait; with the usual five, a busy machine would drop some, and calls would fail."""


class StockService:
    """A small HTTP service that can be given a brown-out, during which it refuses a share of its requests."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._brown_out = (0.0, 0.0, 0.0)
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(503 if service.refuses() else 204)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's signature
                pass

        self._server = _Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, name="stock", daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/"

    def brown_out(self, start: float, seconds: float, share: float) -> None:
        """Refuse a share of the requests from `start` (emulated) on, for so many emulated seconds."""
        self._brown_out = (start, start + seconds, share)

    def refuses(self) -> bool:
        start, end, share = self._brown_out
        return start <= self._clock.time() < end and random.random() < share  # noqa: S311 - no secret

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
