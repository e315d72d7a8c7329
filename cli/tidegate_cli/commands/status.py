"""`tidegate status`: what serves, what is running, what is frozen."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from tidegate.domain.function_name import FunctionName
from tidegate_cli import time_at_aws
from tidegate_cli.columns import columns
from tidegate_cli.command import Command, Shared
from tidegate_cli.options import alias_option
from tidegate_cli.targets import FUNCTION, target_of
from tidegate_cli.terminal import say, width_of

if TYPE_CHECKING:
    from tidegate_cli.known_aliases import KnownAlias, Overview

HEADER = ("ALIAS", "SERVES", "WHAT")


@click.command(cls=Command, examples=["tidegate status", "tidegate status --all", "tidegate status checkout"])
@click.argument("function", required=False, type=FUNCTION)
@alias_option
@click.option("--all", "every", is_flag=True, help="Show every alias that Tidegate knows, with its last release.")
@click.pass_obj
def status(shared: Shared, *, function: FunctionName | None, alias: str | None, every: bool) -> None:
    """Show, one line per alias, the version that serves, the running release and the freeze.

    Without FUNCTION, show every alias with a release, with a freeze, or split between two versions; with --all, also
    the others that were ever released. Exits 1 for a function or an alias that does not exist.
    """
    _ = shared.stack
    from tidegate_cli.existence import missing
    from tidegate_cli.known_aliases import known

    if function:
        target = ":".join(target_of(shared, function, alias))
        found = known(target)
        _show(shared, found.aliases, last=True)
        if not any(each.state for each in found.aliases):
            raise missing(target)
        return
    found = known()
    shown = [each for each in found.aliases if every or each.notable]
    _show(shared, shown, last=every)
    _show_rest(shared, found, shown)


def _show(shared: Shared, shown: "Sequence[KnownAlias]", *, last: bool) -> None:
    if shared.json:
        for each in shown:
            shared.output.document(each.document())
        return
    now = time_at_aws.now()
    rows = [(each.target, each.serves, each.what(now, last=last)) for each in shown]
    for line in columns(HEADER, rows, width=width_of(), cut=False) if rows else ():
        say(line)


def _show_rest(shared: Shared, found: "Overview", shown: "Sequence[KnownAlias]") -> None:
    """Show freezes that cover no known alias; say so if there is nothing at all."""
    for freeze in found.other_freezes:
        shared.output.show({"type": "freeze", **freeze.shown()}, f"{freeze.pattern}  {freeze}")
    if found.omitted:
        say(f"{found.omitted} more aliases were not read; name one: tidegate status FUNCTION", err=True)
    if not shown and not found.other_freezes:
        sentence = f"no release is running, nothing is frozen, no alias is split ({_counted(found)})"
        shared.output.show({"type": "status", "running": 0}, sentence)


def _counted(found: "Overview") -> str:
    number = len(found.aliases) + found.omitted
    return f"{number} known: tidegate status --all" if number else "no alias was ever released"
