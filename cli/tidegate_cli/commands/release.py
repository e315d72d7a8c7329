"""`tidegate release`: start a release, or find the existing one, and follow it."""

import os
from typing import Any, BinaryIO

import click

from tidegate.domain.function_name import FunctionName
from tidegate_cli.command import Command, Shared
from tidegate_cli.metric_options import judging, metrics_given
from tidegate_cli.options import choosing, starting
from tidegate_cli.request import (
    analysis_with,
    check_named,
    labels_given,
    read_request,
    strategy_given,
    targets_named,
    targets_of,
    with_targets,
)

OF_ANALYSIS = ("on_inconclusive", "on_idle", "on_hold_expired")
"""Options that are fields of the analysis."""


@click.command(cls=Command)
@choosing
@judging
@click.option(
    "--on-inconclusive",
    type=click.Choice(["promote", "hold", "rollback"]),
    help="What to do when the evidence stays inconclusive.  [default: the strategy's]",
)
@click.option(
    "--on-idle",
    type=click.Choice(["promote", "hold", "refuse"]),
    help="What to do if almost no calls are expected.  [default: the stack's, promote]",
)
@click.option(
    "--on-hold-expired",
    type=click.Choice(["rollback", "promote"]),
    help="What to do if the release is held and nobody decides in time.  [default: the stack's, rollback]",
)
@click.option("--create-alias", is_flag=True, help="Create the alias if it does not exist.")
@click.option("--again", is_flag=True, help="Release code even if it was rolled back before.")
@click.option(
    "--emergency", metavar="REASON", help="Skip the canary: shift all traffic at once, after the probe. Recorded."
)
@click.option(
    "--on-conflict",
    type=click.Choice(["refuse", "supersede"]),
    help="What to do when another release has locked the alias; supersede stops that release and rolls it back.  "
    "[default: refuse]",
)
@click.option("--label", "labels", multiple=True, callback=labels_given, metavar="NAME=TEXT", help="Repeatable.")
@click.option(
    "--request",
    type=click.File("rb"),
    help="File with the request as JSON (docs/request.schema.json), instead of FUNCTION; - reads stdin.",
)
@click.option("--publish-sha", metavar="SHA", help="Refuse unless $LATEST has this CodeSha256.")
@starting
@click.pass_obj
def release(shared: Shared, /, functions: tuple[FunctionName, ...], request: BinaryIO | None, **options: Any) -> None:
    """Release functions: publish $LATEST, probe it, shift the alias in steps, finish or roll back.

    FUNCTION may be FUNCTION:ALIAS or an ARN; several are released together. A repeated call, for the same code or
    from the same run of a CI job, finds the existing release and reports its outcome.
    """
    if bool(functions) == (request is not None):
        raise click.UsageError("give a FUNCTION or a --request; example: tidegate release checkout")
    content = read_request(request) if request is not None else {}
    strategy = _strategy(options)
    check_named(functions, options["alias"])
    if request is not None:
        targets = targets_of(shared, content, options["alias"])
        rest = {name: value for name, value in content.items() if name not in {"targets", *targets[0]}}
    else:
        version = None if options["version"] == "publish" else options["version"]
        named = {"version": version, "create_alias": options["create_alias"], "again": options["again"]}
        targets, rest = targets_named(shared, functions, options["alias"], **named), {}
    _carry_out(shared, targets, {**rest, **_whole(options, rest, strategy)}, options)


def _strategy(options: dict[str, Any]) -> Any:
    """Return the strategy that the options name, None for the request's."""
    strategy = strategy_given(options["strategy"], options["steps"], options["every"])
    if options["emergency"] and strategy:
        raise click.UsageError("--emergency shifts all traffic at once; omit --strategy and --steps")
    return "all-at-once" if options["emergency"] else strategy


def _whole(options: dict[str, Any], rest: dict[str, Any], strategy: Any) -> dict[str, Any]:
    """Return the fields that the options set for all targets together."""
    from tidegate_cli.ci import labels_of_run

    found: dict[str, Any] = {}
    labels = {**labels_of_run(), **rest.get("labels", {}), **options["labels"]}
    if options["emergency"]:
        labels["emergency"] = options["emergency"]
    if strategy:
        found["strategy"] = strategy
    if options["on_conflict"]:
        found["on_conflict"] = options["on_conflict"]
    given = {name: options[name] for name in OF_ANALYSIS if options[name]}
    found.update(analysis_with(rest, {**metrics_given(options, rest.get("analysis")), **given}))
    return {**found, "labels": labels} if labels else found


def _carry_out(shared: Shared, targets: list[dict[str, Any]], rest: dict[str, Any], options: dict[str, Any]) -> None:
    from tidegate_cli.naming import check_key, key_of_now, key_of_run
    from tidegate_cli.releasing import Releasing

    given = options["name"] or key_of_run(os.environ)
    if given:
        check_key(given)
    Releasing(
        shared, targets, with_targets(targets, rest), key=given or key_of_now(), repeatable=given is not None
    ).run(options)
