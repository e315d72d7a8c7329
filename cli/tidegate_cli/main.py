"""The `tidegate` command. What `tidegate --help` shows is here, so that no command is imported for it."""

from importlib import import_module
from importlib.util import find_spec
from typing import NamedTuple

import click


class Entry(NamedTuple):
    """Where a command is, and its line in the help."""

    module: str
    attribute: str
    says: str


COMMANDS: dict[str, Entry] = {
    "plan": Entry("tidegate_cli.commands.plan", "plan", "Say what a release would do, and what is in its way."),
    "release": Entry("tidegate_cli.commands.release", "release", "Release functions, and follow it."),
    "watch": Entry("tidegate_cli.commands.watch", "watch", "Follow a release that is running, or that was."),
    "status": Entry("tidegate_cli.commands.status", "status", "Say what serves, and which release is running."),
    "promote": Entry("tidegate_cli.commands.decisions", "promote", "Have a release go on, or finish."),
    "hold": Entry("tidegate_cli.commands.decisions", "hold", "Keep a release where it is, still judged."),
    "abort": Entry("tidegate_cli.commands.decisions", "abort", "Roll a running release back."),
    "rollback": Entry("tidegate_cli.commands.rollback", "rollback", "Go back to an earlier version."),
    "history": Entry("tidegate_cli.commands.history", "history", "List past releases of a function."),
    "report": Entry("tidegate_cli.commands.report", "report", "Show a release as one page: outcome, why, charts."),
    "replay": Entry("tidegate_cli.commands.replay", "replay", "Judge a past release again, with other settings."),
    "doctor": Entry("tidegate_cli.commands.doctor", "doctor", "Check that Tidegate is there and may be used."),
    "freeze": Entry("tidegate_cli.commands.freezes", "freeze", "Keep functions from being released for a while."),
    "thaw": Entry("tidegate_cli.commands.freezes", "thaw", "End a freeze."),
    "freezes": Entry("tidegate_cli.commands.freezes", "freezes", "List what is frozen."),
    "completion": Entry("tidegate_cli.commands.completion", "completion", "Print what completes it in your shell."),
    "local": Entry("localcloud.command", "local", "Run an AWS of your own on 127.0.0.1, until interrupted."),
    "try": Entry("localcloud.trial.command", "try_", "Watch five releases under traffic, on a local AWS of your own."),
}
"""Some are there in a checkout only: a wheel has no local cloud."""


class LazyGroup(click.Group):
    """A group that imports a command only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - Click's own signature
        return [name for name, entry in COMMANDS.items() if _is_there(entry.module)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        entry = COMMANDS[cmd_name]
        command: click.Command = getattr(import_module(entry.module), entry.attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name].says) for name in self.list_commands(ctx)])


def _is_there(module: str) -> bool:
    # Only the package's name: looking further in would import it, the local cloud with all of moto.
    return find_spec(module.partition(".")[0]) is not None


@click.group(cls=LazyGroup, context_settings={"auto_envvar_prefix": "TIDEGATE", "max_content_width": 100})
@click.version_option(package_name="tidegate", prog_name="tidegate")
def main() -> None:
    """Release AWS Lambda functions safely."""
