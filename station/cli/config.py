"""``config``: is it right, and what is in force."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import get_completion_class

from station.cli import cli, example, say
from station.cli.output import emit, table
from station.i18n.messages import escape_unprintable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from station.config.loading import Reading
    from station.config.merging import Effective


@click.group(epilog=example("scanstation config check"))
def config() -> None:
    """Check the configuration, and show what is in force.

    Later layers count more: the defaults, the file, its drop-ins (*.toml in config.d beside config.toml, in
    the order of their names), variables of the environment (SCANSTATION__LOG__LEVEL=debug).
    """


@config.command(epilog=example("scanstation config check /etc/scanstation/config.toml"))
@click.argument("files", metavar="[FILE]...", nargs=-1, type=click.Path(path_type=Path))
def check(files: tuple[Path, ...]) -> None:
    """Say whether the configuration in force, or that of each FILE, is right.

    With a file go its drop-ins and the variables of the environment; a drop-in is checked with the file that
    it belongs to. Every mistake is told, and what is no mistake but hardly meant. Exits with 2 when something
    is wrong.
    """
    from station.config.loading import read  # noqa: PLC0415 - help comes at once

    asked = dict.fromkeys(map(_owner, files)) or [click.get_current_context().find_root().obj]
    is_wrong = False
    for reading in map(read, asked):
        mistakes = reading.mistakes or tuple(_of_database(reading))
        for line in () if mistakes else _judgement(reading):
            click.echo(escape_unprintable(line))
        for mistake in mistakes:
            say(f"scanstation: {mistake}")
        is_wrong = is_wrong or bool(mistakes)
    if is_wrong:
        sys.exit(2)


def _of_database(reading: Reading) -> Iterator[str]:
    """What is wrong with the database's URL, which only the store can tell."""
    from station.errors import ConfigError  # noqa: PLC0415 - help comes at once
    from station.repository.database import supported_url  # noqa: PLC0415

    try:
        if url := reading.config.database.url:
            supported_url(url)
    except ConfigError as error:
        yield str(error)


def _owner(file: Path) -> Path:
    """The file that a drop-in belongs to; any other file is its own."""
    owner = file.absolute().parent.with_suffix(".toml")
    return owner if file.absolute().parent.suffix == ".d" and owner.exists() else file


def _judgement(reading: Reading) -> Iterator[str]:
    from station.config.advice import advice  # noqa: PLC0415 - help comes at once

    sources = [layer.source for layer in reading.layers]
    path = str(reading.path)
    scanners = ", ".join(each.name for each in reading.config.scanner) or "none"
    yield f"{path if path in sources else f'{path} is not there, defaults'}: all right"
    yield f'  station "{reading.config.station.name}", scanners: {scanners}'
    for source in sources:
        yield f"  read: {source}"
    for sentence in advice(reading, os.environ):
        yield f"  warning: {sentence}"


@config.command(epilog=example("scanstation config show --changed"))
@click.option("--changed", is_flag=True, help="Only keys whose value is not the default.")
@click.option("--json", "as_json", is_flag=True, help="One JSON line a key.")
@click.option("--toml", "as_toml", is_flag=True, help="All that files and variables say, as one file.")
def show(*, changed: bool, as_json: bool, as_toml: bool) -> None:
    """Show the value of every key, and where it comes from.

    Secrets are shown as ***.
    """
    from station.config.loading import read  # noqa: PLC0415
    from station.config.merging import effective  # noqa: PLC0415 - help comes at once

    reading = read(click.get_current_context().find_root().obj)
    reading.right()
    if as_toml:
        click.echo(_file(reading), nl=False)
        return
    keys = (each for each in effective(reading) if each.is_changed or not changed)
    if as_json:
        for each in keys:
            emit(_as_json(each))
        return
    _show_table(keys)


def _file(reading: Reading) -> str:
    from station.config.merging import plain  # noqa: PLC0415
    from station.config.rendering import (  # noqa: PLC0415
        document,
        without_secrets,
    )

    return document(without_secrets(plain(reading.tree))) if reading.tree else ""


def _as_json(each: Effective) -> dict[str, object]:
    from station.config.rendering import without_secrets  # noqa: PLC0415
    from station.config.schema import dotted  # noqa: PLC0415 - help comes at once

    origin = each.origin
    return {
        "key": dotted(each.key),
        "value": without_secrets(each.value, str(each.key[-1])),
        "from": origin.layer.kind if origin else "default",
        "source": origin.layer.source if origin else None,
        "line": origin.layer.line(origin.key) if origin else None,
    }


def _show_table(keys: Iterable[Effective]) -> None:
    from station.config.rendering import literal  # noqa: PLC0415 - help comes at once

    rows = map(_as_json, keys)
    table(["Key", "Value", "From"], ([row["key"], literal(row["value"]), _place(row)] for row in rows))


def _place(row: dict[str, object]) -> object:
    if row["line"]:
        return f"{row['source']}:{row['line']}"
    return row["source"] or "default"


@click.command(epilog=example('eval "$(scanstation completion bash)"'))
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print a shell's completion script."""
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"no completion for {shell}")
    click.echo(kind(cli, {}, "scanstation", "_SCANSTATION_COMPLETE").source())
