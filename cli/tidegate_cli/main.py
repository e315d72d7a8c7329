"""The `tidegate` command. Commands that live elsewhere plug in by the entry-point group `tidegate.commands`."""

from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec

import click

GROUP = "tidegate.commands"


class PluggableGroup(click.Group):
    """A group that imports a plugged-in command only when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *_plugged_in()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        own = super().get_command(ctx, cmd_name)
        plugged = _plugged_in().get(cmd_name)
        if own is None and plugged is not None:
            loaded: click.Command = plugged.load()
            return loaded
        return own


def _plugged_in() -> dict[str, EntryPoint]:
    """Give the commands that are there: an installed wheel names some that only a checkout has."""
    return {entry.name: entry for entry in entry_points(group=GROUP) if _is_there(entry.module)}


def _is_there(module: str) -> bool:
    # Only the package's name: looking further in would import it, the local cloud with all of moto.
    return find_spec(module.partition(".")[0]) is not None


@click.group(cls=PluggableGroup)
@click.version_option(package_name="tidegate", prog_name="tidegate")
def main() -> None:
    """Release AWS Lambda functions safely."""
