"""`tidegate history`: past releases of a function, newest first."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import click

from tidegate.domain.foreign_text import one_line
from tidegate.domain.function_name import FunctionName
from tidegate.domain.rollout.proof import WORDS
from tidegate_cli.command import Command, Shared
from tidegate_cli.targets import FUNCTION, here
from tidegate_cli.terminal import say


@click.command(cls=Command)
@click.argument("function", type=FUNCTION)
@click.option("--alias", help="Show only this alias.")
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="Maximum number of releases."
)
@click.pass_obj
def history(shared: Shared, function: FunctionName, alias: str | None, limit: int) -> None:
    """List past releases of FUNCTION, or FUNCTION:ALIAS, with outcome and reason; the newest first."""
    _ = shared.stack
    name, alias = here(shared, function).name, function.alias or alias
    shown = False
    shared.output.begin()
    for document in islice(_found(name, alias), limit):
        shown = True
        style = {"fg": "red"} if document["labels"].get("emergency") else {}
        shared.output.show(document, line_of(document), **style)
    if not shown and not shared.json:
        say(f"no release of {name}{f':{alias}' if alias else ''} has been recorded")


def _found(function: str, alias: str | None) -> Iterator[dict[str, Any]]:
    from tidegate.aws.ledger import index, records

    for past in index.listed():
        targets = [t for t in past.targets if t.rpartition(":")[0] == function]
        wanted = [t for t in targets if alias in {None, t.rpartition(":")[2]}]
        record = records.record_of(past.name) if wanted else None
        if record:
            yield from (_document(past.name, target, record) for target in wanted)


def _document(release: str, target: str, record: Mapping[str, Any]) -> dict[str, Any]:
    from tidegate.aws.ledger import records
    from tidegate.domain.schedule import format_time

    plan = next(t for t in records.read(release).plan.targets if t.name == target)
    return {
        "type": "release",
        "release": release,
        "at": format_time(record["started"]),
        "function": plan.function,
        "alias": plan.alias,
        "from": plan.stable,
        "to": plan.canary,
        "strategy": record["plan"]["strategy"]["name"],
        "outcome": record.get("ended") or record["status"],
        "proof": record.get("proof", ""),
        "why": record.get("outcome", ""),
        "labels": record["labels"],
    }


def line_of(release: Mapping[str, Any]) -> str:
    versions = f"{release['from'] or 'none'} -> {release['to'] or '?'}"
    outcome = WORDS.get(release.get("proof", ""), release["outcome"])
    line = f"{release['at']}  {outcome:<11}  {versions:<10}  {release['strategy']}  {release['release']}"
    emergency = release["labels"].get("emergency")
    line += (f"  EMERGENCY: {emergency}" if emergency else "") + (f"  {release['why']}" if release["why"] else "")
    return one_line(line)
