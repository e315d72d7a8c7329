"""A process as it was started: by this one, or by the fork server."""

import os
import select
import signal
import subprocess
import threading
from typing import Protocol


def readable(descriptor: int) -> bool:
    """Return whether something can be read now; `select` refuses a process that has more than 1,024 descriptors."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))


class Started(Protocol):
    pid: int
    ended: int
    """A descriptor that is readable once the process has ended; whoever takes it closes it."""

    @property
    def reaped(self) -> bool:
        """Whether the process id may be another process' by now."""

    def wait(self) -> int:
        """Wait for its end, and give the return code (negative: a signal)."""


class Spawned:
    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process
        self.pid = process.pid
        self.ended = os.pidfd_open(process.pid)

    @property
    def reaped(self) -> bool:
        return self._process.returncode is not None

    def wait(self) -> int:
        return self._process.wait()


class Forked:
    """A child of the fork server, which writes the return code to a pipe."""

    def __init__(self, pid: int, ended: int) -> None:
        self.pid = pid
        self.ended = ended
        self._return_code: int | None = None
        self._reading = threading.Lock()

    @property
    def reaped(self) -> bool:
        return self._return_code is not None or readable(self.ended)

    def wait(self) -> int:
        with self._reading:
            if self._return_code is None:
                written = os.read(self.ended, 4)
                # Nothing written: the server is gone, and with it the one to ask.
                self._return_code = int.from_bytes(written, "little", signed=True) if written else -signal.SIGKILL
            return self._return_code
