"""Steady traffic on a function, through the real API, recorded call by call."""

import json
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal, Self

import urllib3
from urllib3.exceptions import HTTPError

from localcloud.clock import Clock, Event, Thread
from localcloud.front.connection import WORK

FIRST_ERROR = 400

Outcome = Literal["ok", "failed", "throttled", "lost"]


@dataclass(frozen=True)
class Call:
    """One request of a user: `at` is when it was sent, in emulated seconds since 1970.

    `version` is the one that ran, None if none did. `failed` is an error of the function (`error`: its
    type), `lost` any other answer than a result.
    """

    at: float
    outcome: Outcome
    version: str | None
    error: str | None
    answer: Any


class Traffic:
    """Calls a function so many times an emulated second, from a few threads, until it is left.

    The pace is even. When the calls take too long to keep it, those that are late by more than a turn of
    every thread are left out rather than sent in a burst.

    Example
    -------
    >>> with Traffic(cloud.client("lambda"), cloud.clock, "checkout:live", per_second=3) as traffic:  # doctest: +SKIP
    ...     cloud.clock.sleep(60)
    >>> traffic.by_version()  # doctest: +SKIP
    {"1": Counter({"ok": 180})}
    """

    def __init__(
        self,
        client: Any,
        clock: Clock,
        target: str,
        *,
        per_second: float,
        event: Callable[[int], Any] = lambda number: {"order": number},
        threads: int = 4,
    ) -> None:
        self.calls: list[Call] = []
        self._clock, self._event = clock, event
        self._connections = urllib3.connection_from_url(client.meta.endpoint_url, maxsize=threads, retries=False)
        self._path, self._headers = _request(target, client.meta.region_name)
        self._pause = 1 / per_second
        self._patience = threads * self._pause
        self._lock = threading.Lock()
        self._over = Event()
        self._number, self._next = 0, 0.0
        self._threads = [Thread(target=self._work, name=f"traffic-{n}", daemon=True) for n in range(threads)]

    def __enter__(self) -> Self:
        self._next = self._clock.time()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def between(self, start: float, end: float = float("inf")) -> list[Call]:
        """Return the calls that were sent from `start` on and before `end`, in that order."""
        return sorted((c for c in self.calls.copy() if start <= c.at < end), key=lambda c: c.at)

    def by_version(self, start: float = 0.0) -> dict[str, Counter[Outcome]]:
        return by_version(self.between(start))

    def _work(self) -> None:
        while True:
            number, turn = self._take_turn()
            if self._clock.wait(self._over, turn - self._clock.time()):
                return
            self.calls.append(self._call(number))

    def _take_turn(self) -> tuple[int, float]:
        with self._lock:
            turn = max(self._next, self._clock.time() - self._patience)
            self._next = turn + self._pause
            self._number += 1
            return self._number, turn

    def _call(self, number: int) -> Call:
        at = self._clock.time()
        headers = {**self._headers, WORK: self._clock.name() or ""}
        try:
            response = self._connections.request("POST", self._path, json.dumps(self._event(number)), headers=headers)
            answer = json.loads(response.data or b"null")
        except (HTTPError, ValueError) as error:
            return Call(at, "lost", None, type(error).__name__, None)
        if response.status >= FIRST_ERROR:
            code = response.headers.get("x-amzn-ErrorType", str(response.status))
            return Call(at, "throttled" if code == "TooManyRequestsException" else "lost", None, code, None)
        version = response.headers.get("X-Amz-Executed-Version")
        if response.headers.get("X-Amz-Function-Error"):
            return Call(at, "failed", version, answer.get("errorType"), None)
        return Call(at, "ok", version, None, answer)


def _request(target: str, region: str) -> tuple[str, dict[str, str]]:
    """Return path and headers of the Invoke of a target, as the administrator.

    An SDK would take longer to make it than the local cloud to answer it, and that checks no signature.
    """
    name, _, qualifier = target.partition(":")
    scope = f"local/19700101/{region}/lambda/aws4_request"
    return (
        f"/2015-03-31/functions/{name}/invocations{f'?Qualifier={qualifier}' if qualifier else ''}",
        {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=none"},
    )


def by_version(calls: list[Call]) -> dict[str, Counter[Outcome]]:
    """Count outcomes by the version that ran, lowest version first; calls that no version answered are left out."""
    counts: dict[str, Counter[Outcome]] = {}
    for call in calls:
        if call.version is not None:
            counts.setdefault(call.version, Counter())[call.outcome] += 1
    return dict(sorted(counts.items(), key=lambda entry: (len(entry[0]), entry[0])))
