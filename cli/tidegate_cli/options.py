"""Options that several commands have."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click

from tidegate_cli.help import Option
from tidegate_cli.metric_options import judging
from tidegate_cli.option_types import CodeSha, Seconds, StrategyType, Version, alias_name, labels_given, reason_given
from tidegate_cli.targets import FUNCTION

Function = TypeVar("Function", bound=Callable[..., Any])

option = partial(click.option, cls=Option)
how_to_start = partial(option, heading="Starting")
how_to_watch = partial(option, heading="Watching")
in_ci = partial(option, heading="In CI")

alias_option = option("--alias", callback=alias_name, help="Alias that callers use.  [default: the stack's, live]")
label_option = option(
    "--label",
    "labels",
    multiple=True,
    callback=labels_given,
    metavar="NAME=TEXT",
    help="Text that is stored with the release; repeatable.",
)
on_idle_option = option(
    "--on-idle",
    type=click.Choice(["promote", "hold", "refuse"]),
    help="What to do if almost no calls are expected.  [default: the stack's, promote]",
)
on_hold_expired_option = option(
    "--on-hold-expired",
    type=click.Choice(["rollback", "promote"]),
    help="What to do if the release is held and nobody decides in time.  [default: the stack's, rollback]",
)


def _fleets(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    from tidegate_cli import completing

    return completing.fleets(ctx, incomplete)


def _with(command: Function, options: Sequence[Callable[[Function], Function]]) -> Function:
    """Add options, in the order of the help."""
    for each in reversed(options):
        command = each(command)
    return command


def requesting(command: Function) -> Function:
    """Add the functions of a release, and the options that make its request."""
    return _with(
        judging(_in_special_cases(command)),
        [
            click.argument("functions", nargs=-1, metavar="FUNCTION...", type=FUNCTION),
            alias_option,
            option(
                "--version",
                type=Version("publish"),
                default="publish",
                show_default="publish $LATEST",
                help="Release this published version instead of $LATEST.",
            ),
            option(
                "--strategy",
                type=StrategyType(),
                help="guarded, canary-10-5m, linear-10-1m, all-at-once, or a CodeDeploy name.",
            ),
            option("--steps", metavar="5,25,50", help="Weights of your own steps, in percent; needs --every."),
            option("--every", metavar="DURATION", help="Minimum bake at each of the --steps, such as 5m."),
            option(
                "--routing",
                type=click.Choice(["users"]),
                help="Route users instead of requests: the steps are shares of the users (docs/routing.md).",
            ),
            option(
                "--on-inconclusive",
                type=click.Choice(["promote", "hold", "rollback"]),
                help="What to do when the evidence stays inconclusive.  [default: the strategy's]",
            ),
            on_idle_option,
            on_hold_expired_option,
        ],
    )


def _in_special_cases(command: Function) -> Function:
    return _with(
        command,
        [
            option("--create-alias", is_flag=True, help="Create the alias if it does not exist."),
            option("--again", is_flag=True, help="Release code even if it was rolled back before."),
            option(
                "--emergency",
                metavar="REASON",
                callback=reason_given,
                help="Skip the canary: shift all traffic at once, after the probe. Recorded.",
            ),
            option(
                "--on-conflict",
                type=click.Choice(["refuse", "supersede"]),
                help="What to do when another release has locked the alias; supersede stops that release and rolls it "
                "back.  [default: refuse]",
            ),
            label_option,
            option(
                "--request",
                type=click.File("rb"),
                help="File with the request as JSON (docs/request.schema.json), instead of FUNCTION; - reads stdin.",
            ),
            option(
                "--fleet",
                metavar="NAME",
                shell_complete=_fleets,
                help="Release the functions of this fleet of the project file, in their waves.",
            ),
            option("--publish-sha", type=CodeSha(), metavar="SHA", help="Refuse unless $LATEST has this CodeSha256."),
        ],
    )


def starting(command: Function, *, key: str = "the run of the CI job, otherwise the current time") -> Function:
    """Add the options of commands that start a release, or find the existing one, and follow it.

    `key` says what names the release if the caller does not.
    """
    return following(
        _with(
            command,
            [
                how_to_start(
                    "--name",
                    metavar="KEY",
                    help=f"Idempotency key: calls with the same key are one release.  [default: {key}]",
                ),
                how_to_start(
                    "--wait-for-lock",
                    type=Seconds(),
                    default="0s",
                    help="How long to wait for a release that has locked the alias.",
                ),
                how_to_start(
                    "--wait/--no-wait", default=True, show_default=True, help="Follow the release until it ends."
                ),
            ],
        )
    )


starting_again = partial(starting, key="the current time")
"""The same, of a command that never finds the release that it starts again."""


def following(command: Function) -> Function:
    """Add the options of commands that follow a release."""
    return _with(
        command,
        [
            how_to_watch(
                "--until",
                type=click.Choice(["released", "shifted", "held"]),
                default="released",
                show_default=True,
                help="When to stop watching: at its end, at the first traffic on the new version, or at a hold.",
            ),
            how_to_watch("--timeout", type=Seconds(), help="Maximum time to watch; the release continues after that."),
            how_to_watch(
                "--on-interrupt",
                type=click.Choice(["detach", "abort"]),
                default="detach",
                show_default=True,
                help="What Ctrl-C or a cancelled job does: only stop watching, or roll the release back.",
            ),
            how_to_watch("--poll", type=Seconds(), default="2s", show_default=True, help="Polling interval."),
            how_to_watch(
                "--report",
                type=click.Path(dir_okay=False, path_type=Path),
                metavar="FILE",
                help="File to write the release's report to (HTML), as tidegate report does.",
            ),
            in_ci(
                "--github/--no-github",
                default=None,
                help="Write outputs, job summary and annotations for GitHub Actions.  [default: detected]",
            ),
            in_ci(
                "--gitlab/--no-gitlab", default=None, help="Fold output into sections for GitLab.  [default: detected]"
            ),
            in_ci(
                "--dotenv",
                type=click.Path(dir_okay=False),
                metavar="FILE",
                help="File to write for GitLab's reports:dotenv.",
            ),
        ],
    )
