"""`tidegate route`: which share of the users meets the canary of a function, and whether a user does."""

from typing import TYPE_CHECKING, Any

import click

from tidegate.domain.function_name import FunctionName
from tidegate_cli.command import Command, Shared
from tidegate_cli.outcome import Outcome, Stop
from tidegate_cli.targets import FUNCTION, here

if TYPE_CHECKING:
    from tidegate_route import Document


@click.command(cls=Command, examples=["tidegate route checkout", "tidegate route checkout:live --user user-1"])
@click.argument("function", type=FUNCTION)
@click.option("--user", help="Show which version this user meets, and why.")
@click.pass_obj
def route(shared: Shared, *, function: FunctionName, user: str | None) -> None:
    """Show the share of the users that meets the canary of FUNCTION, or FUNCTION:ALIAS.

    Functions that call it with the library for callers send its users by this document. They read it every 30 seconds
    while they are called, and use none that is more than a minute old. A decision or an override that was handed on
    to them comes before its percentage.
    """
    name, alias = here(shared, function).name, shared.stack.alias(function.alias)
    document = _read(name, alias)
    answer: dict[str, Any] = {
        "type": "route",
        "function": name,
        "alias": alias,
        **{field: getattr(document, field) for field in ("stable", "canary", "percent", "salt", "release")},
        "always": sorted(document.always),
        "never": sorted(document.never),
    }
    said = (
        f"{name}:{alias}: {document.percent:g} % of the users go to {document.canary}, and {len(document.always)} "
        f"always; the others to {document.stable} (salt {document.salt})"
    )
    if user is not None:
        answer |= _placed(document, user)
        said = f"{user} ({answer['user']}) goes to {answer['goes_to']}: {answer['why']}"
    shared.output.show(answer, said)


def _read(name: str, alias: str) -> "Document":
    from tidegate.aws.ledger import table
    from tidegate.domain.ledger_items import route_partition
    from tidegate_route import Document

    item = table.get(route_partition(name), alias)
    if item is None:
        raise Stop(Outcome.FAILED, f"No users of {name}:{alias} are routed: there is no document. See docs/routing.md")
    try:
        return Document.parse(item)
    except (ValueError, TypeError) as error:
        problem = f"The document of {name}:{alias} is not valid: {error}. Until it is, every user goes to {alias}"
        raise Stop(Outcome.FAILED, problem) from None


def _placed(document: "Document", user: str) -> dict[str, Any]:
    from tidegate_route import CANARY, pseudonym

    key = pseudonym(user)
    channel, why, _ = document.place(key)
    alias = document.canary if channel == CANARY else document.stable
    return {"user": key, "channel": channel, "goes_to": alias, "why": why}
