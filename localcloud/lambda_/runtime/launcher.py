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
    """Have the kernel kill this process, and what it has started, when the other end of the life line closes.

    PR_SET_PDEATHSIG would not do: it fires when the *thread* that started the process ends.
    """
    set_signal = 10  # F_SETSIG, which Python 3.11's fcntl does not name
    fcntl.fcntl(descriptor, fcntl.F_SETOWN, -os.getpgrp())
    fcntl.fcntl(descriptor, set_signal, signal.SIGKILL)
    fcntl.fcntl(descriptor, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
    try:
        if os.read(descriptor, 1) == b"":  # it closed before we asked to be told
            os.kill(os.getpid(), signal.SIGKILL)
    except BlockingIOError:
        pass


def read_emulated_time(path: str) -> "Callable[[], float]":
    """Make time and datetime tell emulated time, as the file says (function_clock.py).

    Returns the clock of time-outs: real time, with what was leapt over.
    """
    real, monotonic, form = time.time, time.monotonic, struct.Struct("4d")
    with open(path, "rb") as file:  # noqa: PTH123 - pathlib would be one more import of every cold start
        shared = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def emulated() -> float:
        moment, origin, factor, _ = form.unpack_from(shared)
        return float(moment + (monotonic() - origin) * factor)

    if form.unpack_from(shared)[2] == 1:
        sleep_by_the_clock()
    time.time = emulated
    time.time_ns = lambda: int(emulated() * 1e9)
    tell_dates_by(emulated)
    return lambda: real() + float(form.unpack_from(shared)[3])


def sleep_by_the_clock() -> None:
    """Sleep where the clock is, in the cloud: time may leap over what a function sleeps. Its threads sleep as ever."""
    import _thread

    real, main, address = time.sleep, _thread.get_ident(), os.environ.get("AWS_LAMBDA_RUNTIME_API", "")

    def sleep(seconds: float) -> None:
        if seconds <= 0 or _thread.get_ident() != main or not _slept(address, seconds):
            real(seconds)

    time.sleep = sleep  # type: ignore[assignment]


def _slept(address: str, seconds: float) -> bool:
    """Ask the cloud to sleep (channel.py); return whether it did."""
    import socket

    host, _, port = address.partition(":")
    body = repr(float(seconds))
    try:
        with socket.create_connection((host, int(port))) as asked:
            head = f"POST /sleep HTTP/1.1\r\nHost: {address}\r\nContent-Length: {len(body)}\r\n\r\n"
            asked.sendall(f"{head}{body}".encode())
            return asked.recv(4096).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def tell_dates_by(emulated: "Callable[[], float]") -> None:
    """Make datetime's own ideas of now those of a clock; modules that are imported from here on see no other class."""
    import datetime

    real = datetime.datetime

    class AnyDatetime(type):
        def __instancecheck__(cls, value: object) -> bool:
            return isinstance(value, real)

        def __subclasscheck__(cls, other: type) -> bool:
            return issubclass(other, real)

    class Emulated(real, metaclass=AnyDatetime):  # type: ignore[misc, valid-type] # a class in a variable
        @classmethod
        def now(cls, tz: "datetime.tzinfo | None" = None) -> "datetime.datetime":
            return real.fromtimestamp(emulated(), tz)

        @classmethod
        def utcnow(cls) -> "datetime.datetime":
            return real.fromtimestamp(emulated(), datetime.UTC).replace(tzinfo=None)

        @classmethod
        def today(cls) -> "datetime.datetime":
            return real.fromtimestamp(emulated())

    Emulated.__name__ = Emulated.__qualname__ = "datetime"
    Emulated.__module__ = "datetime"
    datetime.datetime = Emulated  # type: ignore[misc]


def become_runtime(arguments: list[str], first: "Callable[[], None]" = lambda: None) -> None:
    life_line, clock, handler, *folders = arguments
    die_with_parent(int(life_line))
    lived = read_emulated_time(clock)
    split = folders.index("--")
    sys.path[:] = [*folders[:split], *sys.path[1:], *folders[split + 1 :]]
    sys.argv = ["awslambdaric", handler]
    first()
    from awslambdaric import lambda_context
    from awslambdaric.__main__ import main as run

    # What the context says is left is by the clock of time-outs.
    lambda_context.time = type("Lived", (), {"time": staticmethod(lived)})
    run(sys.argv)


if __name__ == "__main__":
    become_runtime(sys.argv[1:])
