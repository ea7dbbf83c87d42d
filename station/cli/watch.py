"""``watch``: the display, in a terminal."""

from __future__ import annotations

import click

from station.cli import configuration, example
from station.i18n.catalogues import LANGUAGES


@click.command(epilog=example("scanstation watch"))
@click.option("--url", help="The station's URL, if it isn't the configured station.")
@click.option("--ca", default="", help="PEM file of CA certificates to trust; default: SCANSTATION_CA.")
@click.option(
    "--language", type=click.Choice(list(LANGUAGES)), help="The language; default: display.language."
)
def watch(url: str | None, ca: str, language: str | None) -> None:
    """Show the running station in this terminal.

    You can type in serial numbers and commands; Ctrl+Q leaves. If the station requires a token, it is taken
    from SCANSTATION_TOKEN.
    """
    from station.i18n.catalogues import language as language_of  # noqa: PLC0415
    from station.ops.lock import holder  # noqa: PLC0415
    from station.outputs.display.client import link_to, link_to_own  # noqa: PLC0415
    from station.terminal.app import run_watch  # noqa: PLC0415

    config = configuration()
    speaking = language_of(language or config.display.language)
    if url:
        run_watch(link_to(url, ca), speaking)
        return
    held = holder(config.state_directory(), config.station.name)
    scheme = "https" if config.display.certificate else "http"
    own = (held.url if held else "") or f"{scheme}://{config.display.listen}"
    run_watch(link_to_own(own, config.display), speaking)
