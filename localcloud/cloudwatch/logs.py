"""FilterLogEvents by a prefix of stream names and with alternatives in its pattern, both of which moto ignores."""

import json
import re
from collections.abc import Iterator
from typing import Any

from moto.logs.exceptions import ResourceNotFoundException
from moto.logs.responses import LogsResponse

MOST_EVENTS = 10_000
TERM = re.compile(r'\??(?:"(?P<quoted>[^"]*)"|(?P<plain>\S+))')


def install() -> None:
    """Put ours in the place of moto's."""

    def filter_log_events(self: Any) -> str:
        return json.dumps(_answer(self))

    setattr(LogsResponse, filter_log_events.__name__, filter_log_events)


def _answer(response: Any) -> dict[str, Any]:
    asked = response._get_param
    name = asked("logGroupName") or asked("logGroupIdentifier")
    if name not in response.logs_backend.groups:
        raise ResourceNotFoundException
    found = sorted(_found(response.logs_backend.groups[name], asked), key=lambda event: event["timestamp"])
    offset, size = int(asked("nextToken") or 0), int(asked("limit") or MOST_EVENTS)
    more = {"nextToken": str(offset + size)} if offset + size < len(found) else {}
    return {"events": found[offset : offset + size], "searchedLogStreams": [], **more}


def _found(group: Any, asked: Any) -> Iterator[dict[str, Any]]:
    names, prefix = asked("logStreamNames"), asked("logStreamNamePrefix")
    start, end = asked("startTime") or 0, asked("endTime") or float("inf")
    for name, stream in list(group.streams.items()):
        if (not names or name in names) and name.startswith(prefix or ""):
            for event in list(stream.events):
                if start <= event.timestamp <= end and matches(asked("filterPattern") or "", event.message):
                    yield {**event.to_filter_dict(), "logStreamName": name}


def matches(pattern: str, message: str) -> bool:
    """Return whether a message has all terms of a text pattern, and one of those with a question mark if there are any.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html; of JSON patterns nothing.
    """
    terms = [(found[0].startswith("?"), found["quoted"] or found["plain"] or "") for found in TERM.finditer(pattern)]
    optional = [term for is_optional, term in terms if is_optional]
    needed = [term for is_optional, term in terms if not is_optional]
    return all(term in message for term in needed) and (not optional or any(term in message for term in optional))
