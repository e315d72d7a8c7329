"""Output to a terminal or a log: the last defence against foreign text."""

import shutil
import sys
from typing import Any, TextIO

import click


def say(text: str, *, err: bool = False, nl: bool = True, **style: Any) -> None:
    """Write text, escaped so that it contains no control sequence or command of a CI runner.

    Raises
    ------
    BrokenPipeError
        When the reader is gone, for example a closed terminal.
    """
    from tidegate.domain.foreign_text import for_log  # here, since the help is to import none of it

    say_raw(click.style(for_log(text), **style) if style else for_log(text), err=err, nl=nl)


def say_raw(text: str, *, err: bool = False, nl: bool = True, color: bool | None = None) -> None:
    """Write our own text, which may contain control sequences or commands of a CI runner; raises like `say`."""
    take_any_character()
    try:
        click.echo(text, err=err, nl=nl, color=color)
    except (OSError, ValueError) as error:  # EIO of a closed terminal; a closed file
        if isinstance(error, UnicodeError):
            raise
        raise BrokenPipeError from error


def take_any_character() -> None:
    """Make a stream write ? for characters that its encoding lacks, such as a Windows code page, instead of failing."""
    stream = sys.stdout
    if getattr(stream, "errors", None) == "strict" and hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="replace")


def width_of(*, err: bool = False) -> int | None:
    """Return the columns of the terminal; None where stdout, or stderr, is no terminal."""
    return shutil.get_terminal_size().columns if is_terminal(sys.stderr if err else sys.stdout) else None


def is_terminal(stream: TextIO | None) -> bool:
    """Return whether the stream is a terminal; a stream that was closed before the command began is None."""
    return stream is not None and not stream.closed and stream.isatty()
