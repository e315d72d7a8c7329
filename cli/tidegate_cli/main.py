"""The `tidegate` command. The text of `tidegate --help` is here, so that it imports no command."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any, NamedTuple

import click

from tidegate_cli.help import HELP
from tidegate_cli.terminal import take_any_character


class Entry(NamedTuple):
    """The module of a command, its line in the help, and the package that it needs from the extra `local`."""

    module: str
    attribute: str
    says: str
    needs: str | None = None

    @property
    def is_there(self) -> bool:
        """Check only for the package: checking its modules would import it."""
        return self.needs is None or find_spec(self.needs) is not None


COMMANDS: dict[str, Entry] = {
    "plan": Entry("tidegate_cli.commands.plan", "plan", "Show what a release would do, and what blocks it."),
    "check": Entry("tidegate_cli.commands.check", "check", "Check the project file and requests, without AWS."),
    "release": Entry("tidegate_cli.commands.release", "release", "Release functions and follow the release."),
    "watch": Entry("tidegate_cli.commands.watch", "watch", "Follow a running release, or show a past one."),
    "status": Entry("tidegate_cli.commands.status", "status", "Show what serves, what is running and what is frozen."),
    "promote": Entry("tidegate_cli.commands.decisions", "promote", "Let a release continue or finish."),
    "hold": Entry("tidegate_cli.commands.decisions", "hold", "Keep a release at its weight, still judged."),
    "abort": Entry("tidegate_cli.commands.decisions", "abort", "Roll back a running release."),
    "rollback": Entry("tidegate_cli.commands.rollback", "rollback", "Go back to an earlier version."),
    "retry": Entry("tidegate_cli.commands.retry", "retry", "Start the request of an ended release again."),
    "drained": Entry("tidegate_cli.commands.drained", "drained", "Say whether old versions still run."),
    "route": Entry("tidegate_cli.commands.route", "route", "Show and set which users meet a canary."),
    "history": Entry("tidegate_cli.commands.history", "history", "List past releases of a function."),
    "report": Entry("tidegate_cli.commands.report", "report", "Show a release as one page: outcome, reasons, charts."),
    "replay": Entry("tidegate_cli.commands.replay", "replay", "Judge a past release again, with other settings."),
    "doctor": Entry(
        "tidegate_cli.commands.doctor", "doctor", "Check that Tidegate is deployed and that you may use it."
    ),
    "verify": Entry("tidegate_cli.commands.verify", "verify", "Check that AWS does what Tidegate relies on."),
    "freeze": Entry("tidegate_cli.commands.freezes", "freeze", "Block releases of functions for a while."),
    "thaw": Entry("tidegate_cli.commands.freezes", "thaw", "End a freeze."),
    "freezes": Entry("tidegate_cli.commands.freezes", "freezes", "List what is frozen."),
    "completion": Entry(
        "tidegate_cli.commands.completion", "completion", "Print the completion script for your shell."
    ),
    "local": Entry("localcloud.command", "local", "Run a local AWS on 127.0.0.1 until interrupted.", "moto"),
    "try": Entry("localcloud.trial.command", "try_", "Watch five releases on a local AWS.", "moto"),
}
HOW_TO_INSTALL = "Install the wheel with its extra: pipx install --force 'WHEEL[local]'"


class LazyGroup(click.Group):
    """A group that imports a command only when it is called."""

    def main(self, *arguments: Any, **named: Any) -> Any:
        take_any_character()
        return super().main(*arguments, **named)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except click.exceptions.NoArgsIsHelpError:  # a group's help, and no mistake
            raise
        except click.ClickException as error:  # may quote an argument, which a script may have from anywhere
            raise _readable(error) from None

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - Click's own signature
        return [name for name, entry in COMMANDS.items() if entry.is_there]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches

            meant = get_close_matches(args[0], COMMANDS, n=3)
            hint = f" Did you mean {' or '.join(meant)}?" if meant else " See: tidegate --help"
            ctx.fail(f"There is no command {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        if not entry.is_there:
            raise click.ClickException(
                f"tidegate {cmd_name} needs the local cloud, which is not installed. {HOW_TO_INSTALL}"
            )
        command: click.Command = getattr(import_module(entry.module), entry.attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - as above
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.says) for name, entry in COMMANDS.items()])
        missing = [name for name, entry in COMMANDS.items() if not entry.is_there]
        if missing:
            formatter.write_paragraph()
            formatter.write_text(f"Not installed: {', '.join(missing)}. {HOW_TO_INSTALL}")


def _readable(error: click.ClickException) -> click.ClickException:
    """Return a mistake with its foreign text made harmless, and on a terminal with lines that break between words."""
    from tidegate.domain.foreign_text import for_log
    from tidegate_cli.wrapping import wrapped

    before = "Error: "
    text = "\n".join(wrapped(before + for_log(error.format_message()), err=True)).removeprefix(before)
    return click.UsageError(text, error.ctx) if isinstance(error, click.UsageError) else click.ClickException(text)


SETTINGS = {"auto_envvar_prefix": "TIDEGATE", "max_content_width": 100, **HELP}
EPILOG = "\b\nExamples:\n  tidegate plan checkout\n  tidegate release checkout\n  tidegate status"


@click.group(cls=LazyGroup, context_settings=SETTINGS, epilog=EPILOG)
@click.version_option(package_name="tidegate", prog_name="tidegate")
def main() -> None:
    """Release AWS Lambda functions safely."""
