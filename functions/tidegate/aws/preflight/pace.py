"""The pace of the preflight: all its calls together, pages and retries included, and a time limit."""

import time
from functools import cache
from math import inf
from threading import Lock
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from tidegate.aws.clients import CONNECTIONS, SEARCHING, making_clients

PER_SECOND = 13
"""Fewer than Lambda's 15 requests a second, because requests do not arrive evenly."""

SECONDS, SECONDS_EACH, MOST_SECONDS = 17.0, 0.5, 60.0
"""The time limit for one target, for each further one, and at most: Plan must answer within 120 s."""


class OutOfTime(BotoCoreError):
    """Raised instead of a call after the time limit; like a failed call, it costs one fact."""

    fmt = "the time limit of the preflight, {seconds:g} seconds, was reached"


class CallPace:
    def __init__(self) -> None:
        self._turn = Lock()
        self._next = 0.0
        self._seconds, self._end = inf, inf

    def begin(self, targets: int) -> None:
        self._seconds = min(MOST_SECONDS, SECONDS + SECONDS_EACH * (targets - 1))
        self._end = time.monotonic() + self._seconds

    def wait(self, **_: Any) -> None:
        """Wait for the turn of a call: a handler of botocore's event `before-send`.

        Raises
        ------
        OutOfTime
            After the time limit.
        """
        with self._turn:  # also while it sleeps: a call that wakes up late delays the next, so no two come together
            self._check()
            time.sleep(max(0.0, self._next - time.monotonic()))
            self._check()
            self._next = time.monotonic() + 1 / PER_SECOND

    def _check(self) -> None:
        if time.monotonic() > self._end:
            raise OutOfTime(seconds=self._seconds)


PACE = CallPace()


@cache
def client(service: str) -> Any:
    """Return a client of a service whose calls keep the pace."""
    with making_clients:
        create: Any = boto3.client  # the stubs list every service
        made = create(service, config=SEARCHING.merge(Config(max_pool_connections=CONNECTIONS)))
    made.meta.events.register("before-send", PACE.wait)
    return made
