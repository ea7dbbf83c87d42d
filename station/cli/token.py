"""``token``: access over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from station.cli import configuration, example, say
from station.cli.output import emit, table
from station.errors import UsageError

if TYPE_CHECKING:
    from station.web.tokens import Scope, TokenFile


@click.group(epilog=example("scanstation token create kiosk --scope display"))
def token() -> None:
    """Create, list and revoke the access tokens of programs and displays.

    Changes take effect at once, also in a running station. See docs/http.md for where tokens are needed.
    """


@token.command(epilog=example("scanstation token create erp --scope documents"))
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice(["display", "documents", "metrics", "admin"]),
    multiple=True,
    required=True,
    help="What the token gives access to; may be repeated.",
)
def create(name: str, scopes: tuple[Scope, ...]) -> None:
    """Create a token and print it; it can't be shown again.

    Scopes: display, to see and scan; documents, to send and fetch credit documents; metrics, for Prometheus;
    admin, for everything.
    """
    import msgspec  # noqa: PLC0415

    from station.config.settings import Name  # noqa: PLC0415

    try:
        msgspec.convert(name, Name)  # noqa: TID251 - one thread
    except msgspec.ValidationError as error:
        raise UsageError(
            f'token "{name}": a name has up to 64 letters, digits, dots, hyphens and underscores'
        ) from error
    click.echo(_file().create(name, scopes))
    say(f'token "{name}" for {", ".join(sorted(set(scopes)))}; it is not shown again')


@token.command("list", epilog=example("scanstation token list"))
@click.option("--json", "as_json", is_flag=True, help="One JSON line per token.")
def list_(*, as_json: bool) -> None:
    """List the tokens by name; the tokens themselves can't be shown again."""
    tokens = _file().tokens()
    if as_json:
        for each in tokens:
            emit({"name": each.name, "scopes": each.scopes, "created_at": each.created_at})
        return
    table(
        ["Name", "Scopes", "Created (UTC)"],
        ([each.name, ", ".join(each.scopes), each.created_at] for each in tokens),
    )


@token.command(epilog=example("scanstation token revoke kiosk"))
@click.argument("name")
def revoke(name: str) -> None:
    """Revoke a token; requests with it are refused from now on."""
    _file().revoke(name)
    say(f'token "{name}" is revoked')


def _file() -> TokenFile:
    from station.web.tokens import TokenFile  # noqa: PLC0415

    config = configuration()
    return TokenFile(config.state_directory(), config.station.name)
