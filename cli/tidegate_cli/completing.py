"""What a shell completes: functions, releases, strategies. It is silent if AWS cannot be asked."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from itertools import islice
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from tidegate_cli.project import Project

SECONDS = 3
"""A shell waits this long at most."""

MOST = 200
"""Newest releases that are read, and pages of functions times 50."""


def functions(ctx: click.Context, incomplete: str) -> list[str]:
    """Return names of functions: of the project file, released ones, and those that the FunctionPattern covers."""
    found = [*_beginning(incomplete, lambda: _of_project(ctx)), *_beginning(incomplete, lambda: _functions(ctx))]
    return list(dict.fromkeys(found))


def releases(ctx: click.Context, incomplete: str) -> list[str]:
    """Return names of releases, the newest first, then those of functions."""
    return _beginning(incomplete, lambda: [*_releases(ctx), *_functions(ctx)])


def strategies(incomplete: str) -> list[str]:
    """Return names of strategies; those of CodeDeploy, which are many, only where one has been begun."""
    from tidegate.domain.strategy import NAMES

    return _beginning(incomplete, lambda: [name for name in NAMES if incomplete or name.islower()])


def fleets(ctx: click.Context, incomplete: str) -> list[str]:
    """Return names of the fleets of the project file."""
    return _beginning(incomplete, lambda: list(_project_of(ctx).document.get("fleets") or {}))


def _beginning(incomplete: str, names: Callable[[], list[str]]) -> list[str]:
    try:
        with _limited():
            found = names()
    except Exception:  # whatever it is: a shell that completes a word has no place for an error
        return []
    return [name for name in dict.fromkeys(found) if name.startswith(incomplete)]


@contextmanager
def _limited() -> Iterator[None]:
    """Give up after some seconds, where the system has such a signal."""
    alarm = getattr(signal, "SIGALRM", None)
    if alarm is None:
        yield
        return

    def give_up(_number: int, _frame: FrameType | None) -> None:
        raise TimeoutError

    before = signal.signal(alarm, give_up)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(alarm, before)


@lru_cache(1)
def _connected(ctx: click.Context) -> tuple[str, str]:
    """Find the stack that the line names so far; return its FunctionPattern, and how its own functions begin."""
    from tidegate_cli.command import STACK, Shared
    from tidegate_cli.place import placed

    os.environ.setdefault("AWS_MAX_ATTEMPTS", "1")
    given: dict[str, Any] = {name: ctx.params.get(name) for name in ("stack_name", "region", "profile")}
    given["stack_name"] = given["stack_name"] or STACK
    given |= placed(ctx, ctx.params.get("project_file"), reads=True)
    shared = Shared(**given, json=False, quiet=True, verbose=False)
    return shared.stack.parameters.get("FunctionPattern") or "*", f"{shared.stack.name}-"


def _of_project(ctx: click.Context) -> list[str]:
    return _project_of(ctx).names


def _project_of(ctx: click.Context) -> "Project":
    """Read the project file; raises LookupError where there is none."""
    from tidegate_cli.project import load

    project = load(ctx.params.get("project_file"))
    if project is None:
        raise LookupError
    return project


def _releases(ctx: click.Context) -> list[str]:
    _connected(ctx)
    from tidegate.aws.ledger import index

    return [past.name for past in islice(index.listed(), MOST)]


def _functions(ctx: click.Context) -> list[str]:
    pattern, own = _connected(ctx)
    from tidegate.aws.ledger import index

    released = [target.rpartition(":")[0] for past in islice(index.listed(), MOST) for target in past.targets]
    return [*released, *_deployed(pattern, own)]


def _deployed(pattern: str, own: str) -> Iterator[str]:
    """Yield functions of the account that may be released; none if the caller may not list them."""
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    from tidegate.domain.function_name import is_own
    from tidegate.domain.request.limits import matches

    try:
        for page in islice(boto3.client("lambda").get_paginator("list_functions").paginate(), MOST // 50):
            names = (each["FunctionName"] for each in page["Functions"])
            yield from (name for name in names if matches(name, [pattern]) and not is_own(name, own, {}))
    except (BotoCoreError, ClientError):
        return
