"""The errors of a version, from the log lines of Lambda and its runtimes: types and counts, never messages."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tidegate.domain.foreign_text import error_type, parse_json, request_id
from tidegate.domain.invocation_log import FAILED

MOST = 3
"""Distinct errors that a verdict carries."""

TIMED_OUT = "Task timed out"

_INIT_GIVEN_UP = "the first run of the init"
"""What a line tells instead of a type: Lambda runs the init again, which logs its error again."""

_HEAD = 500
"""Characters in which a line of text tells what it is."""

_ENDED = re.compile(r"(?:END|REPORT) RequestId: (?P<request>\S{36})(?:\s|$)")
_STATUS = re.compile(r"\sStatus: (?P<status>[a-z]{1,20})(?:\sError Type: (?P<type>\S{1,150}))?")
_TIMED_OUT = re.compile(r"(?:\S{1,40} )?(?P<request>\S{36}) Task timed out after ")
_PYTHON = re.compile(r"\[ERROR\] (?P<type>[^\s:]{1,150})(?:: |[\r\n]|$)")
_JSON_TYPE = re.compile(r'"errorType":\s{0,9}"(?P<type>[^"\\]{1,150})"')


@dataclass(frozen=True)
class LogLine:
    """`at` is in milliseconds since 1970."""

    stream: str
    text: str
    at: int = 0


@dataclass(frozen=True)
class SeenError:
    """An error type, its count, and one request that ended with it, or one line without a request."""

    type: str
    count: int
    request_id: str | None
    unnamed: LogLine | None = None


@dataclass(frozen=True)
class _Error:
    type: str
    request: str | None
    line: LogLine


def distinct_errors(lines: Iterable[LogLine]) -> tuple[SeenError, ...]:
    """Return the most frequent types of errors; `lines` are in order of time, those of a stream at least.

    Both log formats of Lambda are read: text, and JSON (Lambda guide, "Log formats"). A line of the runtime for
    Python or Ruby names no request in text; the END that follows it in its stream does (`request_after`).
    """
    found = list(_errors(lines))
    counts = Counter(each.type for each in found)
    first: dict[str, _Error] = {}
    for each in found:
        if each.type not in first or (each.request and not first[each.type].request):
            first[each.type] = each
    return tuple(_seen(first[kind], count) for kind, count in counts.most_common(MOST))


def _seen(error: _Error, count: int) -> SeenError:
    return SeenError(error.type, count, error.request, None if error.request else error.line)


def request_after(line: LogLine, following: Sequence[LogLine]) -> str | None:
    """Name the request that a line of a stream belongs to: the first that ends after it.

    `following` are lines of the same stream in order, from `line` on.
    """
    texts = [each.text for each in following]
    if line.text not in texts:
        return None
    ends = (_ended(text) for text in texts[texts.index(line.text) + 1 :])
    return next((request for request in ends if request), None)


def _ended(text: str) -> str | None:
    """Name the request whose end a line reports."""
    if text.startswith("{"):
        event = _object(text)
        return _requested(event) if event.get("type") == "platform.report" else None
    found = _ENDED.match(text)
    return request_id(found["request"]) if found else None


def _errors(lines: Iterable[LogLine]) -> Iterator[_Error]:
    """Return each call that failed, once."""
    open_ones: dict[str, _Error] = {}
    told: set[str] = set()
    for line in lines:
        kind, request = _read(line.text)
        if kind == _INIT_GIVEN_UP:
            open_ones.pop(line.stream, None)
        elif kind and request is None:
            if line.stream in open_ones:
                yield open_ones[line.stream]
            open_ones[line.stream] = _Error(kind, None, line)
        elif kind and request and request not in told:
            told.add(request)
            open_one = open_ones.pop(line.stream, None)
            yield _Error(open_one.type if open_one else kind, request, line)
    yield from open_ones.values()


def _read(text: str) -> tuple[str | None, str | None]:
    """Return the error type and the request in a line, if there are any."""
    if text.startswith("{") and (event := _object(text)):
        return _read_json(event)
    head = text[:_HEAD]
    if head.startswith("REPORT "):
        status = _STATUS.search(head)
        kind = _failed(status["status"], status["type"]) if status else None
        return kind, _ended(head)
    if head.startswith("INIT_REPORT "):
        return None if "Phase: invoke" in head else _INIT_GIVEN_UP, None
    if timed_out := _TIMED_OUT.match(head):
        return TIMED_OUT, request_id(timed_out["request"])
    if python := _PYTHON.match(head):
        return error_type(python["type"]), None
    return _read_document(text)


def _read_document(text: str) -> tuple[str | None, str | None]:
    """Read the error of a runtime other than Python's, which logs it as a document.

    Node.js writes time, request and level before it, each followed by a tab; Ruby, Go and others write nothing.
    """
    fields = text[:_HEAD].split("\t", 3)
    named = _JSON_TYPE.search(text) if len(fields) < 4 or fields[2] == "ERROR" else None
    return (error_type(named["type"]), request_id(fields[1]) if len(fields) > 1 else None) if named else (None, None)


def _read_json(event: dict[str, Any]) -> tuple[str | None, str | None]:
    kind, record = str(event.get("type")), _record(event)
    if kind == "platform.report":
        return _failed(str(record.get("status")), record.get("errorType")), _requested(event)
    if kind.startswith("platform."):
        given_up = kind == "platform.initReport" and record.get("phase") == "init"
        return _INIT_GIVEN_UP if given_up else None, None
    return error_type(_logged(record).get("errorType")), _requested(event)


def _logged(record: dict[str, Any]) -> dict[str, Any]:
    """Find the error in a line of a runtime: Node.js puts it into the message, others beside it."""
    message = record.get("message")
    return message if isinstance(message, dict) and record.get("level") == "ERROR" else record


def _failed(status: str, named: object) -> str | None:
    """Name the error of a report with that status; None for a success."""
    if status not in FAILED:
        return None
    return TIMED_OUT if status == "timeout" else error_type(named) or "Error"


def _requested(event: dict[str, Any]) -> str | None:
    record = _record(event)
    return request_id(record.get("requestId") or record.get("AWSRequestId") or record.get("AWSrequestId"))


def _record(event: dict[str, Any]) -> dict[str, Any]:
    record = event.get("record")
    return record if isinstance(record, dict) else event


def _object(text: str) -> dict[str, Any]:
    """Parse a line; empty if it is not a JSON object."""
    try:
        event = parse_json(text)
    except ValueError:
        return {}
    return event if isinstance(event, dict) else {}
