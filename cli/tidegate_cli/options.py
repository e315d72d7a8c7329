"""Options that several commands have."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from tidegate.domain.schedule import HOUR, MINUTE
from tidegate_cli.targets import FUNCTION

Function = TypeVar("Function", bound=Callable[..., Any])


class Seconds(click.ParamType[float]):
    """A duration such as 90s, 5m, 2h or 1h30m, as seconds."""

    name = "duration"
    _form = re.compile(r"(?:(\d{1,4})h)?(?:(\d{1,5})m)?(?:(\d{1,6}(?:\.\d{1,3})?)s)?", re.ASCII)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        parts = self._form.fullmatch(str(value))
        if not parts or not any(parts.groups()):
            self.fail(f"{value!r} is not a duration; example: 30m", param, ctx)
        hours, minutes, seconds = (float(part or 0) for part in parts.groups())
        return hours * HOUR + minutes * MINUTE + seconds


class Version(click.ParamType[str]):
    """The number of a published version, or one of the `words` that stand for another."""

    name = "version"

    def __init__(self, *words: str) -> None:
        self._words = words

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value not in self._words and not re.fullmatch("[1-9][0-9]{0,17}", str(value)):
            self.fail(f"{value!r} is not a version number; example: 42", param, ctx)
        return str(value)


def _alias(_: click.Context, __: click.Parameter, alias: str | None) -> str | None:
    if alias is not None and not re.fullmatch("(?![0-9]+$)[a-zA-Z0-9-_]{1,128}", alias):
        raise click.BadParameter(f"{alias!r} is not an alias name: use letters, digits, - and _, not only digits")
    return alias


alias_option = click.option("--alias", callback=_alias, help="Alias that callers use.  [default: the stack's, live]")


def _with(command: Function, options: Sequence[Callable[[Function], Function]]) -> Function:
    """Add options, in the order of the help."""
    for option in reversed(options):
        command = option(command)
    return command


def choosing(command: Function) -> Function:
    """Add the options that select functions and steps of a release."""
    return _with(
        command,
        [
            click.argument("functions", nargs=-1, metavar="FUNCTION...", type=FUNCTION),
            alias_option,
            click.option(
                "--version",
                type=Version("publish"),
                default="publish",
                show_default="publish $LATEST",
                help="Release this published version instead of $LATEST.",
            ),
            click.option("--strategy", help="guarded, canary-10-5m, linear-10-1m, all-at-once, or a CodeDeploy name."),
            click.option("--steps", metavar="5,25,50", help="Weights of your own steps, in percent; needs --every."),
            click.option("--every", metavar="DURATION", help="Minimum bake at each of the --steps, such as 5m."),
        ],
    )


def starting(command: Function) -> Function:
    """Add the options of commands that start a release, or find the existing one, and follow it."""
    return following(
        _with(
            command,
            [
                click.option(
                    "--name",
                    metavar="KEY",
                    help="Idempotency key: calls with the same key are one release.  [default: the run of the CI job]",
                ),
                click.option(
                    "--wait-for-lock",
                    type=Seconds(),
                    default="0s",
                    help="How long to wait for a release that has locked the alias.",
                ),
                click.option(
                    "--wait/--no-wait", default=True, show_default=True, help="Follow the release until it ends."
                ),
            ],
        )
    )


def following(command: Function) -> Function:
    """Add the options of commands that follow a release."""
    return _with(
        command,
        [
            click.option(
                "--until",
                type=click.Choice(["released", "shifted", "held"]),
                default="released",
                show_default=True,
                help="When to stop watching: at its end, at the first traffic on the new version, or at a hold.",
            ),
            click.option("--timeout", type=Seconds(), help="Maximum time to watch; the release continues after that."),
            click.option(
                "--on-interrupt",
                type=click.Choice(["detach", "abort"]),
                default="detach",
                show_default=True,
                help="What Ctrl-C or a cancelled job does: only stop watching, or roll the release back.",
            ),
            click.option("--poll", type=Seconds(), default="2s", show_default=True, help="Polling interval."),
            click.option(
                "--github/--no-github",
                default=None,
                help="Write outputs, job summary and annotations for GitHub Actions.  [default: detected]",
            ),
            click.option(
                "--gitlab/--no-gitlab", default=None, help="Fold output into sections for GitLab.  [default: detected]"
            ),
            click.option(
                "--report",
                type=click.Path(dir_okay=False, path_type=Path),
                metavar="FILE",
                help="File to write the release's report to (HTML), as tidegate report does.",
            ),
            click.option(
                "--dotenv",
                type=click.Path(dir_okay=False),
                metavar="FILE",
                help="File to write for GitLab's reports:dotenv.",
            ),
        ],
    )
