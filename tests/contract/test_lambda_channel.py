"""The Runtime API: what a process says on its way out is heard, and a page in a browser is not."""

import os
import socket
import struct
import time
from collections.abc import Iterator

import pytest

from localcloud.lambda_.runtime.channel import Channel, DeadlinePassed, ProcessEnded

POSTED = "POST /2018-06-01/runtime/init/error HTTP/1.1\r\nHost: {host}\r\n{more}Content-Length: 2\r\n\r\n{{}}"
AT_ONCE = struct.pack("ii", 1, 0)
"""SO_LINGER: a close resets the connection, as the end of a process with unread data does."""


def posted(channel: Channel, more: str = "", host: str = "") -> bytes:
    return POSTED.format(host=host or channel.address, more=more).encode()


def connected(channel: Channel) -> socket.socket:
    host, port = channel.address.split(":")
    return socket.create_connection((host, int(port)))


@pytest.fixture
def channel() -> Iterator[Channel]:
    channel = Channel()
    output, printed = os.pipe()
    channel.attach(output, os.pidfd_open(os.getpid()))
    yield channel
    channel.close()
    os.close(printed)


def test_what_a_process_posted_counts_though_it_is_gone_before_the_answer(channel: Channel) -> None:
    with connected(channel) as process:
        process.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        process.sendall(posted(channel))
        assert channel.receive(time.monotonic() + 10).path.endswith("/init/error")
    channel.acknowledge()
    with pytest.raises(ProcessEnded):
        channel.respond("200 OK", b"{}")


@pytest.mark.parametrize(
    ("more", "host"),
    [
        ("Origin: https://example.com\r\n", ""),
        ("Origin: null\r\n", ""),
        ("Sec-Fetch-Site: cross-site\r\n", ""),
        ("", "example.com"),
    ],
)
def test_a_page_is_refused_and_takes_nothing_away_from_the_process(channel: Channel, more: str, host: str) -> None:
    with connected(channel) as process, connected(channel) as page:
        process.sendall(posted(channel)[:20])
        page.sendall(posted(channel, more, host))
        with pytest.raises(DeadlinePassed):
            channel.receive(time.monotonic() + 0.1)
        assert page.recv(1000)[:12] in (b"HTTP/1.1 403", b"")
        process.sendall(posted(channel)[20:])
        assert channel.receive(time.monotonic() + 10).path.endswith("/init/error")
        channel.acknowledge()
        assert process.recv(1000).startswith(b"HTTP/1.1 202")
