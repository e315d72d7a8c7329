"""Make text from functions, people or AWS safe to show. Data keeps its text.

Terminals obey control characters (ECMA-48; OSC 8 and OSC 52 of xterm write links and the clipboard). The runners of
GitHub Actions and Azure Pipelines obey `##[` and `##vso[` anywhere in a line of a log, and GitHub's `::` at its begin
(actions/runner, ActionCommand.cs; "Workflow commands" in GitHub's documentation).
"""

import json
import re
from collections.abc import Mapping
from typing import Any

HIDDEN = "\N{REPLACEMENT CHARACTER}"
"""The replacement for an invisible or control character."""

_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 without tab and line end, DEL, C1
    "\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # bidi, separators, no width
    "\ud800-\udfff\ufffe\uffff\U000e0000-\U000e0fff]"  # surrogates, no characters, tags
)
"""Not the joiners U+200C and U+200D, which scripts and emoji need."""

_END_OF_LINE = re.compile("\r\n|[\n\x0b\x0c\r\x1c-\x1e\x85\u2028\u2029]")
_ANYWHERE = re.compile(r"##(?=\[|vso\[)", re.IGNORECASE)
_AT_THE_BEGIN = re.compile(r"^(\s*):(?=:)")


def visible(text: str) -> str:
    """Replace each hidden character; all that ends a line becomes a line end."""
    return _HIDDEN.sub(HIDDEN, _END_OF_LINE.sub("\n", text))


def one_line(text: str) -> str:
    """Write text as one line, all of whose characters can be seen; a colon needs no semicolon after it."""
    lines = (" ".join(line.split()) if "\t" in line else line.strip() for line in visible(text).split("\n"))
    ended = [f"{line}{'' if line.endswith(':') else ';'}" for line in lines if line]
    return " ".join(ended).removesuffix(";")


def undotted(text: object) -> str:
    """Write text without a dot at its end, for use inside a sentence."""
    return str(text).rstrip().rstrip(".")


def for_log(text: str) -> str:
    """Write text for a terminal or a log: visible, and without commands of a CI runner."""
    return "\n".join(_no_command(line) for line in visible(text).split("\n"))


def _no_command(line: str) -> str:
    return _AT_THE_BEGIN.sub(r"\1: ", _ANYWHERE.sub("## ", line))


def cleaned(value: Any) -> Any:
    """Make every text visible in a document of dictionaries and lists; names of fields stay."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, Mapping):
        return {name: cleaned(each) for name, each in value.items()}
    return [cleaned(each) for each in value] if isinstance(value, list | tuple) else value


def as_json(value: Any, **form: Any) -> str:
    """Write JSON in ASCII that is not a command in a log; parsing it returns the same value."""
    return _ANYWHERE.sub(r"#\\u0023", json.dumps(value, **form))


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
