"""Makes the processes of the command by forking, so that its imports are paid for once.

A script, started with a socket as standard input. Each message is an order, with four descriptors (standard input,
output and error, and where the return code is to be sent):

    {"code": "...", "arguments": [...], "environment": {...}}
"""

import gc
import importlib
import json
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

ORDER_LIMIT = 200_000
SERVICES = ("lambda", "dynamodb", "cloudformation", "stepfunctions", "cloudwatch", "logs", "sts")


def preload() -> None:
    sys.path.insert(0, str(Path(__file__).parents[2] / "localcloud/lambda_/runtime"))
    import read_models  # type: ignore[import-not-found]  # a script of the local cloud's, whose packages are not needed

    from tidegate_cli.main import COMMANDS

    del sys.path[0]
    read_models.read_for_forks(SERVICES)
    for entry in COMMANDS.values():
        if not entry.needs:
            importlib.import_module(entry.module)


def serve(orders: socket.socket) -> dict[str, Any] | None:
    """Give the order in each process that is to carry one out, and None when nobody orders any more."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        message, descriptors, _, _ = socket.recv_fds(orders, ORDER_LIMIT, 4)
        if not message:
            return None
        if os.fork() == 0 and _has_become(*descriptors):
            return dict(json.loads(message))
        for descriptor in descriptors:
            os.close(descriptor)


def _has_become(standard_input: int, output: int, errors: int, code: int) -> bool:
    """Return in a process of its own, and send its return code from this one."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    ours = (standard_input, output, errors)
    if process := os.fork():
        for descriptor in ours:
            os.close(descriptor)
        _, status = os.waitpid(process, 0)
        os.write(code, str(os.waitstatus_to_exitcode(status)).encode())
        os._exit(0)
    for standard, descriptor in enumerate(ours):
        os.dup2(descriptor, standard)
        os.close(descriptor)
    os.close(code)
    return True


def main() -> None:
    orders = socket.socket(fileno=os.dup(0))
    preload()
    gc.freeze()
    order = serve(orders)
    orders.close()
    if order:
        os.environ.clear()
        os.environ.update(order["environment"])
        sys.argv = ["tidegate", *order["arguments"]]
        exec(order["code"], {"__name__": "__main__"})


if __name__ == "__main__":
    main()
