"""`tidegate rollback`: release an earlier version."""

import os
from contextlib import suppress
from typing import Any

import click

from tidegate.domain.function_name import FunctionName
from tidegate_cli.command import Command, Shared
from tidegate_cli.option_types import StrategyType, Version, reason_given
from tidegate_cli.options import alias_option, label_option, on_hold_expired_option, on_idle_option, starting
from tidegate_cli.outcome import Outcome, Stop
from tidegate_cli.request import analysis_given, with_targets
from tidegate_cli.targets import FUNCTION
from tidegate_cli.wrapping import tell

UNABLE_TO_WAKE = ("none", "provision")
"""Kinds of a probe that do not invoke the version."""


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
@click.option(
    "--emergency", metavar="REASON", callback=reason_given, help="Shift all traffic at once, after the probe. Recorded."
)
@click.option("--again", is_flag=True, help="Go back even if the version was rolled back before.")
@on_idle_option
@on_hold_expired_option
@label_option
@starting
@click.pass_obj
def rollback(shared: Shared, /, function: FunctionName, version: str | None, **options: Any) -> None:
    """Go back to an earlier version of FUNCTION, or FUNCTION:ALIAS, at any time: this is a release of that version.

    The version is probed and compared like any other; with --emergency all traffic shifts at once, after the probe.
    """
    if options["emergency"] and options["strategy"]:
        raise click.UsageError("--emergency shifts all traffic at once; omit --strategy")
    from tidegate_cli.naming import check_key, key_of_now, key_of_run
    from tidegate_cli.releasing import Releasing
    from tidegate_cli.wanted import asked_for, placed

    given = options["name"] or key_of_run(os.environ)
    if given:
        check_key(given)
    asked = asked_for([function], {}, _fields(options), shared.project, hasty=True)
    if problems := asked.problems():
        raise click.UsageError("\n".join(problems))
    wanted = placed(shared, asked)
    ((name, alias),) = ((each["function"], each["alias"]) for each in wanted.targets)
    left = _serving(name, alias)
    if left is None:
        from tidegate_cli.existence import missing

        raise missing(f"{name}:{alias}")
    to = version or _before(f"{name}:{alias}", left)
    targets = [_probed(shared, {**wanted.targets[0], "version": to})]
    request = with_targets(targets, wanted.rest)
    going = Releasing(shared, targets, request, key=given or key_of_now(), repeatable=given is not None)
    if left != to and not (shared.quiet or shared.json):
        forward = shared.line("rollback", f"{name}:{alias}", "--to", left)
        tell(
            f"{name}:{alias}: from version {left} back to version {to}. To return to {left} later: {forward}", err=True
        )
    going.run(options)


def _probed(shared: Shared, target: dict[str, Any]) -> dict[str, Any]:
    """Return the target without a probe of the project file's that would refuse an idle version."""
    from tidegate.aws.lambda_ import functions

    kind = target.get("probe", {}).get("kind")
    if kind not in UNABLE_TO_WAKE:
        return target
    found = functions.read(target["function"], target["version"])
    if found is None or found.state != "Inactive":
        return target
    if not (shared.quiet or shared.json):
        tell(
            f"version {found.version} of {found.function} is idle, and only an invocation wakes it up: it is probed "
            f"with an empty event, instead of the project file's probe ({kind})",
            err=True,
        )
    return {name: value for name, value in target.items() if name != "probe"}


def _fields(options: dict[str, Any]) -> dict[str, Any]:
    emergency = options["emergency"]
    found = {
        "alias": options["alias"],
        "again": options["again"] or None,
        "strategy": "all-at-once" if emergency else options["strategy"],
        "analysis": analysis_given(options),
        "labels": {**options["labels"], **({"emergency": emergency} if emergency else {})} or None,
    }
    return {name: value for name, value in found.items() if value is not None}


def _serving(function: str, alias: str) -> str | None:
    from tidegate.aws.lambda_ import aliases

    found = aliases.read(function, alias)
    return found.state.version if found else None


def _before(target: str, live: str) -> str:
    """Find the version that served before the release of the live version.

    Raises
    ------
    Stop
        When none of the recorded releases that are read did.
    """
    from tidegate.aws.ledger import index, records
    from tidegate.domain.errors import ItemUnreadable

    function = target.rpartition(":")[0]
    for move in index.past_moves({target}):
        if move.ended != "released" or move.before in {None, live}:
            continue
        with suppress(ItemUnreadable):  # named in the log; another release may know
            planned = records.read(move.release).plan.targets
            if any(each.name == target and each.canary == live for each in planned):
                return str(move.before)
    raise Stop(
        Outcome.FAILED,
        f"No recorded release moved {target} to version {live}, so the version before it is unknown. "
        f"Name a version: --to N (aws lambda list-versions-by-function --function-name {function})",
    )
