"""The first thing an execution environment runs: it becomes AWS's runtime, with AWS's import path.

Started as a script, without `site`, or forked: arguments are the life line's descriptor, the file of the clock, the
handler, and the folders of the import path that come before (code, layers) and after ("--", the environment's packages)
Python's own.
It must import as little as possible: this is every cold start.
"""

import _thread
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

    def leapt() -> float:
        return float(form.unpack_from(shared)[3])

    if form.unpack_from(shared)[2] == 1:
        live_through(leapt)
    time.time = emulated
    time.time_ns = lambda: int(emulated() * 1e9)
    tell_dates_by(emulated)
    return lambda: real() + leapt()


def live_through(leapt: "Callable[[], float]") -> None:
    """Sleep in the cloud, whose time may leap then, and have the clocks that measure time count its leaps."""
    real, monotonic, precise = time.sleep, time.monotonic, time.perf_counter
    address, process = os.environ.get("AWS_LAMBDA_RUNTIME_API", ""), os.getpid()

    ends: dict[int, float] = {}  # of the threads that sleep

    def lived() -> float:
        return monotonic() + leapt()

    def sleep(seconds: float) -> None:
        if not 0 < seconds < _LONGEST or os.getpid() != process:
            real(seconds)
            return
        me = _thread.get_ident()
        end = ends[me] = lived() + seconds
        try:
            while (left := end - lived()) > 0:
                looked, alone = monotonic(), not _thread._count()
                rests = not _children_run() and (alone or (left > _LOOK_AGAIN and _others_wait(real)))
                # Not beyond the end of any sleep: of threads that look, the cloud knows nothing.
                until = min([*ends.values()]) - lived()
                asked = rests and until > 0
                answer = _ask_to_sleep(address, until if alone else min(until, _BESIDE_OTHERS), looked) if asked else ""
                if answer == "501":
                    real(left)
                    return
                if not answer:
                    real(min(left, _LOOK_AGAIN))
        finally:
            del ends[me]

    time.sleep = sleep  # type: ignore[assignment]
    time.monotonic = lived
    time.monotonic_ns = lambda: int(lived() * 1e9)
    time.perf_counter = lambda: precise() + leapt()
    time.perf_counter_ns = lambda: int(time.perf_counter() * 1e9)


_LONGEST = 1e9
"""What is longer, in seconds, is Python's to refuse."""
_BESIDE_OTHERS = 1.0
"""The longest sleep, in seconds, that is asked for at once while there are other threads: who waits may go on."""
_MOMENT, _LOOK_AGAIN = 0.01, 0.02
"""Real seconds: in which a thread that works shows it, and a request reaches the cloud; and until the next look."""
_LOOKS = 0.001
"""Processor time of the other threads in a moment, in seconds, up to which they wait: their own looks take some."""
_WITH_A_LIMIT = {"x86_64": {b"202", b"232", b"281"}, "aarch64": {b"98", b"22"}}.get(os.uname().machine, set())
"""The system calls futex, epoll_wait and epoll_pwait, whose fourth argument is a limit of time."""
_NO_LIMIT = {b"0x0", b"0xffffffff", b"0xffffffffffffffff"}


def _children_run() -> bool:
    """Tell whether the process has started others that it has not waited for: they work for it."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def _others_wait(real: "Callable[[float], None]") -> bool:
    """Tell whether the other threads wait without a limit: for this one, for the cloud, or for each other.

    Who sleeps by the clock waits for the cloud. Limits of other waits are of real time, which must not be leapt over.
    """
    before = _worked_by_others()
    real(_MOMENT)
    if _worked_by_others() - before > _LOOKS:
        return False
    mine = str(_thread.get_native_id())
    return all(_waits(thread) for thread in _threads() if thread != mine)


def _worked_by_others() -> float:
    return time.process_time() - time.thread_time()


def _threads() -> list[str]:
    return os.listdir("/proc/self/task")  # noqa: PTH208 - pathlib would be one more import of every cold start


def _waits(thread: str) -> bool:
    try:
        state = _read(f"/proc/self/task/{thread}/stat").rpartition(b")")[2].split()[0]
        call, *arguments = _read(f"/proc/self/task/{thread}/syscall").split()
    except OSError:  # it has ended
        return True
    return state == b"S" and not (call in _WITH_A_LIMIT and arguments[3] not in _NO_LIMIT)


def _read(path: str) -> bytes:
    with open(path, "rb") as file:  # noqa: PTH123 - as above
        return file.read()


def _ask_to_sleep(address: str, seconds: float, looked: float) -> str:
    """Ask the cloud to sleep, so many seconds at most (channel.py); return the status of its answer, if there is one.

    `looked` says since when (of the monotonic clock, in real seconds) nothing else is known to run.
    """
    import socket

    host, _, port = address.partition(":")
    body = f"{seconds!r} {looked!r}"
    try:
        with socket.create_connection((host, int(port))) as asked:
            head = f"POST /sleep HTTP/1.1\r\nHost: {address}\r\nContent-Length: {len(body)}\r\n\r\n"
            asked.sendall(f"{head}{body}".encode())
            return asked.recv(4096)[9:12].decode()
    except OSError:
        return ""


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
