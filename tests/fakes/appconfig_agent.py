"""A stand-in for AppConfig's agent: it answers on the loopback interface, by Entity-Id."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Agent:
    """Answers with what `flags` has for an entity, or else with `other`; it waits while `hangs` is not set."""

    def __init__(self) -> None:
        self.flags: dict[str, Any] = {}
        self.other: Any = {"enabled": True, "channel": "stable"}
        self.asked: list[tuple[str, str | None, str | None]] = []
        self.status = 200
        self.hangs = threading.Event()
        self.hangs.set()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        entity = request.headers["Entity-Id"]
        self.asked.append((request.path, entity, request.headers["Context"]))
        self.hangs.wait(10)
        answer = self.flags.get(entity or "", self.other)
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        request.send_response(self.status)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        with suppress(OSError):  # who asked no longer listens
            request.wfile.write(content)


@contextmanager
def listening(agent: Agent) -> Iterator[int]:
    """Let it answer, and give its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            agent.answer(self)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield server.server_port
    finally:
        agent.hangs.set()
        server.shutdown()
        server.server_close()
