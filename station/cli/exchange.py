"""``import`` and ``export``: documents and units in, documents out."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from station.cli import configuration, example, say
from station.cli.database import engine_to_read


@click.command("import", epilog=example("scanstation import ./from-erp"))
@click.argument("directory", type=click.Path(path_type=Path))
def import_(directory: Path) -> None:
    """Import a directory of CSV files: all, or nothing.

    It is one transaction. Known are locations.csv, stock_areas.csv, items.csv, serial_numbers.csv,
    documents.csv, lines.csv and operators.csv; those that aren't there are skipped, existing rows are
    updated by their key.
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
    from station.exchange.importer import import_directory  # noqa: PLC0415
    from station.stamping import now  # noqa: PLC0415

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
            what = name if done < total else "checking and storing"
            bar.update(task, description=what, completed=done, total=total)

        summary = import_directory(engine, directory, now(), show)
    for name, rows in summary.rows.items():
        say(f"{name}: {rows:,} rows")


@click.command(epilog=example("scanstation export CM-1001 --format csv > CM-1001.csv"))
@click.argument("document")
@click.option("--format", "form", type=click.Choice(["json", "csv"]), default="json", show_default=True)
def export(document: str, form: str) -> None:
    """Print a document with its serial numbers."""
    from station.exchange.exporter import export_document  # noqa: PLC0415

    engine = engine_to_read()
    exported = export_document(engine, document)
    click.echo(exported.to_json() if form == "json" else exported.to_csv().rstrip("\n"))
