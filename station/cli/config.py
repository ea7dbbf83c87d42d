"""``config``: checks the configuration, and shows what is in force."""

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

    Later layers override earlier ones: the defaults, the file, its drop-ins (*.toml in config.d beside
    config.toml, in the order of their names), environment variables (SCANSTATION__LOG__LEVEL=debug).
    """


@config.command(epilog=example("scanstation config check /etc/scanstation/config.toml"))
@click.argument("files", metavar="[FILE]...", nargs=-1, type=click.Path(path_type=Path))
def check(files: tuple[Path, ...]) -> None:
    """Check the configuration in force, or each FILE.

    A file is checked together with its drop-ins and the environment variables; a drop-in, together with the
    file that it belongs to. Prints every mistake, and warns of settings that are valid but probably not
    intended. Exits with 2 when something is wrong.
    """
    from station.config.loading import read  # noqa: PLC0415 - for fast help

    paths = dict.fromkeys(map(_owner, files)) or [click.get_current_context().find_root().obj]
    is_wrong = False
    for reading in map(read, paths):
        mistakes = reading.mistakes or tuple(_of_database(reading))
        for line in () if mistakes else _judgement(reading):
            click.echo(escape_unprintable(line))
        for mistake in mistakes:
            say(f"scanstation: {mistake}")
        is_wrong = is_wrong or bool(mistakes)
    if is_wrong:
        sys.exit(2)


def _of_database(reading: Reading) -> Iterator[str]:
    """Yield what is wrong with the database's URL, which only the repository can check."""
    from station.errors import ConfigError  # noqa: PLC0415 - for fast help
    from station.repository.database import supported_url  # noqa: PLC0415

    try:
        if url := reading.config.database.url:
            supported_url(url)
    except ConfigError as error:
        yield str(error)


def _owner(file: Path) -> Path:
    """Return the file that a drop-in belongs to; else the file itself."""
    owner = file.absolute().parent.with_suffix(".toml")
    return owner if file.absolute().parent.suffix == ".d" and owner.exists() else file


def _judgement(reading: Reading) -> Iterator[str]:
    from station.config.advice import advice  # noqa: PLC0415 - for fast help

    sources = [layer.source for layer in reading.layers]
    path = str(reading.path)
    scanners = ", ".join(each.name for each in reading.config.scanner) or "none"
    yield f"{path if path in sources else f'{path} does not exist, defaults'}: all right"
    yield f'  station "{reading.config.station.name}", scanners: {scanners}'
    for source in sources:
        yield f"  read: {source}"
    for sentence in advice(reading, os.environ):
        yield f"  warning: {sentence}"


@config.command(epilog=example("scanstation config show --changed"))
@click.option("--changed", is_flag=True, help="Only keys whose value is not the default.")
@click.option("--json", "as_json", is_flag=True, help="One JSON line per key.")
@click.option("--toml", "as_toml", is_flag=True, help="All settings of files and variables, as one file.")
def show(*, changed: bool, as_json: bool, as_toml: bool) -> None:
    """Show the value of every key, and where it comes from.

    Secrets are shown as ***.
    """
    from station.config.loading import read  # noqa: PLC0415
    from station.config.merging import effective  # noqa: PLC0415 - for fast help

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
    from station.config.rendering import document, without_secrets  # noqa: PLC0415

    return document(without_secrets(plain(reading.tree))) if reading.tree else ""


def _as_json(each: Effective) -> dict[str, object]:
    from station.config.rendering import without_secrets  # noqa: PLC0415
    from station.config.schema import dotted  # noqa: PLC0415 - for fast help

    origin = each.origin
    return {
        "key": dotted(each.key),
        "value": without_secrets(each.value, str(each.key[-1])),
        "from": origin.layer.kind if origin else "default",
        "source": origin.layer.source if origin else None,
        "line": origin.layer.line(origin.key) if origin else None,
    }


def _show_table(keys: Iterable[Effective]) -> None:
    from station.config.rendering import literal  # noqa: PLC0415 - for fast help

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
