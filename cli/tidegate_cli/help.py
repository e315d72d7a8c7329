"""The help of a command: options under headings, and examples."""

from collections.abc import Iterable, Sequence
from typing import Any

import click

HELP = {"help_option_names": ["-h", "--help"]}

EVERYWHERE = "Options of every command"
HEADINGS = ("Options", "Starting", "Watching", "In CI", EVERYWHERE)


class Option(click.Option):
    """An option, and the heading under which the help lists it."""

    def __init__(self, *arguments: Any, heading: str = "Options", **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.heading = heading


def name_variables(parameters: Iterable[click.Parameter], prefix: str | None) -> None:
    """Give each option the variable with its name, PREFIX_LABEL for --label; Click takes the parameter's name."""
    for each in parameters:
        flag = next((name for name in each.opts if name.startswith("--")), None)
        if isinstance(each, click.Option) and each.envvar is None and prefix and flag:
            each.envvar = f"{prefix}_{flag.removeprefix('--').replace('-', '_').upper()}"


def write_options(parameters: Iterable[click.Parameter], ctx: click.Context, formatter: click.HelpFormatter) -> None:
    """List the options by heading; those of every command come last."""
    by_heading: dict[str, list[tuple[str, str]]] = {heading: [] for heading in HEADINGS}
    for parameter in parameters:
        row = parameter.get_help_record(ctx) if isinstance(parameter, click.Option) else None
        if row:
            usual = EVERYWHERE if "--help" in parameter.opts else HEADINGS[0]
            by_heading[getattr(parameter, "heading", usual)].append(row)
    for heading in filter(by_heading.get, HEADINGS):
        with formatter.section(heading):
            formatter.write_dl(by_heading[heading])


def write_examples(examples: Sequence[str], formatter: click.HelpFormatter) -> None:
    if examples:
        with formatter.section("Examples"):
            for example in examples:
                formatter.write(f"{'':>{formatter.current_indent}}{example}\n")
