"""Lambda's metrics of its invocations (Lambda developer guide, "Types of metrics for Lambda functions")."""

from collections import deque
from collections.abc import Iterator
from zlib import crc32

from localcloud.cloudwatch.store import Dimensions, Key, Point
from localcloud.lambda_.invocation import Invocation

NAMESPACE = "AWS/Lambda"
UNITS = {"Duration": "Milliseconds"}
LONGEST_SECONDS = 900.0


def dimension_sets(function: str, alias: str | None, qualifier: str | None, version: str) -> Iterator[Dimensions]:
    """Return the sets of dimensions under which an invocation appears, the account's (none) among them."""
    name = ("FunctionName", function)
    resource = ("Resource", f"{function}:{qualifier}" if qualifier else function)
    yield frozenset()
    yield frozenset({name})
    yield frozenset({name, resource})
    if alias:
        yield frozenset({name, resource, ("ExecutedVersion", version)})


def points(dimensions: Dimensions, at: float, values: dict[str, float]) -> Iterator[Point]:
    for metric, value in values.items():
        yield Point(Key(NAMESPACE, metric, dimensions), at, value, UNITS.get(metric, "Count"))


class Publisher:
    """Turns invocations into points."""

    def __init__(self) -> None:
        self._running: dict[Dimensions, deque[tuple[float, float]]] = {}

    def points(self, invocation: Invocation) -> list[Point]:
        """Return an invocation's points, at its *start*; a throttled one counts among Throttles alone."""
        values = {"Throttles": 1.0} if invocation.throttled else _values(invocation)
        sets = dimension_sets(
            invocation.function_name, invocation.alias, invocation.qualifier, invocation.executed_version
        )
        return [
            point
            for dimensions in sets
            for point in points(dimensions, invocation.started, values | self._concurrency(dimensions, invocation))
        ]

    def _concurrency(self, dimensions: Dimensions, invocation: Invocation) -> dict[str, float]:
        """Count the invocations that ended before it but after its start.

        Those that outlast it are not known yet; they count it in turn.
        """
        if invocation.throttled:
            return {}
        ended = self._running.setdefault(dimensions, deque())
        while ended and ended[0][1] < invocation.started - LONGEST_SECONDS:
            ended.popleft()
        together = 1
        for _, end in reversed(ended):
            if end <= invocation.started:
                break
            together += 1
        ended.append((invocation.started, invocation.ended))
        return {"ConcurrentExecutions": float(together)}


def _values(invocation: Invocation) -> dict[str, float]:
    """Return one invocation's values; errors and throttles are also reported as 0 for an invocation."""
    return {
        "Invocations": 1.0,
        "Errors": 1.0 if invocation.error_type else 0.0,
        "Throttles": 0.0,
        "Duration": invocation.duration_ms,
    }


def lateness(request_id: str, lag: float, jitter: float) -> float:
    """Return how long after its end an invocation is visible: the same for the same request, lag ± jitter."""
    share = crc32(request_id.encode()) / 0xFFFFFFFF
    return max(0.0, lag + (2 * share - 1) * jitter)
