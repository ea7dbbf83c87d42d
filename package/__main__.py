"""``python -m package deb|wheel|sbom``: write it into a directory, and say where."""

from __future__ import annotations

from pathlib import Path

import click

from package import deb as debian
from package import sbom as bill
from package.site_packages import build_wheel

_TO = click.option(
    "--to", type=click.Path(path_type=Path), default=Path("dist"), show_default=True, help="The directory."
)


@click.group()
def main() -> None:
    """Build what is published."""


@main.command()
@_TO
@click.option("--revision", default="1", show_default=True, help="Debian's, behind the version's hyphen.")
def deb(to: Path, revision: str) -> None:
    """The Debian package."""
    click.echo(debian.build(to, revision))


@main.command()
@_TO
def wheel(to: Path) -> None:
    """The wheel."""
    to.mkdir(parents=True, exist_ok=True)
    click.echo(build_wheel(to))


@main.command()
@_TO
def sbom(to: Path) -> None:
    """The list of what is inside, as CycloneDX."""
    to.mkdir(parents=True, exist_ok=True)
    click.echo(bill.write(to))


main()
