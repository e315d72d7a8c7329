"""What a process says on its way out is heard."""

import os
import socket
import struct
import time
from collections.abc import Iterator

import pytest

from localcloud.lambda_.runtime.channel import Channel, ProcessEnded

POSTED = b"POST /2018-06-01/runtime/init/error HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}"
AT_ONCE = struct.pack("ii", 1, 0)
"""SO_LINGER: a close resets the connection, as the end of a process with unread data does."""


@pytest.fixture
def channel() -> Iterator[Channel]:
    channel = Channel()
    output, printed = os.pipe()
    channel.attach(output, os.pidfd_open(os.getpid()))
    yield channel
    channel.close()
    os.close(printed)


def test_what_a_process_posted_counts_though_it_is_gone_before_the_answer(channel: Channel) -> None:
    host, port = channel.address.split(":")
    with socket.create_connection((host, int(port))) as process:
        process.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        process.sendall(POSTED)
        assert channel.receive(time.monotonic() + 10).path.endswith("/init/error")
    channel.acknowledge()
    with pytest.raises(ProcessEnded):
        channel.respond("200 OK", b"{}")
