"""FilterLogEvents by a prefix of stream names and with a pattern, both of which moto ignores.

What was written appears at once, or some seconds later where a cloud says so: on AWS it does, and no page promises
within which time.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from moto.logs.exceptions import InvalidParameterException, ResourceNotFoundException
from moto.logs.responses import LogsResponse

from localcloud.clock import current

MOST_EVENTS, MOST_BYTES = 10_000, 1_048_576
"""Of a page (CloudWatch Logs API reference, FilterLogEvents)."""

_late = 0.0


def appear_after(seconds: float) -> float:
    """Let lines appear so many emulated seconds after they were written; return how many it was before."""
    global _late
    before, _late = _late, seconds
    return before


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
    page = list(_page(found[offset : offset + size]))
    end = offset + len(page)
    more = {"nextToken": str(end)} if end < len(found) else {}
    return {"events": page, "searchedLogStreams": [], **more}


def _page(events: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Give as many as fit into a page, one at least."""
    size = 0
    for number, event in enumerate(events):
        size += len(event["message"].encode())
        if number and size > MOST_BYTES:
            return
        yield event


def _found(group: Any, asked: Any) -> Iterator[dict[str, Any]]:
    names, prefix = asked("logStreamNames"), asked("logStreamNamePrefix")
    start, end = asked("startTime") or 0, asked("endTime") or float("inf")
    there = (current().time() - _late) * 1000
    for name, stream in list(group.streams.items()):
        if (not names or name in names) and name.startswith(prefix or ""):
            for event in list(stream.events):
                if event.ingestion_time > there:
                    break  # of a stream, the later lines were also written later
                if start <= event.timestamp <= end and matches(asked("filterPattern") or "", event.message):
                    yield {**event.to_filter_dict(), "logStreamName": name}


JSON = re.compile(r"\{\s*(?P<any>.*\S)\s*\}", re.DOTALL)
EQUAL = re.compile(r'\(?\s*\$\.(?P<path>[\w.-]+)\s*=\s*"(?P<value>[^"*]*)"\s*\)?')


def matches(pattern: str, message: str) -> bool:
    """Return whether a message fits a pattern of text or of JSON.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html. Of text: all terms, and one of
    those with a question mark if there are any. Of JSON: only `{ ($.PATH = "TEXT") || … }`.
    """
    if of_json := JSON.fullmatch(pattern):
        return _equals(of_json["any"], message)
    terms = [(found[0].startswith("?"), found["quoted"] or found["plain"] or "") for found in TERM.finditer(pattern)]
    optional = [term for is_optional, term in terms if is_optional]
    needed = [term for is_optional, term in terms if not is_optional]
    return all(term in message for term in needed) and (not optional or any(term in message for term in optional))


def _equals(conditions: str, message: str) -> bool:
    wanted = [EQUAL.fullmatch(each.strip()) for each in conditions.split("||")]
    if not all(wanted):
        raise InvalidParameterException('Invalid filter pattern: the local cloud knows $.PATH = "TEXT" and || only')
    try:
        event = json.loads(message)
    except ValueError:
        return False
    return any(_at(event, each["path"]) == each["value"] for each in wanted if each)


def _at(event: Any, path: str) -> Any:
    for name in path.split("."):
        event = event.get(name) if isinstance(event, dict) else None
    return event
