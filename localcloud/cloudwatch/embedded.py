"""Metrics in a log line (CloudWatch user guide, "Specification: Embedded metric format").

Not at the line's own timestamp but when it was logged: `datetime.now` of a function is real time.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from moto.logs.models import LogStream

from localcloud.cloudwatch.metrics import Metrics
from localcloud.cloudwatch.store import Key, Point

MARK = '"_aws"'
PUT = LogStream.put_log_events


def install(metrics: Metrics) -> None:
    """Check every event that is put into a log."""
    LogStream.put_log_events = _looking(metrics, PUT)  # type: ignore[method-assign] # a part of moto replaced


def _looking(metrics: Metrics, put: Callable[..., str]) -> Callable[..., str]:
    def put_log_events(stream: Any, log_events: Sequence[Mapping[str, Any]]) -> str:
        metrics.at(stream.account_id, stream.region).store.put(
            [point for event in log_events for point in points(event["message"], event["timestamp"] / 1000)]
        )
        return put(stream, log_events)

    return put_log_events


def points(message: str, at: float) -> Iterator[Point]:
    """Return the points that a line carries; none where it is no such line, or not a whole one."""
    if MARK not in message:
        return
    try:
        line = json.loads(message)
        found = [point for directive in line["_aws"]["CloudWatchMetrics"] for point in _of(directive, line, at)]
    except (ValueError, TypeError, KeyError):
        return
    yield from found


def _of(directive: Mapping[str, Any], line: Mapping[str, Any], at: float) -> Iterator[Point]:
    for names in directive["Dimensions"]:
        dimensions = frozenset((name, str(line[name])) for name in names)
        for metric in directive["Metrics"]:
            written = line[metric["Name"]]
            for value in written if isinstance(written, list) else [written]:
                key = Key(directive["Namespace"], metric["Name"], dimensions)
                yield Point(key, at, float(value), metric.get("Unit", "None"))
