"""`tidegate status`: running releases, and the state of each alias."""

from collections.abc import Mapping
from typing import Any

import click

from tidegate.domain.foreign_text import one_line
from tidegate.domain.function_name import FunctionName
from tidegate_cli import time_at_aws
from tidegate_cli.command import Command, Shared
from tidegate_cli.commands.freezes import line_of as line_of_freeze
from tidegate_cli.options import alias_option
from tidegate_cli.targets import FUNCTION, target_of


@click.command(cls=Command)
@click.argument("function", required=False, type=FUNCTION)
@alias_option
@click.pass_obj
def status(shared: Shared, function: FunctionName | None, alias: str | None) -> None:
    """Show, one line per alias, the version that serves and the running release.

    Without FUNCTION, show every alias that a release has locked. Freezes are shown, too.
    """
    _ = shared.stack
    from tidegate.aws.ledger import freezes, locks

    held = {lock.target: lock.release for lock in locks.read_all()}
    if function:
        target = ":".join(target_of(shared, function, alias))
        held = {target: held.get(target, "")}
    for target in sorted(held):
        document = _look(target, held[target])
        shared.output.show(document, line_of(document))
    if not held:
        shared.output.show({"type": "status", "running": 0}, "no release is running")
    functions = {target.rpartition(":")[0] for target in held} if function else None
    for freeze in freezes.read(int(time_at_aws.now())):
        if functions is None or any(freeze.covers(name, freeze.since) for name in functions):
            shared.output.show({"type": "freeze", **freeze.shown()}, f"frozen  {line_of_freeze(freeze.shown())}")


def _look(target: str, release: str) -> dict[str, Any]:
    """Return the version that serves a target, and the status of the release that has locked it."""
    from tidegate.aws.lambda_ import aliases
    from tidegate.aws.ledger import items
    from tidegate.domain.events.timeline import story

    function, _, alias = target.rpartition(":")
    found = aliases.read(function, alias)
    told = story(release, items.items(release)) if release else []
    return {
        "type": "status",
        "function": function,
        "alias": alias,
        "version": found.state.version if found else None,
        "weights": dict(found.state.weights) if found else {},
        "serves": str(found.state) if found else "there is no such alias",
        "release": release or None,
        "last": told[-1].model_dump(mode="json") if told else None,
    }


def line_of(status: Mapping[str, Any]) -> str:
    line = f"{status['function']}:{status['alias']}  {status['serves']}"
    if not status["release"]:
        return one_line(f"{line}  no release")
    last = status["last"]
    return one_line(f"{line}  release {status['release']}" + (f"  {last['type']}: {last['summary']}" if last else ""))
