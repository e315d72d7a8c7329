"""`tidegate watch`: follow an existing release, from its beginning."""

import sys
from typing import Any

import click

from tidegate.domain.function_name import FunctionName
from tidegate_cli.command import Command, Shared
from tidegate_cli.options import following
from tidegate_cli.outcome import Outcome, Stop
from tidegate_cli.targets import RELEASE, newest, running, written
from tidegate_cli.terminal import is_terminal, say
from tidegate_cli.wrapping import tell


@click.command(cls=Command, examples=["tidegate watch", "tidegate watch checkout"])
@click.argument("release", required=False, metavar="[RELEASE|FUNCTION]", type=RELEASE)
@following
@click.pass_obj
def watch(shared: Shared, /, release: FunctionName | str | None, **options: Any) -> None:
    """Follow a release: print a short history, then new events.

    RELEASE is its name; a FUNCTION, or FUNCTION:ALIAS, selects the release that has locked it, or else its newest one.
    Both may be ARNs. The default is the running release. Watching does not affect the release, nor does stopping it.
    """
    from tidegate_cli.releasing import ci_of, wish_of
    from tidegate_cli.running import conclude, follow

    name = _resolved(shared, release)
    ci = ci_of(options)
    conclude(shared, follow(shared, name, wish_of(options), ci), ci)


def _resolved(shared: Shared, named: FunctionName | str | None) -> str:
    """Return the name of the requested release.

    Raises
    ------
    Stop
        When none runs, or several run without a terminal to ask on.
    """
    _ = shared.stack
    from tidegate.aws.ledger import locks

    held = locks.read_all()
    meant = sorted({lock.release for lock in held}) if named is None else running(shared, held, named)
    if len(meant) == 1:
        return meant[0]
    if not meant and named is not None:
        return _newest(shared, named)
    if not meant:
        raise Stop(Outcome.FAILED, "No release is running. Name one; past releases: tidegate history FUNCTION")
    return chosen(meant)


def _newest(shared: Shared, named: FunctionName | str) -> str:
    from tidegate.aws.ledger import items
    from tidegate_cli.follow import APPEARS_WITHIN

    found = newest(shared, named)
    if not found:
        raise Stop(Outcome.FAILED, f"{written(named)} was never released by Tidegate.")
    if found == named and not items.exist(found) and not (shared.quiet or shared.json):
        tell(f"{found} is not known yet; a release that has just started appears in {APPEARS_WITHIN:g} s", err=True)
    return found


def chosen(meant: list[str]) -> str:
    """Ask which of several releases to follow.

    Raises
    ------
    Stop
        When there is no terminal to ask on.
    """
    if not (is_terminal(sys.stdin) and is_terminal(sys.stderr)):
        raise Stop(Outcome.FAILED, f"Several releases are running; name one: {', '.join(meant)}")
    for number, name in enumerate(meant, 1):
        say(f"{number}  {name}", err=True)
    number = click.prompt("Which one", type=click.IntRange(1, len(meant)), err=True)
    return meant[number - 1]
