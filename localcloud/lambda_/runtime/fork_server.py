"""Makes the processes of execution environments by forking, so that the slow imports are paid for once.

Started as a script beside launcher.py, with the flags that a launcher is started with and a socket as standard input;
its arguments are the folders of the environment's packages. Its first message lists the top-level names of the modules
that it holds: a function that brings one of these along itself must not be started here. Each message from then on is
an order, with three descriptors (life line, output, end), and is answered by a process id:

    {"arguments": [...], "environment": {...}, "folder": "..."}

Once that process is reaped its return code (4 bytes, negative: a signal) is written to `end`, which is then closed.
"""

import contextlib
import gc
import json
import os
import select
import signal
import socket
import sys
import time
from typing import TypedDict

import launcher  # type: ignore[import-not-found]  # beside this script, where a script's import path begins

MESSAGE_LIMIT = 200_000
MOST_USED = ("lambda", "dynamodb", "events", "cloudwatch", "stepfunctions", "logs")


class ForkOrder(TypedDict):
    arguments: list[str]
    environment: dict[str, str]
    folder: str


def preload(packages: list[str]) -> list[str]:
    """Import what functions import most, and give the top-level names of all modules there are then."""
    path = sys.path[:]
    sys.path += packages
    import pydantic
    import pydantic.types
    import read_models  # type: ignore[import-not-found]  # beside this script, too

    # Of AWS's runtime, what reads no variables of the environment as it is imported.
    from awslambdaric import lambda_context, lambda_runtime_log_utils, lambda_runtime_marshaller  # noqa: F401

    read_models.read_for_forks(MOST_USED)
    pydantic.create_model("First")  # looks for plugins, once
    sys.path[:] = path
    return sorted({name.partition(".")[0] for name in sys.modules})


class ForkServer:
    def __init__(self, orders: socket.socket) -> None:
        self._orders = orders
        self._ends: dict[int, int] = {}  # of the processes not reaped, by process id
        self._woken, self._wake = os.pipe()
        for descriptor in (self._woken, self._wake):
            os.set_blocking(descriptor, False)

    def serve(self) -> list[str] | None:
        """Fork as ordered. Gives a launcher's arguments in each new process, and None when nobody orders any more."""
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        orders = self._orders.fileno()
        while True:
            ready, _, _ = select.select([orders, self._woken], [], [])
            if self._woken in ready:
                self._reap()
            if orders in ready:
                message, descriptors, _, _ = socket.recv_fds(self._orders, MESSAGE_LIMIT, 3)
                if not message:
                    return None
                if arguments := self._fork(json.loads(message), *descriptors):
                    return arguments

    def _fork(self, order: ForkOrder, life_line: int, output: int, end: int) -> list[str]:
        """Give the launcher's arguments in the new process, and nothing here."""
        process = os.fork()
        if process == 0:
            self._leave(output, end)
            _become(order)
            return [str(life_line), *order["arguments"]]
        self._ends[process] = end
        os.close(life_line)
        os.close(output)
        self._orders.send(str(process).encode())
        return []

    def _leave(self, output: int, end: int) -> None:
        """In a new process: keep nothing of the server's."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._orders.detach()  # standard input, replaced below
        null = os.open(os.devnull, os.O_RDONLY)
        for descriptor, standard in ((null, 0), (output, 1), (output, 2)):
            os.dup2(descriptor, standard)
        for descriptor in (null, output, end, self._woken, self._wake, *self._ends.values()):
            os.close(descriptor)

    def _reap(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._woken, 65536)
        while self._ends:
            process, status = os.waitpid(-1, os.WNOHANG)
            if process == 0:
                return
            end = self._ends.pop(process)
            with contextlib.suppress(BrokenPipeError):
                os.write(end, os.waitstatus_to_exitcode(status).to_bytes(4, "little", signed=True))
            os.close(end)


def _become(order: ForkOrder) -> None:
    os.setsid()
    os.environ.clear()
    os.environ.update(order["environment"])
    sys.path[1:1] = os.environ["PYTHONPATH"].split(os.pathsep)
    time.tzset()
    os.chdir(order["folder"])


def main() -> None:
    orders = socket.socket(fileno=0)
    orders.send(json.dumps(preload(sys.argv[1:])).encode())
    gc.freeze()
    if arguments := ForkServer(orders).serve():
        launcher.become_runtime(arguments)


if __name__ == "__main__":
    main()
