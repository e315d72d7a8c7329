"""Foreign text, such as answers and logs of functions: limited, on one line, validated."""

import json
import re
from typing import Any

from tidegate.domain.foreign_text import one_line

LONGEST_TYPE = 100
"""Characters of an error type."""

_REQUEST_ID = re.compile(r"[0-9a-f-]{36}")
_TYPE = re.compile(rf"[A-Za-z_][\w.$:]{{0,{LONGEST_TYPE - 1}}}")
_OF_RUBY = re.compile(r"(?:Function|Init)<(.{1,100})>")


def shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}…"


def short_line(text: str, longest: int) -> str:
    """Cut `text` to `longest` characters on one line; before it is read, since it may be large."""
    return shortened(one_line(text[: longest + 1]), longest)


def parse_json(text: str | bytes) -> Any:
    """Parse JSON. Raises ValueError, also for deeply nested text, where Python raises RecursionError."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def request_id(value: object) -> str | None:
    """Return `value` if it is the id of an invocation: 36 characters (Lambda guide, "Lambda context object")."""
    return value if isinstance(value, str) and _REQUEST_ID.fullmatch(value) else None


def error_type(value: object) -> str | None:
    """Return `value` if it is the name of a type; the runtime for Ruby puts it into `Function<…>` or `Init<…>`."""
    if not isinstance(value, str):
        return None
    in_ruby = _OF_RUBY.fullmatch(value)
    name = in_ruby[1] if in_ruby else value
    return name if _TYPE.fullmatch(name) else None
