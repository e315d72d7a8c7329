"""Why an init failed, from the lines with errors in a version's log: for an init without an invocation."""

import re
from collections.abc import Iterable
from typing import Any

from tidegate.domain import init_failure
from tidegate.domain.foreign_text import error_type, parse_json, short_line
from tidegate.domain.init_failure import InitFailure
from tidegate.domain.invocation_log import read_log

LONGEST_MESSAGE = 300
"""Characters of an error's message."""

_PYTHON = re.compile(r"\[ERROR\] (?P<type>[^\s:]{1,150})(?:: (?P<message>[^\r\n]*))?")
_STATUS_OF_INIT = re.compile(r"^INIT_REPORT .*\sError Type: (?P<type>\S{1,150})")


def init_failure_in(lines: Iterable[str]) -> tuple[InitFailure, str]:
    """Return the name of the failure, and the runtime's own words; without an error in the log, that it has none."""
    texts = list(lines)
    found = [each for text in texts if (each := _error(text))]
    timed_out = any(each.status == "timeout" for text in texts for each in read_log(text).inits)
    if not found and timed_out:
        return init_failure.of_error("", "", timed_out=True), "its init timed out"
    if not found:
        return init_failure.of_error("", "", timed_out=False), "its log shows no error"
    kind, message = next((each for each in found if each[1]), found[0])
    said = f"{kind}: {message}" if message else kind
    return init_failure.of_error(kind, message, timed_out=timed_out), said


def _error(text: str) -> tuple[str, str] | None:
    """Return the error's type and message in a line of the platform, of Python's runtime or of another one."""
    if reported := _STATUS_OF_INIT.search(text):
        return _named(reported["type"], "")
    if python := _PYTHON.match(text):
        return _named(python["type"], python["message"])
    begin = text.find("{")
    try:
        document = parse_json(text[begin:]) if begin >= 0 else None
    except ValueError:
        return None
    return _in_document(document)


def _in_document(document: Any) -> tuple[str, str] | None:
    """Read a document of a runtime; in JSON logs, Node.js puts it into the message, the platform into the record."""
    inner = (document.get("message"), document.get("record")) if isinstance(document, dict) else ()
    for each in (document, *inner):
        if isinstance(each, dict) and each.get("errorType"):
            return _named(each["errorType"], each.get("errorMessage"))
    return None


def _named(kind: Any, message: Any) -> tuple[str, str] | None:
    name = error_type(kind)
    return (name, short_line(message, LONGEST_MESSAGE) if isinstance(message, str) else "") if name else None
