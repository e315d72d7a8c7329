"""Asynchronous invocations: run in the background, again after errors, until they succeed or are given up.

Lambda guide, "How Lambda handles errors and retries with asynchronous invocation".
"""

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from moto.core.exceptions import JsonRESTError

from localcloud.clock import Event, current, later
from localcloud.lambda_.calls import Answer, Call
from localcloud.lambda_.event_end import Ended, ends
from localcloud.lambda_.runtime.executable import Executable

_logger = logging.getLogger(__name__)

RETRY_SECONDS = (60.0, 120.0)  # emulated, as all here
THROTTLED_SECONDS = 1.0
LONGEST_THROTTLED_SECONDS = 300.0
OLDEST_SECONDS = 6 * 3600.0


@dataclass(frozen=True)
class Handling:
    """What the configuration of asynchronous invocations says; `destinations` are ARNs."""

    retries: int = len(RETRY_SECONDS)
    oldest_seconds: float = OLDEST_SECONDS
    on_success: str | None = None
    on_failure: str | None = None

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "Handling":
        destinations = settings.get("DestinationConfig", {})
        return cls(
            int(settings.get("MaximumRetryAttempts", cls.retries)),
            float(settings.get("MaximumEventAgeInSeconds", cls.oldest_seconds)),
            destinations.get("OnSuccess", {}).get("Destination"),
            destinations.get("OnFailure", {}).get("Destination"),
        )


@dataclass
class QueuedEvent:
    """An accepted event on its way; `runs` counts those that were not throttled."""

    call: Call
    request_id: str
    handling: Handling
    accepted: float
    runs: int = 0
    throttled_seconds: float = THROTTLED_SECONDS


accepted: list[Callable[[QueuedEvent], None]] = []
"""Hear of every event that the queue takes."""


class EventQueue:
    """Runs events in threads of its own, by `run`, which raises JsonRESTError for what it refuses."""

    def __init__(self, run: Callable[[Call, str], Answer]) -> None:
        self._run = run
        self._background = ThreadPoolExecutor(max_workers=32, thread_name_prefix="lambda-event")
        self._timers: set[Event] = set()
        self._stopped = False

    def shutdown(self) -> None:
        self._stopped = True
        for timer in list(self._timers):
            timer.set()
        self._background.shutdown(wait=False, cancel_futures=True)

    def submit(self, call: Call, request_id: str, handling: Handling) -> None:
        event = QueuedEvent(call, request_id, handling, current().time())
        for observer in accepted:
            observer(event)
        self._start(event)

    def _start(self, event: QueuedEvent) -> None:
        self._background.submit(current().carried(self._attempt), event).add_done_callback(_log_failure)

    def _attempt(self, event: QueuedEvent) -> None:
        try:
            answer = self._run(event.call, event.request_id)
        except JsonRESTError as error:
            if error.code == 429:  # anything else, a function deleted meanwhile say, ends it
                self._throttled(event)
            return
        event.runs += 1
        event.throttled_seconds = THROTTLED_SECONDS
        if not answer.outcome.error_type:
            self._end(event, "Success", answer.executable, answer)
        elif event.runs > event.handling.retries:
            self._end(event, "RetriesExhausted", answer.executable, answer)
        else:
            self._again(event, RETRY_SECONDS[event.runs - 1], answer.executable, answer)

    def _throttled(self, event: QueuedEvent) -> None:
        """Try later; not where nothing may run at all (same guide, "Capturing records")."""
        executable, limit = event.call.route()
        if limit == 0:
            self._end(event, "ZeroReservedConcurrency", executable, None)
            return
        wait, event.throttled_seconds = (
            event.throttled_seconds,
            min(2 * event.throttled_seconds, LONGEST_THROTTLED_SECONDS),
        )
        self._again(event, wait, executable, None)

    def _again(self, event: QueuedEvent, seconds: float, executable: Executable, answer: Answer | None) -> None:
        """Run the event once more, if it is not too old by then."""
        if current().time() + seconds - event.accepted > event.handling.oldest_seconds:
            self._end(event, "EventAgeExceeded", executable, answer)
            return

        timer = Event()

        def start() -> None:
            self._timers.discard(timer)
            if not self._stopped:
                self._start(event)

        self._timers.add(timer)
        later(seconds, start, timer)

    def _end(self, event: QueuedEvent, condition: str, executable: Executable, answer: Answer | None) -> None:
        succeeded = condition == "Success"
        ends.tell(
            Ended(
                condition,
                executable,
                event.call.payload,
                event.request_id,
                event.runs,
                event.call.qualifier or "$LATEST",
                answer.outcome if answer else None,
            ),
            event.handling.on_success if succeeded else event.handling.on_failure,
        )


def _log_failure(attempt: Future[None]) -> None:
    """Say so when an asynchronous invocation broke in our own code: nobody waits for it."""
    if not attempt.cancelled() and attempt.exception():
        _logger.error("an asynchronous invocation broke", exc_info=attempt.exception())
