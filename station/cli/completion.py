"""``completion``: the shell's own completion of commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from station.cli import cli, example


@click.command(epilog=example('eval "$(scanstation completion bash)"'))
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print a shell's completion script."""
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"no completion for {shell}")
    click.echo(kind(cli, {}, "scanstation", "_SCANSTATION_COMPLETE").source())
