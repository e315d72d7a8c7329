"""`tidegate route`: which share of the users meets the canary of a function, and whether a user does."""

from typing import TYPE_CHECKING, Any

import click

from tidegate.domain.function_name import FunctionName
from tidegate_cli.command import Command, Group, Shared
from tidegate_cli.commands.route_set import set_
from tidegate_cli.outcome import Outcome, Stop
from tidegate_cli.route_document import fields, parsed, sentence
from tidegate_cli.targets import FUNCTION, target_of

if TYPE_CHECKING:
    from tidegate_route import Document


@click.group(cls=Group, examples=["tidegate route show checkout", "tidegate route set checkout --percent 5"])
def route() -> None:
    """Show and set which users meet the canary of a function (docs/routing.md)."""


@route.command(
    cls=Command,
    short_help="Show the share of the users that meets it.",
    examples=["tidegate route show checkout", "tidegate route show checkout:live"],
)
@click.argument("function", type=FUNCTION)
@click.pass_obj
def show(shared: Shared, *, function: FunctionName) -> None:
    """Show the share of the users that meets the canary of FUNCTION, or FUNCTION:ALIAS.

    Functions that call it with the library for callers send its users by this document. They read it every 30 seconds
    while they are called, and use none that is more than a minute old. A decision or an override that was handed on
    to them comes before its percentage.
    """
    target, document = _read(shared, function)
    said = f"{target}: {sentence(document)} (salt {document.salt})"
    shared.output.show({"type": "route", **fields(target, document)}, said)


@route.command(
    cls=Command,
    short_help="Show which alias a user goes to.",
    examples=["tidegate route explain checkout --user user-1"],
)
@click.argument("function", type=FUNCTION)
@click.option("--user", required=True, help="The user, as your functions name it.")
@click.pass_obj
def explain(shared: Shared, *, function: FunctionName, user: str) -> None:
    """Show which alias of FUNCTION, or FUNCTION:ALIAS, a user goes to, and why."""
    target, document = _read(shared, function)
    placed = _placed(document, user)
    said = f"{user} ({placed['user']}) goes to {placed['goes_to']}: {placed['why']}"
    shared.output.show({"type": "route", **fields(target, document), **placed}, said)


route.add_command(set_)


def _read(shared: Shared, function: FunctionName) -> tuple[str, "Document"]:
    name, alias = target_of(shared, function)
    from tidegate.aws.ledger import routes

    target, item = f"{name}:{alias}", routes.read(name, alias)
    if item is None:
        raise Stop(Outcome.FAILED, f"No users of {target} are routed: there is no document. See docs/routing.md")
    return target, parsed(target, item)


def _placed(document: "Document", user: str) -> dict[str, Any]:
    from tidegate_route import CANARY, pseudonym

    key = pseudonym(user)
    channel, why, _ = document.place(key)
    alias = document.canary if channel == CANARY else document.stable
    return {"user": key, "channel": channel, "goes_to": alias, "why": why}
