"""Common parts of all commands: shared options, the stack, errors as sentences with an exit code."""

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from tidegate_cli import time_at_aws
from tidegate_cli.error_sentences import answer_or_stop
from tidegate_cli.help import EVERYWHERE, HELP, Option, name_variables, write_examples, write_options
from tidegate_cli.interruption import terminable
from tidegate_cli.outcome import Outcome, Stop
from tidegate_cli.terminal import say

if TYPE_CHECKING:
    from tidegate_cli.output import Output
    from tidegate_cli.project import Project
    from tidegate_cli.stack import Stack

STACK = "tidegate"
GIVEN = ("option", "environment")
"""Sources that have priority over the project file."""
COLOUR = {"auto": None, "always": True, "never": False}


@dataclass(frozen=True)
class Shared:
    """The shared options of one call; boto3 is set up on first use."""

    stack_name: str
    region: str | None
    profile: str | None
    json: bool
    quiet: bool
    verbose: bool
    color: bool | None = None
    project: "Project | None" = None
    project_file: str | None = None
    sources: Mapping[str, str] = field(default_factory=dict)
    """Where the stack and the Region came from."""

    def check_place(self, functions: Iterable[str]) -> None:
        """Check that the project file puts these functions where this call looks for Tidegate.

        Raises
        ------
        UsageError
            When it does not; only a request from a file can name such functions.
        """
        here = {"stack": self.stack_name, "region": self.region}
        for name, (value, source) in (self.project.place(functions) if self.project else {}).items():
            if value != here[name] and self.sources.get(name) not in GIVEN:
                raise click.UsageError(f"by {source}, Tidegate is elsewhere for these functions: add --{name} {value}")

    @cached_property
    def output(self) -> "Output":
        """Where the result goes."""
        from tidegate_cli.output import Output

        return Output(self.json)

    def line(self, command: str, *arguments: str) -> str:
        """Write a call of the command that finds the same stack."""
        named = {"--stack": self.stack_name, "--region": self.region, "--profile": self.profile}
        options = [f"{name} {quote(value)}" for name, value in named.items() if value and value != STACK]
        return " ".join(["tidegate", command, *map(quote, arguments), *options])

    def connect(self) -> None:
        """Set the given profile and Region for every client of boto3; a line break at the end of a Region is removed.

        Raises
        ------
        Stop
            When the credentials of the environment cannot be part of a request.
        ProfileNotFound
            When there is no such profile.
        """
        import boto3

        from tidegate_cli.caller import check_variables

        check_variables(os.environ)
        # boto3 reads AWS_DEFAULT_REGION alone; the AWS CLI and the other SDKs AWS_REGION too.
        region = self.region or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or ""
        boto3.setup_default_session(profile_name=self.profile, region_name=region.strip() or None)
        time_at_aws.listen(boto3.DEFAULT_SESSION)

    @cached_property
    def stack(self) -> "Stack":
        """Find the stack, and set its table as the ledger.

        Raises
        ------
        Stop
            When there is no stack of that name, or it is not Tidegate's.
        """
        from tidegate_cli.stack import find_stack

        self.connect()
        found = find_stack(self.stack_name)
        os.environ["LEDGER_TABLE"] = found.ledger_table
        return found


def _options() -> list[click.Parameter]:
    """Create new options for each command, always with the same environment variables."""
    shared = partial(Option, heading=EVERYWHERE)
    return [
        shared(
            ["--stack", "stack_name"],
            default=STACK,
            show_default=True,
            envvar="TIDEGATE_STACK",
            help="Name of Tidegate's CloudFormation stack.",
        ),
        shared(["--region"], envvar="TIDEGATE_REGION", help="AWS Region.  [default: the AWS CLI's]"),
        shared(
            ["--project", "project_file"],
            envvar="TIDEGATE_PROJECT",
            metavar="FILE",
            help="Project file; '' for none.  [default: tidegate.yaml, from this folder upwards]",
        ),
        shared(["--profile"], envvar="TIDEGATE_PROFILE", help="AWS CLI profile."),
        shared(
            ["--json", "as_json"],
            is_flag=True,
            envvar="TIDEGATE_JSON",
            help="Print JSON lines on stdout.",
        ),
        shared(
            ["--color"],
            type=click.Choice(list(COLOUR)),
            default="auto",
            show_default=True,
            envvar="TIDEGATE_COLOR",
            help="Use colours; NO_COLOR is respected.",
        ),
        shared(["--quiet", "-q"], is_flag=True, envvar="TIDEGATE_QUIET", help="Print only the result."),
        shared(
            ["--verbose", "-v"], is_flag=True, envvar="TIDEGATE_VERBOSE", help="Print the reasons, with all numbers."
        ),
    ]


class Command(click.Command):
    """A command with the shared options, which it gets as `Shared` by `click.pass_obj`; `examples` end its help.

    Example
    -------
    >>> @click.command(cls=Command)
    ... @click.argument("function")
    ... @click.pass_obj
    ... def look(shared: Shared, function: str) -> None:
    ...     "Look at a function."
    ...     print(shared.stack.state_machine)
    """

    def __init__(self, *arguments: Any, examples: Sequence[str] = (), reads_project: bool = True, **named: Any) -> None:
        super().__init__(*arguments, **{"context_settings": HELP, **named})
        self.examples = examples
        self._reads_project = reads_project
        self.params += _options()

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        name_variables(self.params, ctx.auto_envvar_prefix)
        return super().parse_args(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        write_options(self.get_params(ctx), ctx, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        write_examples(self.examples, formatter)
        super().format_epilog(ctx, formatter)

    def invoke(self, ctx: click.Context) -> Any:
        from tidegate_cli.place import placed

        file = ctx.params.pop("project_file")
        place = placed(ctx, file, reads=self._reads_project)
        taken = {name: ctx.params.pop(name) for name in ("stack_name", "region", "profile", "quiet", "verbose")} | place
        ctx.color = _colour(ctx.params.pop("color"))
        ctx.obj = Shared(json=ctx.params.pop("as_json"), color=ctx.color, project_file=file, **taken)
        try:
            with terminable():
                done = answer_or_stop(partial(super().invoke, ctx))
        except KeyboardInterrupt:
            done = Stop(Outcome.INTERRUPTED, "Interrupted. A release that has started continues; see: tidegate status")
        except BrokenPipeError:
            # Nobody reads on, as after `| head`: that is the end of watching, and Click's own 1 would say it failed.
            done = Stop(Outcome.UNKNOWN, "")
            _read_by_nobody()
        if not isinstance(done, Stop):
            return done
        try:
            if str(done):
                from tidegate_cli.wrapping import wrapped

                say("\n".join(wrapped(f"Error: {done}", err=True)), err=True)
        except BrokenPipeError:
            _read_by_nobody()
        raise click.exceptions.Exit(done.outcome.code)


class Group(click.Group):
    """A command of several; `examples` end its help."""

    def __init__(self, *arguments: Any, examples: Sequence[str] = (), **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.examples = examples

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        write_examples(self.examples, formatter)
        super().format_epilog(ctx, formatter)


def _read_by_nobody() -> None:
    """Replace the closed stdout, so that the interpreter's last flush succeeds."""
    sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115 - until the end of the process


def _colour(wish: str) -> bool | None:
    """Return Click's setting: None colours a terminal only (no-color.org)."""
    return False if wish == "auto" and os.environ.get("NO_COLOR") else COLOUR[wish]
