"""Long sentences on a terminal: lines break between words. In a log nothing is wrapped."""

import re
import textwrap
from typing import Any

from tidegate_cli.terminal import say, width_of

COMMANDS = "watch|report|retry|release|rollback|plan|status|history|promote|hold|abort|drained|thaw"
COMMAND = re.compile(rf"\btidegate (?:{COMMANDS}) [\w:.-]*\w")
JOINT = "\x1f"
"""Stands for a blank at which no line breaks; text for a terminal has no control character."""


def tell(sentence: str, *, err: bool = False, **style: Any) -> None:
    """Write a sentence like `say`; on a terminal its lines break between words."""
    say("\n".join(wrapped(sentence, err=err)), err=err, **style)


def wrapped(text: str, *, indent: int = 0, err: bool = False) -> list[str]:
    """Return the lines of a text for stdout or stderr; those after the first one of each line are indented."""
    width = width_of(err=err)
    return [each for line in text.split("\n") for each in (filled(line, width, indent=indent) if width else [line])]


def filled(line: str, width: int, *, indent: int = 0) -> list[str]:
    """Break a line between words; what is longer than the line stays whole, and so does a command, to be copied."""
    if len(line) < width:
        return [line]
    found = textwrap.wrap(
        COMMAND.sub(lambda command: command[0].replace(" ", JOINT), line),
        max(width - 1, indent + 20),
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [each.replace(JOINT, " ") for each in found] or [""]
