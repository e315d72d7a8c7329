"""The first thing an execution environment runs: it becomes AWS's runtime, with AWS's import path.

Started as a script, without `site`, or forked: arguments are the life line's descriptor, the file of the clock, the
handler, and the folders of the import path that come before (code, layers) and after ("--", the environment's packages)
Python's own.
It must import as little as possible: this is every cold start.
"""

import fcntl
import mmap
import os
import signal
import struct
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def die_with_parent(descriptor: int) -> None:
    """Have the kernel kill this process when the other end of the life line closes.

    PR_SET_PDEATHSIG would not do: it fires when the *thread* that started the process ends.
    """
    set_signal = 10  # F_SETSIG, which Python 3.11's fcntl does not name
    fcntl.fcntl(descriptor, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(descriptor, set_signal, signal.SIGKILL)
    fcntl.fcntl(descriptor, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
    try:
        if os.read(descriptor, 1) == b"":  # it closed before we asked to be told
            os.kill(os.getpid(), signal.SIGKILL)
    except BlockingIOError:
        pass


def read_emulated_time(path: str) -> "Callable[[], float]":
    """Make time.time() emulated time, as the file says (function_clock.py); return the real one."""
    real, monotonic, form = time.time, time.monotonic, struct.Struct("4d")
    with open(path, "rb") as file:  # noqa: PTH123 - pathlib would be one more import of every cold start
        shared = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def emulated() -> float:
        began, origin, factor, ahead = form.unpack_from(shared)
        return float(began + (monotonic() - origin) * factor + ahead)

    time.time = emulated
    time.time_ns = lambda: int(emulated() * 1e9)
    return real


def become_runtime(arguments: list[str], first: "Callable[[], None]" = lambda: None) -> None:
    life_line, clock, handler, *folders = arguments
    die_with_parent(int(life_line))
    real_time = read_emulated_time(clock)
    split = folders.index("--")
    sys.path[:] = [*folders[:split], *sys.path[1:], *folders[split + 1 :]]
    sys.argv = ["awslambdaric", handler]
    first()
    from awslambdaric import lambda_context
    from awslambdaric.__main__ import main as run

    # A time-out is real: so is what the context says is left of it.
    lambda_context.time = type("RealTime", (), {"time": staticmethod(real_time)})
    run(sys.argv)


if __name__ == "__main__":
    become_runtime(sys.argv[1:])
