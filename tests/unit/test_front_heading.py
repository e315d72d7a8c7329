"""The front reads headings as werkzeug does, and refuses what is none."""

import io
import socket
from types import SimpleNamespace
from typing import Any

import pytest
from moto.moto_server.werkzeug_app import MotoRequestHandler

from localcloud.front.connection import RequestHandler

OURS = ("wsgi.errors", "wsgi.input", "SERVER_SOFTWARE")
"""Objects, and a name that nothing reads."""


def heading(kind: type[Any], text: bytes) -> Any:
    """Give a handler that has read this heading, as the server would have it do."""
    handler = object.__new__(kind)
    first, *rest = text.split(b"\r\n", 1)
    handler.raw_requestline = first + b"\r\n"
    handler.rfile, handler.wfile = io.BytesIO(b"".join(rest)), io.BytesIO()
    handler.server = SimpleNamespace(
        ssl_context=None, multithread=True, multiprocess=False, server_address=("127.0.0.1", 80), _server_version="W"
    )
    handler.client_address, handler.connection = ("127.0.0.1", 4711), socket.socket
    handler.protocol_version = "HTTP/1.1"
    handler.accepted = handler.parse_request()
    return handler


@pytest.mark.parametrize(
    "text",
    [
        b"POST / HTTP/1.1\r\nHost: localhost:80\r\nX-Amz-Target: A.B\r\nContent-Length: 2\r\n\r\n{}",
        b"GET /2015-03-31/functions/a%3Ab%C3%A9?Marker=x%20y&z HTTP/1.1\r\nHost: h\r\nConnection: Close\r\n\r\n",
        b"PUT /b/k%2Fl HTTP/1.1\r\nx-amz-meta-my_key:  1\r\nX-Amz-Meta-My_Key: 2\r\nX_Other: no\r\n\r\n",
        b"PUT / HTTP/1.1\r\nX-Amz-Meta-A-B: 1\r\nx-amz-meta-a_b: 2\r\nA: 1\r\na: 2\r\ncontent-type: c\r\n\r\n",
        b"GET / HTTP/1.0\r\nHost: old\r\n\r\n",
        b"GET http://elsewhere/path HTTP/1.1\r\nHost: h\r\n\r\n",
    ],
)
def test_a_heading_is_read_as_werkzeug_reads_it(text: bytes) -> None:
    read, known = heading(RequestHandler, text), heading(MotoRequestHandler, text)
    assert read.accepted
    assert read.close_connection == known.close_connection
    environ, expected = ({k: v for k, v in each.make_environ().items() if k not in OURS} for each in (read, known))
    assert environ == expected


@pytest.mark.parametrize("line", [b"no header\r\n", b": of no name\r\n", b" folded\r\n", b"A: b\r\n" * 101])
def test_what_is_no_header_is_refused(line: bytes) -> None:
    refused = heading(RequestHandler, b"GET / HTTP/1.1\r\nHost: h\r\n" + line + b"\r\n")
    assert not refused.accepted
    assert refused.wfile.getvalue().startswith(b"HTTP/1.1 400 ")
