"""What errors a version made, from the lines that Lambda and its runtimes log: types and counts, never messages."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

MOST = 3
"""Distinct errors that a verdict carries."""

_TYPE = r"[A-Za-z_][\w.$:]{0,99}"
_REPORT = re.compile(r"^REPORT RequestId: (?P<request>\S+)\t.*Status: (?P<status>\w+)(?:\tError Type: (?P<type>\S+))?")
_TIMED_OUT = re.compile(r"(?P<request>[0-9a-f-]{36}) Task timed out after ")
_PYTHON = re.compile(rf"^\[ERROR\] (?P<type>{_TYPE})(?:: |\r|\n|$)")
_NODE = re.compile(rf'\t(?P<request>[0-9a-f-]{{36}})\tERROR\t.*"errorType":\s*"(?P<type>{_TYPE})"')
TIMED_OUT = "Task timed out"


@dataclass(frozen=True)
class LogLine:
    stream: str
    text: str


@dataclass(frozen=True)
class SeenError:
    """An error type, how often it was seen, and one request that ended in it (None: the line did not tell)."""

    type: str
    count: int
    request_id: str | None


def distinct_errors(lines: Iterable[LogLine]) -> tuple[SeenError, ...]:
    """Give the most frequent types of errors; `lines` are in order of time, those of a stream at least.

    Both log formats of Lambda are read: text, and JSON (Lambda guide, "Log formats"). A line of the runtime for
    Python names no request in text; the report that follows it in its stream does.
    """
    found = list(_errors(lines))
    counts = Counter(kind for kind, _ in found)
    requests = {kind: request for kind, request in reversed(found) if request}
    return tuple(SeenError(kind, count, requests.get(kind)) for kind, count in counts.most_common(MOST))


def _errors(lines: Iterable[LogLine]) -> Iterator[tuple[str, str | None]]:
    """Give the error type and the request of each call that failed, once."""
    open_ones: dict[str, str] = {}
    told: set[str] = set()
    for line in lines:
        kind, request = _read(line.text)
        if kind and request is None:
            if line.stream in open_ones:
                yield open_ones[line.stream], None
            open_ones[line.stream] = kind
        elif kind and request and request not in told:
            told.add(request)
            yield open_ones.pop(line.stream, kind), request
    for kind in open_ones.values():
        yield kind, None


def _read(text: str) -> tuple[str | None, str | None]:
    """Give the error type and the request that a line tells of, if it does."""
    if text.startswith("{"):
        return _read_json(text)
    if report := _REPORT.match(text):
        failed = report["status"] in {"error", "failure", "timeout"}
        kind = report["type"] or (TIMED_OUT if report["status"] == "timeout" else "Error")
        return (kind, report["request"]) if failed else (None, None)
    if timed_out := _TIMED_OUT.search(text):
        return TIMED_OUT, timed_out["request"]
    if node := _NODE.search(text):
        return node["type"], node["request"]
    python = _PYTHON.match(text)
    return (python["type"], None) if python else (None, None)


def _read_json(text: str) -> tuple[str | None, str | None]:
    try:
        line: Any = json.loads(text)
    except ValueError:
        return None, None
    if not isinstance(line, dict):
        return None, None
    record: Any = line.get("record") if isinstance(line.get("record"), dict) else line
    request = record.get("requestId") or record.get("AWSRequestId")
    if line.get("type") == "platform.report":
        if record.get("status") not in {"error", "failure", "timeout"}:
            return None, None
        kind = record.get("errorType") or (TIMED_OUT if record["status"] == "timeout" else "Error")
    else:
        kind = record.get("errorType")
    valid = isinstance(kind, str) and (kind == TIMED_OUT or re.fullmatch(_TYPE, kind))
    return (kind, request if isinstance(request, str) else None) if valid else (None, None)
