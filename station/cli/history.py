"""``history``: the serial number history."""

from __future__ import annotations

import click

from station.cli import configuration, example, say
from station.cli.database import engine_to_read
from station.cli.output import emit, table
from station.errors import UsageError

SHOWN = {
    "Time (UTC)": "at",
    "Action": "action",
    "Reason": "reason",
    "Serial number": "serial_number",
    "Mfr serial number": "mfr_serial_number",
    "Item": "item",
    "Document": "document",
    "Stock area": "stock_area",
    "To area": "to_area",
    "Operator": "operator",
    "Station": "station",
    "Text": "text",
}


@click.command(epilog=example("scanstation history --serial PR400001"))
@click.option("--serial", metavar="SERIAL", help="Of this serial number, exactly as booked.")
@click.option("--document", metavar="NUMBER", help="Of this document.")
@click.option("--archived", is_flag=True, help="Also what is in the archive, which takes longer.")
@click.option("--json", "as_json", is_flag=True, help="One JSON line a row; moves have to_area too.")
def history(serial: str | None, document: str | None, *, archived: bool, as_json: bool) -> None:
    """Show the history of a serial number or document.

    All that was ever done with it, oldest first.
    """
    from station.store.archive.files import ArchiveFiles, archive_directory  # noqa: PLC0415
    from station.store.archive.looking import with_archived  # noqa: PLC0415
    from station.store.queries import serial_number_history  # noqa: PLC0415

    if serial is None and document is None:
        raise UsageError("say of what: scanstation history --serial SERIAL or --document NUMBER")
    engine = engine_to_read()
    rows = serial_number_history(engine, serial_number=serial, document=document)
    directory = archive_directory(configuration())
    if archived:
        rows = with_archived(engine, directory, rows, serial_number=serial, document=document)
    elif ArchiveFiles(directory).months():
        say("this leaves out what is in the archive; add --archived to see that too")
    if as_json:
        for row in rows:
            emit(row)
    elif rows:
        used = {title: key for title, key in SHOWN.items() if any(row.get(key) is not None for row in rows)}
        table(list(used), ([row.get(key) for key in used.values()] for row in rows))
    else:
        say("there is no history of it")
