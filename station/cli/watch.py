"""``watch``: the display, in a terminal."""

from __future__ import annotations

import click

from station.cli import configuration, example


@click.command(epilog=example("scanstation watch"))
@click.option("--url", help="Where the station listens, when it isn't the configured one.")
def watch(url: str | None) -> None:
    """Show the running station in this terminal.

    Serial numbers and commands can be typed in; Ctrl+Q leaves.
    """
    from station.display.link import StationLink  # noqa: PLC0415
    from station.display.terminal import run_watch  # noqa: PLC0415
    from station.lock import holder  # noqa: PLC0415

    config = configuration()
    held = holder(config.state_directory(), config.station.name)
    run_watch(StationLink(url or (held.url if held else "") or f"http://{config.display.listen}"))
