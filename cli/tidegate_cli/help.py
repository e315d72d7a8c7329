"""The help of a command: options under headings, and examples."""

from collections.abc import Iterable, Sequence
from typing import Any

import click

EVERYWHERE = "Options of every command"


class Option(click.Option):
    """An option, and the heading under which the help lists it."""

    def __init__(self, *arguments: Any, heading: str = "Options", **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.heading = heading


def write_options(parameters: Iterable[click.Parameter], ctx: click.Context, formatter: click.HelpFormatter) -> None:
    """List the options by heading, in the order in which headings first appear; the shared ones come last."""
    by_heading: dict[str, list[tuple[str, str]]] = {}
    for parameter in parameters:
        row = parameter.get_help_record(ctx)
        if row:
            usual = EVERYWHERE if parameter.name == "help" else "Options"
            by_heading.setdefault(getattr(parameter, "heading", usual), []).append(row)
    for heading in sorted(by_heading, key=lambda each: each == EVERYWHERE):
        with formatter.section(heading):
            formatter.write_dl(by_heading[heading])


def write_examples(examples: Sequence[str], formatter: click.HelpFormatter) -> None:
    if examples:
        with formatter.section("Examples"):
            for example in examples:
                formatter.write(f"{'':>{formatter.current_indent}}{example}\n")
