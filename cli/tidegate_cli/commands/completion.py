"""`tidegate completion`: Click's own completion for a shell."""

import click
from click.shell_completion import get_completion_class

WHERE = """
\b
Examples:
  tidegate completion bash
  tidegate completion zsh

bash: tidegate completion bash > ~/.local/share/bash-completion/completions/tidegate

zsh: tidegate completion zsh > "${fpath[1]}/_tidegate"

fish: tidegate completion fish > ~/.config/fish/completions/tidegate.fish
"""


@click.command(epilog=WHERE)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the completion script for your shell."""
    found = get_completion_class(shell)
    assert found is not None
    click.echo(found(context.find_root().command, {}, "tidegate", "_TIDEGATE_COMPLETE").source())
