"""Processes of the command that are forked from one which has imported everything: a start takes a tenth then."""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile


class _Server:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._orders, far_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with far_end:
            self._process = subprocess.Popen(  # it ends with this process, which holds the other end
                [sys.executable, Path(__file__).with_name("fork_server.py")],
                stdin=far_end.fileno(),
                stdout=subprocess.DEVNULL,
                env={name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            )

    def order(self, order: bytes, descriptors: Sequence[int]) -> None:
        with self._lock:
            socket.send_fds(self._orders, [order], descriptors)


_server = cache(_Server)


def run(
    code: str, arguments: Sequence[str], environment: Mapping[str, str], stdin: str, timeout: float
) -> "subprocess.CompletedProcess[str]":
    """Run Python code in a process of its own, much as subprocess.run does. Raises TimeoutError."""
    order = json.dumps({"code": code, "arguments": list(arguments), "environment": dict(environment)}).encode()
    answer, far_end = socket.socketpair()
    with answer, TemporaryFile("w+") as given, TemporaryFile("w+") as out, TemporaryFile("w+") as err:
        given.write(stdin)
        given.seek(0)
        with far_end:
            _server().order(order, [given.fileno(), out.fileno(), err.fileno(), far_end.fileno()])
        answer.settimeout(timeout)
        returned = answer.recv(16).decode()
        assert returned, "the fork server has ended"
        for written in (out, err):
            written.seek(0)
        return subprocess.CompletedProcess(arguments, int(returned), out.read(), err.read())
