"""Functions and releases as callers name them: a name, NAME:ALIAS, an ARN."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from tidegate.domain.function_name import FunctionName
from tidegate_cli.command import Shared
from tidegate_cli.function_names import named
from tidegate_cli.outcome import Outcome, Stop

if TYPE_CHECKING:
    from tidegate.aws.ledger.lock import Lock


class FunctionType(click.ParamType[FunctionName]):
    """A function, with an alias or without."""

    name = "function"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> FunctionName:
        if isinstance(value, FunctionName):
            return value
        try:
            return named(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG002 - Click's own signature
        from tidegate_cli import completing

        return [CompletionItem(name) for name in completing.functions(ctx, incomplete)]


class ReleaseType(click.ParamType[FunctionName | str]):
    """A release by its name or its execution's ARN, or by a function; a name without a colon may be either."""

    name = "release"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> FunctionName | str:
        if isinstance(value, FunctionName):
            return value
        if ":" not in str(value) or str(value).split(":")[2:3] == ["states"]:
            return str(value)
        return FUNCTION.convert(value, param, ctx)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG002 - as above
        from tidegate_cli import completing

        return [CompletionItem(name) for name in completing.releases(ctx, incomplete)]


FUNCTION, RELEASE = FunctionType(), ReleaseType()


def target_of(shared: Shared, function: FunctionName, alias: str | None = None) -> tuple[str, str]:
    """Return function and alias; the alias in the name has priority over `alias`, then follows the stack's default.

    Raises
    ------
    Stop
        When the function is of another account or Region.
    """
    return here(shared, function).name, shared.stack.alias(function.alias or alias)


def here(shared: Shared, function: FunctionName) -> FunctionName:
    """Check that a function is in the stack's account and Region; raises like `target_of`."""
    wrong = function.elsewhere(account=shared.stack.account, region=shared.stack.region)
    if wrong:
        raise Stop(Outcome.REFUSED, f"{function.name} {wrong}, where the stack {shared.stack_name!r} is.")
    return function


def once(targets: Iterable[tuple[str, str | None]]) -> None:
    """Check that no target is named twice.

    Raises
    ------
    BadParameter
        When one is.
    """
    seen = set[tuple[str, str | None]]()
    for target in targets:
        if target in seen:
            raise click.BadParameter(f"{':'.join(filter(None, target))} is named twice")
        seen.add(target)


def covers(meant: FunctionName | str, target: str) -> bool:
    """Return whether FUNCTION:ALIAS is the wanted alias, or an alias of the wanted function."""
    function, _, alias = target.rpartition(":")
    if isinstance(meant, str):
        return meant == function
    return meant.name == function and meant.alias in {None, alias}


def release_meant(shared: Shared, meant: FunctionName | str) -> FunctionName | str:
    """Return the name of a release for the ARN of its execution.

    Raises
    ------
    Stop
        When it is a release of another stack, or a function of another account or Region.
    """
    if isinstance(meant, FunctionName):
        return here(shared, meant)
    ours = shared.stack.execution("")
    if ":" in meant and not meant.startswith(ours):
        raise Stop(Outcome.REFUSED, f"{meant} is not a release of this stack; its executions begin with {ours}")
    return meant.removeprefix(ours)


def written(meant: FunctionName | str) -> str:
    """Write a release or a function as a person would: NAME, or NAME:ALIAS."""
    return meant if isinstance(meant, str) else ":".join(filter(None, (meant.name, meant.alias)))


def running(shared: Shared, held: Iterable["Lock"], meant: FunctionName | str) -> list[str]:
    """Return the matching running releases: the one with that name, otherwise those that have locked its aliases.

    The ARN of an execution selects only its release. Raises like `release_meant`.
    """
    is_arn = isinstance(meant, str) and ":" in meant
    meant, held = release_meant(shared, meant), list(held)
    if is_arn or any(lock.release == meant for lock in held):
        return [str(meant)]
    return sorted({lock.release for lock in held if covers(meant, lock.target)})


def holders(shared: Shared, held: Iterable["Lock"], meant: FunctionName | str) -> list[str]:
    """Return the matching running releases, or the release with this name.

    Raises
    ------
    Stop
        When none has locked an alias of the function; otherwise like `release_meant`.
    """
    found = running(shared, held, meant)
    if found:
        return found
    meant = release_meant(shared, meant)
    if isinstance(meant, str):
        return [meant]
    name = written(meant)
    raise Stop(Outcome.FAILED, f"No release of {name} is running. Past releases: {shared.line('history', name)}")


def newest(shared: Shared, meant: FunctionName | str) -> str:
    """Return the matching running release, as in `running`, or a past one.

    That is the one of this name, else the newest one of the function; the name itself where there is neither, and ""
    for a function that was never released. Raises as `release_meant`.
    """
    from tidegate.aws.ledger import index, items, locks

    now = running(shared, locks.read_all(), meant)
    if len(now) == 1:
        return now[0]
    meant = release_meant(shared, meant)
    if isinstance(meant, str) and not now and items.exist(meant):
        return meant
    found = (past.name for past in index.listed() if any(covers(meant, each) for each in past.targets))
    return next(found, str(meant) if isinstance(meant, str) else "")
