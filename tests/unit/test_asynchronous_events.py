"""Asynchronous events of the local cloud: an event whose attempt failed is tried again."""

import math
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from moto.core.exceptions import JsonRESTError

from localcloud.clock import Clock, threads, use
from localcloud.lambda_.asynchronous import EventQueue, Handling
from localcloud.lambda_.calls import Answer, Call
from localcloud.lambda_.runtime.outcome import Outcome


@pytest.fixture
def quick() -> Iterator[None]:
    """Let the minutes before a retry take microseconds."""
    use(Clock(factor=1e6))
    yield
    use(Clock(factor=1.0))


class OverAtOnce(threads.Thread):
    """A thread that has ended when `start` returns."""

    def start(self) -> None:
        super().start()
        threading.Thread.join(self)


@pytest.mark.usefixtures("quick")
def test_an_event_is_tried_again_even_if_the_wait_is_over_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "Thread", OverAtOnce)
    runs, again = list[str](), threading.Event()

    def run(_: Call, request_id: str) -> Answer:
        runs.append(request_id)
        if len(runs) == 1:
            return Answer(nothing, Outcome(b"", "ValueError", 0.0))
        again.set()
        raise JsonRESTError("ResourceNotFoundException", "gone")

    nothing: Any = None
    queue = EventQueue(run)
    queue.submit(nothing, "1", Handling(oldest_seconds=math.inf))
    assert again.wait(5)
    queue.shutdown()
