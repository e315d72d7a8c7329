"""What a person can do after a release has ended: commands to copy."""

from collections.abc import Iterator

from tidegate.domain.foreign_text import one_line
from tidegate_cli.columns import GAP
from tidegate_cli.command import Shared
from tidegate_cli.ending import Ending
from tidegate_cli.outcome import Outcome

BLAMED = {"VersionFailed", "WorseAfterPromotion"}
"""Errors after which Plan refuses the same code without `again`."""


def next_commands(shared: Shared, release: str, ending: Ending, *, width: int | None = None) -> list[str]:
    """Return a line for each command, with what it is for; empty if nothing needs to be done.

    On a terminal with fewer columns, what it is for has a separate line, so that a command stays in one piece.
    """
    found = list(_commands(shared, release, ending))
    longest = max((len(command) for command, _ in found), default=0)
    lines = [f"next: {command:<{longest}}{GAP}# {what}" for command, what in found]
    if width is not None and any(len(line) >= width for line in lines):
        lines = [line for command, what in found for line in (f"next: # {what}", command)]
    return [one_line(line) for line in lines]


def _commands(shared: Shared, release: str, ending: Ending) -> Iterator[tuple[str, str]]:
    targets = [f"{each.function}:{each.alias}" for each in ending.targets]
    if ending.outcome is Outcome.ROLLED_BACK:
        yield shared.line("report", release), "what was compared, minute by minute"
        if ending.error in BLAMED:
            if targets:
                yield shared.line("release", *targets), "after a fix of the code"
            yield shared.line("retry", release, "--again"), "the same code, in spite of the verdict"
        else:
            yield shared.line("retry", release), "the same request again"
    elif ending.outcome is Outcome.NEEDS_HUMAN:
        yield shared.line("status", *targets[:1]), "what serves now"
        yield shared.line("report", release), "what happened"
