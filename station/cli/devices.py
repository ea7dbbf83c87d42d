"""``devices``: what is plugged in, as tables for the configuration."""

from __future__ import annotations

from pathlib import Path

import click

from station.cli import configuration, example, say
from station.cli.output import emit
from station.errors import ConfigError


@click.command(epilog=example("scanstation devices >> config.toml"))
@click.option("--json", "as_json", is_flag=True, help="One JSON line a device.")
@click.option("--root", default="/", type=click.Path(path_type=Path), hidden=True)
def devices(root: Path, *, as_json: bool) -> None:
    """Show the scanners that are plugged in.

    What is printed can be appended to the configuration as it is: a [[scanner]] table for each scanner.
    Devices that only may be one (an ordinary keyboard) stand there as comments.
    """
    from station.intake.scanner_table import offers  # noqa: PLC0415 - help comes at once

    try:
        configured = configuration().scanner
    except ConfigError as error:
        # This command is there to get the configuration right.
        say(f"scanstation: {error}; devices are listed as if none were configured")
        configured = ()
    found = offers(configured, root)
    if as_json:
        for offer in found:
            emit(offer)
    elif found:
        click.echo("\n\n".join(offer.text() for offer in found))
    if not found:
        say("no scanner, keyboard or serial port is plugged in; plug a scanner in and look again")
