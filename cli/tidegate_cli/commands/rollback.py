"""`tidegate rollback`: release an earlier version."""

import os
from typing import Any

import click

from tidegate.domain.function_name import FunctionName
from tidegate_cli.command import Command, Shared
from tidegate_cli.option_types import StrategyType, Version
from tidegate_cli.options import alias_option, label_option, starting
from tidegate_cli.outcome import Outcome, Stop
from tidegate_cli.targets import FUNCTION, target_of
from tidegate_cli.terminal import say


@click.command(
    cls=Command, examples=["tidegate rollback checkout", 'tidegate rollback checkout --to 41 --emergency "orders fail"']
)
@click.argument("function", type=FUNCTION)
@click.option(
    "--to",
    "version",
    type=Version(),
    metavar="VERSION",
    help="Version to go back to.  [default: the one before the last release]",
)
@alias_option
@click.option("--strategy", type=StrategyType(), help="Same as for tidegate release.")
@click.option("--emergency", metavar="REASON", help="Shift all traffic at once, after the probe. Recorded.")
@click.option("--again", is_flag=True, help="Go back even if the version was rolled back before.")
@label_option
@starting
@click.pass_obj
def rollback(shared: Shared, /, function: FunctionName, version: str | None, **options: Any) -> None:
    """Go back to an earlier version of FUNCTION, or FUNCTION:ALIAS, at any time: this is a release of that version.

    The version is probed and compared like any other; with --emergency all traffic shifts at once, after the probe.
    """
    if options["emergency"] and options["strategy"]:
        raise click.UsageError("--emergency shifts all traffic at once; omit --strategy")
    name, alias = target_of(shared, function, options["alias"])
    left = _serving(name, alias)
    to = version or _before(f"{name}:{alias}", left)
    if left and left != to and not (shared.quiet or shared.json):
        forward = shared.line("rollback", f"{name}:{alias}", "--to", left)
        say(f"{name}:{alias}: from version {left} back to version {to}. To return to {left} later: {forward}", err=True)
    target = {"function": name, "alias": alias, "version": to, **({"again": True} if options["again"] else {})}
    _carry_out(shared, target, options)


def _serving(function: str, alias: str) -> str | None:
    from tidegate.aws.lambda_ import aliases

    found = aliases.read(function, alias)
    return found.state.version if found else None


def _before(target: str, live: str | None) -> str:
    """Find the version that served before the release of the live version.

    Raises
    ------
    Stop
        When no recorded release did.
    """
    from tidegate.aws.ledger import index, records

    function = target.rpartition(":")[0]
    for past in index.listed():
        if target not in past.targets:
            continue
        release = records.read(past.name)
        planned = next(each for each in release.plan.targets if each.name == target)
        if release.ended == "released" and planned.canary == live and planned.stable not in {None, live}:
            return str(planned.stable)
    raise Stop(
        Outcome.FAILED,
        f"No recorded release moved {target} to version {live}, so the version before it is unknown. "
        f"Name a version: --to N (aws lambda list-versions-by-function --function-name {function})",
    )


def _carry_out(shared: Shared, target: dict[str, Any], options: dict[str, Any]) -> None:
    from tidegate_cli.ci import labels_of_run
    from tidegate_cli.naming import check_key, key_of_now, key_of_run
    from tidegate_cli.releasing import Releasing

    labels = {**labels_of_run(), **options["labels"]}
    strategy = options["strategy"]
    if options["emergency"]:
        strategy, labels["emergency"] = "all-at-once", options["emergency"]
    given = options["name"] or key_of_run(os.environ)
    if given:
        check_key(given)
    request = {**target, **({"strategy": strategy} if strategy else {}), **({"labels": labels} if labels else {})}
    Releasing(shared, [target], request, key=given or key_of_now(), repeatable=given is not None).run(options)
