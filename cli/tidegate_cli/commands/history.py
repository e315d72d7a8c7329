"""`tidegate history`: past releases of a function, newest first."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import click

from tidegate.domain.function_name import FunctionName
from tidegate.domain.rollout.proof import words_for
from tidegate_cli.columns import GAP, columns
from tidegate_cli.command import Command, Shared
from tidegate_cli.targets import FUNCTION, here
from tidegate_cli.terminal import say, width_of

HEADER = ("STARTED", "OUTCOME", "VERSIONS", "STRATEGY", "TOOK", "RELEASE", "WHY")
LEFT_OUT, ROOM = ("STRATEGY", "TOOK", "RELEASE"), 20
"""What a narrow terminal does not show, and the characters that WHY then has at least."""


@click.command(cls=Command, examples=["tidegate history checkout", "tidegate history checkout:live --limit 5 --wide"])
@click.argument("function", type=FUNCTION)
@click.option("--alias", help="Show only this alias.")
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="Maximum number of releases."
)
@click.option("--wide", is_flag=True, help="Show labels, too, and do not cut lines at the width of the terminal.")
@click.pass_obj
def history(shared: Shared, *, function: FunctionName, alias: str | None, limit: int, wide: bool) -> None:
    """List past releases of FUNCTION, or FUNCTION:ALIAS, with outcome and reason; the newest first."""
    _ = shared.stack
    name, alias = here(shared, function).name, function.alias or alias
    shared.output.begin()
    documents = list(islice(_found(name, alias), limit))
    if shared.json:
        for document in documents:
            shared.output.document(document)
    elif documents:
        _print(documents, wide=wide)
    else:
        say(f"no release of {name}{f':{alias}' if alias else ''} has been recorded")


def _print(documents: list[dict[str, Any]], *, wide: bool) -> None:
    width = None if wide else width_of()
    rows = [HEADER, *(row_of(document, labels=wide) for document in documents)]
    shown, *others = rows if width is None else fitting(rows, width)
    header, *lines = columns(shown, others, width=width)
    say(header)
    for document, line in zip(documents, lines, strict=True):
        say(line, **_style(document))


def _style(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the look of a line: red for an emergency, amber for a promotion without proof."""
    if document["labels"].get("emergency"):
        return {"fg": "red"}
    outcome = document["outcome"]
    return {} if words_for(outcome, document["proof"]) == outcome else {"fg": "yellow"}


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
        "ended_at": format_time(record["ended_at"]) if "ended_at" in record else None,
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


def row_of(release: Mapping[str, Any], *, labels: bool) -> tuple[str, ...]:
    """Return the cells of a release; its labels, except for an emergency, only on request."""
    emergency = release["labels"].get("emergency")
    others = [f"{name}={text}" for name, text in release["labels"].items() if name != "emergency"]
    why = [f"EMERGENCY: {emergency}" if emergency else "", release["why"], " ".join(others) if labels else ""]
    return (
        release["at"],
        words_for(release["outcome"], release["proof"]),
        f"{release['from'] or 'none'} -> {release['to'] or '?'}",
        release["strategy"],
        _took(release),
        release["release"],
        "  ".join(filter(None, why)),
    )


def fitting(rows: Sequence[Sequence[str]], width: int) -> list[list[str]]:
    """Leave out columns, the least needed first, until the last one has some room on a line of the terminal."""
    table = [dict(zip(HEADER, row, strict=True)) for row in rows]
    for name in LEFT_OUT:
        *others, _ = table[0]
        if sum(max(len(row[each]) for row in table) + len(GAP) for each in others) + ROOM <= width:
            break
        table = [{each: cell for each, cell in row.items() if each != name} for row in table]
    return [list(row.values()) for row in table]


def _took(release: Mapping[str, Any]) -> str:
    from tidegate.domain.schedule import parse_time, readable_duration

    ended = release["ended_at"]
    return readable_duration(parse_time(ended) - parse_time(release["at"])) if ended else ""
