"""The metrics of this cloud, and their controls for tests."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from threading import Lock

from moto.core.models import DEFAULT_ACCOUNT_ID

from localcloud import clock
from localcloud.cloudwatch.lambda_metrics import (
    NAMESPACE,
    UNITS,
    Publisher,
    dimension_sets,
    lateness,
    points,
)
from localcloud.cloudwatch.store import Key, Point, Store
from localcloud.lambda_.asynchronous import QueuedEvent
from localcloud.lambda_.invocation import Invocation

Place = tuple[str, str]
HOME: Place = (DEFAULT_ACCOUNT_ID, "us-east-1")
STATUSES = {"PartialData", "InternalError", "Forbidden"}


class Metrics:
    """`publish_lag` and `publish_jitter` are emulated seconds between an invocation's end and its points."""

    def __init__(self, publish_lag: float = 45.0, publish_jitter: float = 10.0) -> None:
        self.publish_lag = publish_lag
        self.publish_jitter = publish_jitter
        self.store = Store()
        self._publisher = Publisher()
        self._lock = Lock()
        self._failures: list[str] = []
        self._elsewhere: dict[Place, Metrics] = {}

    def at(self, account: str, region: str) -> "Metrics":
        """Return the metrics of another account or Region; these are those of the cloud's own."""
        if (account, region) == HOME:
            return self
        with self._lock:
            if (account, region) not in self._elsewhere:
                self._elsewhere[account, region] = Metrics(self.publish_lag, self.publish_jitter)
            return self._elsewhere[account, region]

    def observe(self, invocation: Invocation) -> None:
        """Take note of an invocation that ended or was throttled."""
        if (here := self.at(*invocation.place)) is not self:
            here.observe(replace(invocation, place=HOME))
            return
        late = lateness(invocation.request_id, self.publish_lag, self.publish_jitter)
        with self._lock:
            made = self._publisher.points(invocation)
        self.store.put_late(made, invocation.ended + late)

    def observe_event(self, event: QueuedEvent) -> None:
        """Count an asynchronous event that Lambda has accepted; the version that will run it is not known yet."""
        account, region = event.call.invoked_arn.split(":")[4:2:-1]
        store = self.at(account, region).store
        call, late = event.call, lateness(event.request_id, self.publish_lag, self.publish_jitter)
        sets = dimension_sets(call.function_name, None, call.qualifier, "")
        made = [point for each in sets for point in points(each, event.accepted, {"AsyncEventsReceived": 1.0})]
        store.put_late(made, event.accepted + late)

    def put_invocations(
        self,
        function: str,
        alias: str | None,
        version: str,
        minute: float | datetime,
        *,
        invocations: int = 0,
        errors: int = 0,
        throttles: int = 0,
        durations: Iterable[float] | Mapping[float, int] = (),
        visible_at: float = 0.0,
    ) -> None:
        """Create artificial evidence, visible at once or from a given time on.

        `minute` is any instant in the minute meant, in emulated time; `durations` are milliseconds, one for
        each invocation or none at all, or how often each came. Where there were no invocations there are no points.
        """
        at = minute.timestamp() if isinstance(minute, datetime) else minute
        taken: list[tuple[str, float, float]] = [("Duration", one, times) for one, times in Counter(durations).items()]
        if invocations:
            taken += [("Invocations", 1, invocations), ("Errors", 1, errors), ("Errors", 0, invocations - errors)]
        taken += [("Throttles", 1, throttles), ("Throttles", 0, invocations)]
        points = (
            Point(Key(NAMESPACE, metric, dimensions), at, value, UNITS.get(metric, "Count"), times)
            for dimensions in dimension_sets(function, alias, alias or version, version)
            for metric, value, times in taken
            if times
        )
        self.store.put_late(points, visible_at)

    def fail_queries(self, times: int, status: str = "PartialData") -> None:
        """Let the next `times` calls of GetMetricData answer with this StatusCode in each result.

        PartialData keeps the newer half of the points, InternalError and Forbidden none.
        """
        if status not in STATUSES:
            raise ValueError(f"GetMetricData answers {sorted(STATUSES)}, not {status!r}")
        with self._lock:
            self._failures.extend([status] * times)

    def next_failure(self) -> str | None:
        """Take the next status that `fail_queries` asked for."""
        with self._lock:
            return self._failures.pop(0) if self._failures else None

    def clear(self) -> None:
        """Delete every point and every requested failure."""
        with self._lock:
            self._failures.clear()
            self._elsewhere.clear()
        self.store.clear()

    def now(self) -> float:
        return clock.current().time()
