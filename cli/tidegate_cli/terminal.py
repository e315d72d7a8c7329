"""What the command writes to a terminal or a log: the last line of defence against text that others wrote."""

import sys
from typing import Any, TextIO

import click


def say(text: str, *, err: bool = False, nl: bool = True, **style: Any) -> None:
    """Write text, in which nothing is a control sequence or a command of a runner.

    Raises
    ------
    BrokenPipeError
        When nobody reads it any more: the terminal was closed, say.
    """
    from tidegate.domain.foreign_text import for_log  # here, since the help is to import none of it

    say_raw(click.style(for_log(text), **style) if style else for_log(text), err=err, nl=nl)


def say_raw(text: str, *, err: bool = False, nl: bool = True, color: bool | None = None) -> None:
    """Write text that may hold control sequences or commands of a runner, which are ours; raises as `say`."""
    take_any_character()
    try:
        click.echo(text, err=err, nl=nl, color=color)
    except (OSError, ValueError) as error:  # EIO of a closed terminal; a closed file
        if isinstance(error, UnicodeError):
            raise
        raise BrokenPipeError from error


def take_any_character() -> None:
    """Have a stream write ? for what its encoding lacks, as a code page of Windows does, instead of failing."""
    stream = sys.stdout
    if getattr(stream, "errors", None) == "strict" and hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="replace")


def is_terminal(stream: TextIO | None) -> bool:
    """Whether somebody sits there; a stream that was closed before the command began is None."""
    return stream is not None and not stream.closed and stream.isatty()
