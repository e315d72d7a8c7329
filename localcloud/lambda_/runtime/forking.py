"""The fork server of a cloud: started when it is first of use, asked for one process at a time."""

import contextlib
import json
import os
import socket
import subprocess
import threading
from pathlib import Path

from localcloud.lambda_ import scratch
from localcloud.lambda_.runtime.executable import PACKAGES, PYTHON, Executable
from localcloud.lambda_.runtime.runtimes import Family
from localcloud.lambda_.runtime.started import Forked

_SERVER = Path(__file__).with_name("fork_server.py")
_ANSWER_LIMIT = 65536
# The interpreter and the loader look at these when they start, which a forked process never does.
_READ_AT_START = ("PYTHON", "LD_", "LC_", "LANG")


class ForkServerEndedError(Exception):
    """There is no fork server any more: nothing was started."""


class Forking:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._server: subprocess.Popen[bytes] | None = None
        self._orders, self._far_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._modules: frozenset[str] = frozenset()

    def suits(self, executable: Executable) -> bool:
        """Tell whether a forked process is what a fresh one would be, for all that this function brings along."""
        if executable.family is not Family.PYTHON or executable.measured:
            return False
        if any(name.startswith(_READ_AT_START) for name in executable.definition.variables):
            return False
        with self._lock:
            self._start()
        return self._modules.isdisjoint(executable.modules())

    def fork(self, executable: Executable, environment: dict[str, str], life_line: int, output: int) -> Forked:
        """Have a process forked that suits. Raises ForkServerEndedError."""
        order = {
            "arguments": executable.arguments(),
            "environment": environment,
            "folder": str(executable.definition.code.folder),
        }
        ended, end = os.pipe()
        try:
            with self._lock:
                socket.send_fds(self._orders, [json.dumps(order).encode()], [life_line, output, end])
                answer = self._orders.recv(_ANSWER_LIMIT)
        except OSError:
            answer = b""
        finally:
            os.close(end)
        if not answer:
            os.close(ended)
            raise ForkServerEndedError
        return Forked(int(answer), ended)

    def close(self) -> None:
        """End the server; what it has forked ends with whoever holds its life line."""
        with self._lock:
            self._far_end.close()
            with contextlib.suppress(OSError):  # it was never connected, or is gone
                self._orders.shutdown(socket.SHUT_RDWR)
            self._orders.close()
            if self._server:
                self._server.wait()

    def _start(self) -> None:
        if self._server is None:
            home = str(scratch.folder("home", "fork-server"))  # without one it would read this user's ~/.aws
            self._server = subprocess.Popen(  # noqa: S603 - our own script
                [*PYTHON, str(_SERVER), *PACKAGES],
                env={"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "TZ": ":UTC", "HOME": home},
                stdin=self._far_end.fileno(),
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )
            self._far_end.close()
            self._modules = frozenset(json.loads(self._orders.recv(_ANSWER_LIMIT)))
