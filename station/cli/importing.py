"""``import``: the office's CSV files, from the command line."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.cli import configuration, example, say
from station.cli.output import emit, table

if TYPE_CHECKING:
    from station.office.result import ImportSummary


MIN_YEAR, MAX_YEAR = 1970, 9999
"""Times that every database and time zone can hold."""


def _moment(_context: click.Context, _option: click.Parameter, value: str | None) -> datetime | None:
    """Convert a time with its zone (ISO 8601), or ``now``."""
    from station.office.importer import CLOCKS_APART  # noqa: PLC0415
    from station.source import now  # noqa: PLC0415

    if value is None:
        return None
    if value == "now":
        # After each booking, even of a station whose clock is ahead.
        return now() + CLOCKS_APART
    example_text = "write it as 2026-11-23T05:00:00+01:00, or now"
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f'"{value}" is not a time; {example_text}') from None
    if moment.tzinfo is None:
        raise click.BadParameter(f'"{value}" has no time zone; {example_text}')
    if not MIN_YEAR <= moment.year < MAX_YEAR:
        raise click.BadParameter(f'"{value}" is no time at which a list was made; {example_text}')
    return moment


@click.command("import", epilog=example("scanstation import ./from-erp"))
@click.argument("directory", type=click.Path(path_type=Path))
@click.option(
    "--as-of",
    metavar="TIME",
    callback=_moment,
    help="When the list of serial numbers was made: a time, or now. Default: when its file was written.",
)
@click.option("--dry-run", is_flag=True, help="Show what would change, and store nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON line per file.")
def import_(directory: Path, as_of: datetime | None, *, dry_run: bool, as_json: bool) -> None:
    """Import a directory of CSV files, all or nothing.

    The files are locations.csv, stock_areas.csv, reasons.csv, conditions.csv, items.csv,
    serial_numbers.csv, documents.csv, lines.csv, expected.csv and operators.csv, imported in one
    transaction; missing ones are skipped. Existing rows are updated by key. A unit that a station booked
    after the list was made stays where it is.
    """
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import (  # noqa: PLC0415 - nothing else draws a bar
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    from station.app.station import prepared_engine  # noqa: PLC0415
    from station.office.importer import import_directory  # noqa: PLC0415
    from station.source import now  # noqa: PLC0415

    engine = prepared_engine(configuration())
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
    with bar:
        task = bar.add_task("", total=None)

        def show(name: str, done: int, total: int) -> None:
            step = name if done < total else "checking and storing"
            bar.update(task, description=step, completed=done, total=total)

        summary = import_directory(engine, directory, now(), show, as_of=as_of, dry_run=dry_run)
    _report(summary, as_json=as_json)
    if dry_run:
        say("nothing was stored")


def _report(summary: ImportSummary, *, as_json: bool) -> None:
    from station.office.result import KINDS  # noqa: PLC0415

    if as_json:
        for name, result in summary.files.items():
            emit(result.as_json(name))
    else:
        table(
            ["File", "Rows", *(kind.capitalize() for kind in KINDS)],
            (
                [name, f"{result.rows:,}", *(result.shown(kind) for kind in KINDS)]
                for name, result in summary.files.items()
            ),
        )
    for remark in summary.remarks:
        say(remark)
