"""`tidegate verify`: whether AWS does what Tidegate relies on, here, with its own functions."""

import secrets
import sys
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tidegate_cli.command import Command, Shared
from tidegate_cli.outcome import Outcome, Stop
from tidegate_cli.terminal import is_terminal, say

if TYPE_CHECKING:
    from tidegate_cli.verify.checks import Check
    from tidegate_cli.verify.cleaning import Client
    from tidegate_cli.verify.ground import Ground
    from tidegate_cli.verify.running import Result

COST, MINUTES = "$0.10", 20
MINUTES_END_TO_END = 45
STYLES: dict[bool | None, dict[str, Any]] = {True: {"fg": "green"}, False: {"fg": "red", "bold": True}, None: {}}


@click.command(cls=Command, examples=["tidegate verify", "tidegate verify --only alias-routing --yes"])
@click.option("--yes", is_flag=True, help="Begin without asking.")
@click.option("--only", multiple=True, metavar="ID", help="Check this row alone; repeatable.")
@click.option(
    "--output",
    default="tidegate-verified",
    show_default=True,
    type=click.Path(path_type=Path),
    metavar="NAME",
    help="Write the results to NAME.json and NAME.md.",
)
@click.option("--end-to-end", is_flag=True, help="Release versions by Tidegate's stack, too, and compare how they end.")
@click.option("--clean", is_flag=True, help="Remove what interrupted runs have left, and check nothing.")
@click.pass_obj
def verify(shared: Shared, *, yes: bool, only: tuple[str, ...], output: Path, end_to_end: bool, clean: bool) -> None:
    """Check that AWS does what Tidegate relies on, in this account and Region.

    Makes small functions, state machines, alarms, tables, a bucket, roles, two event buses and a queue, whose names
    begin with tidegate-verify-, and removes them. Exits 1 when something differs.
    """
    shared.connect()
    client = _clients()
    if clean:
        _clean(shared, client)
        return
    checks = _chosen(only, end_to_end=end_to_end)
    place = client("lambda").meta.region_name
    _ask(place, checks, yes=yes, end_to_end=end_to_end)
    results = _run(shared, checks, _ground(shared, client), output)
    raise click.exceptions.Exit(Outcome.FAILED.code if any(each.seen.ok is False for each in results) else 0)


def _clients() -> "Client":
    from functools import cache

    import boto3

    session: Any = boto3  # not every service has stubs

    @cache
    def client(service: str, region: str | None = None) -> Any:
        return session.client(service, region_name=region)

    return client


def _ground(shared: Shared, client: "Client") -> "Ground":
    from tidegate_cli.verify.ground import Ground, real_now

    return Ground(client, real_now(client), time.sleep, secrets.token_hex(3), lambda: shared.stack)


def _chosen(only: Iterable[str], *, end_to_end: bool) -> "list[Check]":
    from tidegate_cli.verify.checks import load
    from tidegate_cli.verify.end_to_end import END_TO_END

    checks = load()
    unknown = [name for name in only if name not in checks]
    if unknown:
        raise click.BadParameter(f"there is no row {', '.join(unknown)}; there are {', '.join(checks)}")
    chosen = only or [name for name in checks if end_to_end or name not in END_TO_END]
    return [check for name, check in checks.items() if name in chosen]


def _ask(place: str, checks: "list[Check]", *, yes: bool, end_to_end: bool) -> None:
    minutes = MINUTES_END_TO_END if end_to_end else MINUTES
    say(
        f"Rows to check in {place}: {len(checks)}, with functions and other resources that are made for it and "
        f"removed again. It takes up to {minutes} minutes and costs up to {COST}. "
        "The permissions that it needs are in docs/verify.md.",
        err=True,
    )
    if yes:
        return
    if not is_terminal(sys.stdin):
        raise Stop(Outcome.REFUSED, "Nobody is there to be asked. Begin without asking: tidegate verify --yes")
    click.confirm("Begin?", abort=True, err=True)


def _run(shared: Shared, checks: "list[Check]", ground: "Ground", output: Path) -> "list[Result]":
    """Run the checks, show each result and write them down; remove what was made, also when interrupted."""
    from tidegate_cli.verify.running import counted, run

    results: list[Result] = []
    try:
        for result in run(checks, ground):
            results.append(result)
            _show(shared, result)
    except KeyboardInterrupt:
        raise Stop(Outcome.INTERRUPTED, "Interrupted.") from None
    finally:
        _write(output, ground.client("lambda").meta.region_name, results)
        say("Removing what was made. If this is interrupted, too: tidegate verify --clean", err=True)
        _clean(shared, ground.client, ground.run)
    say(counted(results), err=True)
    return results


def _show(shared: Shared, result: "Result") -> None:
    check, seen = result.check, result.seen
    detail = seen.text if seen.ok else f"expected {check.expected}; seen {seen.text}"
    before = f"{seen.word:<15} {check.id:<24} "
    shared.output.show(result.document(), before + detail, indent=len(before), **STYLES[seen.ok])


def _clean(shared: Shared, client: "Client", run: str = "") -> None:
    from tidegate_cli.verify.cleaning import clean

    for removed in clean(client, run):
        if not run or shared.verbose:
            shared.output.show({"type": "removed", "resource": removed}, f"removed         {removed}")


def _write(output: Path, place: str, results: "list[Result]") -> None:
    import json
    from importlib.metadata import version

    from tidegate_cli.verify.running import in_markdown

    day, tool = f"{datetime.now(UTC):%Y-%m-%d}", f"tidegate {version('tidegate')}"
    document = {"region": place, "day": day, "tool": tool, "results": [each.document() for each in results]}
    for suffix, text in (
        (".json", json.dumps(document, indent=1, ensure_ascii=False) + "\n"),
        (".md", in_markdown(place, day, tool, results)),
    ):
        output.with_name(output.name + suffix).write_text(text, encoding="utf-8")
    say(f"Results: {output}.json and {output}.md; attach them to an issue", err=True)
