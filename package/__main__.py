"""``python -m package deb|wheel|sbom|audit``: builds a release file and prints its path; audits the locks."""

from __future__ import annotations

from pathlib import Path

import click

from package import audit as auditing
from package import deb as debian
from package import sbom as bill
from package.site_packages import build_wheel

_TO = click.option(
    "--to", type=click.Path(path_type=Path), default=Path("dist"), show_default=True, help="The directory."
)


@click.group()
def main() -> None:
    """Build the release files."""


@main.command()
@_TO
@click.option("--revision", default="1", show_default=True, help="The Debian revision.")
def deb(to: Path, revision: str) -> None:
    """Build the Debian package."""
    try:
        click.echo(debian.build(to, revision))
    except ValueError as error:
        raise click.ClickException(str(error)) from error


@main.command()
@_TO
def wheel(to: Path) -> None:
    """Build the wheel."""
    to.mkdir(parents=True, exist_ok=True)
    click.echo(build_wheel(to))


@main.command()
@_TO
def sbom(to: Path) -> None:
    """Write the bill of materials, as CycloneDX."""
    to.mkdir(parents=True, exist_ok=True)
    click.echo(bill.write(to))


@main.command()
def audit() -> None:
    """Check the locked packages for known vulnerabilities.

    Fails if there is one. A service that can't be reached is not a failure, but is reported.
    """
    try:
        answer = auditing.audit()
    except auditing.AuditError as error:
        raise click.ClickException(str(error)) from error
    if answer is None:
        services = " nor ".join(auditing.SERVICES)
        click.echo(f"NOT AUDITED: neither {services} can be reached; try another machine", err=True)
        return
    if answer.unknown:
        click.echo(f"NOT AUDITED, unknown to {answer.service}: {', '.join(answer.unknown)}", err=True)
    if answer.vulnerable:
        raise click.ClickException("\n".join(("vulnerable:", *answer.vulnerable)))
    click.echo(f"{answer.service} knows no vulnerability of the {answer.audited} locked packages")


if __name__ == "__main__":
    main()
