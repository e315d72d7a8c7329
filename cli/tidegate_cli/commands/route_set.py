"""`tidegate route set`: which users meet the canary of a function, from now on."""

import re
from contextlib import suppress
from typing import Any

import click

from tidegate.domain.function_name import FunctionName
from tidegate_cli import time_at_aws
from tidegate_cli.command import Command, Shared
from tidegate_cli.option_types import alias_name
from tidegate_cli.outcome import Outcome, Stop
from tidegate_cli.route_document import Wishes, changes, fields, parsed, sentence, told
from tidegate_cli.targets import FUNCTION, target_of

TRIES = 5
"""Writes after which others are left to it who write the same document at the same time."""


def _percent(_: click.Context, __: click.Parameter, percent: float | None) -> float | None:
    if percent is not None and round(percent, 2) != percent:
        raise click.BadParameter(f"{percent} is no multiple of 0.01")
    return percent


def _keys(_: click.Context, __: click.Parameter, users: tuple[str, ...]) -> tuple[str, ...]:
    """Return the pseudonyms of users; `key:` and 16 digits name one by its pseudonym, which logs contain."""
    from tidegate_route import pseudonym

    for user in users:
        if not user or (user.startswith("key:") and not re.fullmatch("key:[0-9a-f]{16}", user)):
            raise click.BadParameter(f"{user!r} is not a user: name one, or its pseudonym as key:c733865ee7d0b49a")
    return tuple(user[4:] if user.startswith("key:") else pseudonym(user) for user in users)


def _salt(_: click.Context, __: click.Parameter, salt: str | None) -> str | None:
    if salt is not None and not re.fullmatch(r"[\w.:#/-]{1,256}", salt, re.ASCII):
        raise click.BadParameter(f"{salt[:40]!r} is not a salt: up to 256 of A-Z a-z 0-9 _ . : # / -")
    return salt


@click.command(
    "set",
    cls=Command,
    short_help="Set which users meet it.",
    examples=["tidegate route set checkout --percent 5 --always user-1"],
)
@click.argument("function", type=FUNCTION)
@click.option(
    "--percent",
    type=click.FloatRange(0, 100),
    callback=_percent,
    help="Share of the users, in steps of 0.01.",
)
@click.option("--always", multiple=True, metavar="USER", callback=_keys, help="Meets the canary, also at 0 %.")
@click.option("--never", multiple=True, metavar="USER", callback=_keys, help="Never meets the canary.")
@click.option("--neither", multiple=True, metavar="USER", callback=_keys, help="Is in neither list any more.")
@click.option("--canary", metavar="ALIAS", callback=alias_name, help="Alias of the new version.  [first: ALIAS-canary]")
@click.option("--salt", callback=_salt, help="Chooses the users of a share: the same salt, the same users.")
@click.pass_obj
def set_(shared: Shared, /, *, function: FunctionName, **given: Any) -> None:
    """Set which users of FUNCTION, or FUNCTION:ALIAS, meet its canary.

    What is not given stays; at first, 0 % go to ALIAS-canary, and the salt is new. Callers follow within a minute.

    A USER may also be key: and a pseudonym. While a release has locked the alias, only --always, --never and --neither
    are possible. Versions do not change: to roll back, point the canary's alias at the version of ALIAS.
    """
    wishes = Wishes(**given)
    if wishes == Wishes():
        raise click.UsageError("nothing to set: give --percent, --always, --never, --neither, --canary or --salt")
    if both := {*wishes.always} & {*wishes.never} | {*wishes.neither} & {*wishes.always, *wishes.never}:
        raise click.UsageError(f"a user is named twice (pseudonym {min(both)}): in --always, --never or --neither")
    name, alias = target_of(shared, function)
    _set(shared, name, alias, wishes)


def _set(shared: Shared, name: str, alias: str, wishes: Wishes) -> None:
    from tidegate.aws.ledger import routes
    from tidegate.aws.ledger.table import ConditionUnmet

    target, now = f"{name}:{alias}", int(time_at_aws.now())
    for _ in range(TRIES):
        before = routes.read(name, alias)
        after = wishes.applied(alias, before, f"{name}-{alias}-{now}")
        document, change = parsed(target, after), changes(before, after)
        answer = {"type": "routed", **fields(target, document), "changed": change}
        if not change:
            return shared.output.show(answer, f"{target}: nothing to change. {sentence(document)}")
        shares = before is None or bool(change.keys() - {"always", "never"})
        if shares:
            _require_no_release(target)
        if document.percent or document.always:
            _require_alias(name, alias, document.canary)
        with suppress(ConditionUnmet):
            routes.write(name, alias, {**after, "updated": now}, over=before, unlocked=shares)
            what = told(change) if before else f"a new document, salt {document.salt}"
            return shared.output.show(answer, f"{target}: {what}. {sentence(document)}")
    raise Stop(Outcome.FAILED, f"Others are writing the document of {target}, so nothing was changed. Try again.")


def _require_no_release(target: str) -> None:
    from tidegate.aws.ledger import locks

    for lock in locks.holders([target], release=""):
        raise Stop(
            Outcome.REFUSED,
            f"{target} is locked by release {lock.release}, which sets the share itself; only --always, --never and "
            "--neither are possible until it ends. To let it continue: tidegate promote; to end it: tidegate abort.",
        )


def _require_alias(name: str, stable: str, canary: str) -> None:
    """Check that users are sent to an alias that exists: calls of one that does not would fail."""
    from tidegate.aws.lambda_ import aliases

    if aliases.read(name, canary) is None:
        raise Stop(
            Outcome.REFUSED,
            f"{name} has no alias {canary}, so calls of its users would fail. Create it on the version of {stable}: "
            f"aws lambda create-alias --function-name {name} --name {canary} --function-version VERSION",
        )
