"""``memo``, ``history`` and ``export``: credit documents, from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from station.cli import configuration, example, say
from station.cli.output import emit, engine_to_read, table
from station.errors import StationError, UsageError

if TYPE_CHECKING:
    from station.office.document import ExportedDocument, ExportedReceipt
    from station.outputs.display.state import Answer


@click.group(epilog=example("scanstation memo open CM-1001"))
def memo() -> None:
    """List, show, open, close, save, cancel, reopen documents."""


@memo.command("list", epilog=example("scanstation memo list --status open"))
@click.option("--status", type=click.Choice(["open", "backorder", "saved", "cancelled"]), help="Only these.")
@click.option("--json", "as_json", is_flag=True, help="One JSON line per document.")
def list_(status: str | None, *, as_json: bool) -> None:
    """List the documents."""
    from station.repository.queries import list_documents  # noqa: PLC0415

    documents = list_documents(engine_to_read(), status=status)
    if as_json:
        for document in documents:
            emit(document)
        return
    columns = {
        "Number": "number",
        "Kind": "kind",
        "Customer": "customer",
        "Location": "location",
        "Status": "status",
        "Requested": "requested",
        "Credited": "credited",
        "Taken away": "taken_away",
    }
    table(list(columns), ([document[key] for key in columns.values()] for document in documents))


@memo.command(epilog=example("scanstation memo show CM-1001"))
@click.argument("number")
@click.option("--json", "as_json", is_flag=True, help="As JSON, with the serial numbers.")
def show(number: str, *, as_json: bool) -> None:
    """Show one document with its lines."""
    from station.office.exporter import export_document  # noqa: PLC0415

    document = export_document(engine_to_read(), number)
    if as_json:
        emit(document)
        return
    table(
        ["Line", "Item", "Description", "Requested", "Credited", "Note", "Serial numbers"],
        (
            [
                line.number,
                line.item,
                line.description,
                line.requested,
                line.credited,
                "negative"
                if line.negative
                else "added"
                if line.added
                else _over(line.credited, line.requested),
                ", ".join(unit.serial_number for unit in line.serial_numbers)
                or (f"{line.counted} counted" if line.counted else ""),
            ]
            for line in document.lines
        ),
        title="  ".join(part for part in _head(document) if part),
    )
    for receipt in document.receipts:
        say(_receipt(receipt))
    if document.archived:
        say(f"its serial numbers are in the archive: scanstation history --archived --document {number}")


def _head(document: ExportedDocument) -> tuple[str, ...]:
    return (
        document.number,
        document.kind,
        document.customer,
        document.location,
        document.status,
        document.reference,
        "unannounced" if document.unannounced else "",
    )


def _receipt(receipt: ExportedReceipt) -> str:
    if receipt.reopened_at is not None:
        return f"receipt {receipt.number}: {receipt.at} at {receipt.station}, undone {receipt.reopened_at}"
    counted = (f"{each.quantity} {each.item}" for each in receipt.counted)
    booked = ", ".join([*receipt.serial_numbers, *counted]) or "nothing"
    end = "" if receipt.final else "; the rest comes later"
    return f"receipt {receipt.number}: {receipt.at} at {receipt.station}: {booked}{end}"


def _over(credited: int, requested: int) -> str:
    return "over" if credited > requested else ""


@memo.command("open", epilog=example("scanstation memo open CM-1001"))
@click.argument("number")
def open_(number: str) -> None:
    """Open a document on this station; close the open one first."""
    _command(f"open {number}")


@memo.command(epilog=example("scanstation memo close"))
def close() -> None:
    """Close the station's open document; nothing is booked."""
    _command("close")


@memo.command(epilog=example("scanstation memo save"))
@click.option("--yes", "answer", flag_value="yes", help="If it is incomplete, save it without the rest.")
@click.option("--later", "answer", flag_value="later", help="If it is incomplete, the rest comes later.")
def save(answer: str | None) -> None:
    """Save the station's open document; its units move to the configured areas.

    An incomplete document is not saved without --yes or --later.
    """
    _command(f"save {answer or 'no'}")


@memo.command(epilog=example("scanstation memo cancel CM-1002"))
@click.argument("number")
def cancel(number: str) -> None:
    """Cancel a document; its serial numbers are free again."""
    _command(f"cancel-document {number}")


@memo.command(epilog=example("scanstation memo reopen CM-1001"))
@click.argument("number")
def reopen(number: str) -> None:
    """Undo the last Save of a document; its units move back if all are still where it put them."""
    _command(f"reopen-document {number}")


def _command(text: str) -> None:
    """Give a command to the running daemon, or run it in this process.

    Raises:
        StationError: it was refused.
    """
    from station.ops.lock import holder  # noqa: PLC0415

    config = configuration()
    held = holder(config.state_directory(), config.station.name)
    if held and held.url:
        from station.outputs.display.client import COMMAND_LINE, link_to_own  # noqa: PLC0415

        link = link_to_own(held.url, config.display)
        link.agent = COMMAND_LINE
        try:
            _report(link.command(text))
        finally:
            link.close()
        return
    from station.app.station import Station  # noqa: PLC0415
    from station.outputs import log  # noqa: PLC0415
    from station.outputs.display.messages import answer  # noqa: PLC0415

    log.configure(config.log)
    with Station(config) as station:
        _report(answer(station.command(text, "command line", program="command line")))


def _report(answer: Answer) -> None:
    if answer.refused is not None:
        raise StationError(answer.refused)
    for message in answer.messages:
        say(message)


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
    "Quantity": "quantity",
    "Note": "note",
    "Reason code": "reason_code",
    "Condition": "condition",
    "Receipt": "receipt",
    "Operator": "operator",
    "Station": "station",
    "Text": "text",
}
_EVERYDAY = {"quantity": 1}
"""A column of nothing but this value is left out; without an entry here: None."""


@click.command(epilog=example("scanstation history --serial PR400001"))
@click.option("--serial", metavar="SERIAL", help="The serial number, exactly as booked.")
@click.option("--document", metavar="NUMBER", help="The document.")
@click.option("--archived", is_flag=True, help="Include the archive, which takes longer.")
@click.option("--json", "as_json", is_flag=True, help="One JSON line per row; moves also have to_area.")
def history(serial: str | None, document: str | None, *, archived: bool, as_json: bool) -> None:
    """Show the history of a serial number or document, oldest first."""
    from station.repository.archive.files import ArchiveFiles, archive_directory  # noqa: PLC0415
    from station.repository.archive.looking import with_archived  # noqa: PLC0415
    from station.repository.queries import serial_number_history  # noqa: PLC0415

    if serial is None and document is None:
        raise UsageError("an option is missing: scanstation history --serial SERIAL or --document NUMBER")
    engine = engine_to_read()
    rows = serial_number_history(engine, serial_number=serial, document=document)
    directory = archive_directory(configuration())
    if archived:
        rows = with_archived(engine, directory, rows, serial_number=serial, document=document)
    elif ArchiveFiles(directory).months():
        say("this is without the archive; add --archived to include it")
    if as_json:
        for row in rows:
            emit(row)
    elif rows:
        used = {
            title: key
            for title, key in SHOWN.items()
            if any(row.get(key) != _EVERYDAY.get(key) for row in rows)
        }
        table(list(used), ([row.get(key) for key in used.values()] for row in rows))
    else:
        say("there is no history")


@click.command(epilog=example("scanstation export CM-1001 --format csv > CM-1001.csv"))
@click.argument("document")
@click.option("--format", "form", type=click.Choice(["json", "csv"]), default="json", show_default=True)
def export(document: str, form: str) -> None:
    """Print a document with its serial numbers."""
    from station.office.exporter import export_document  # noqa: PLC0415

    engine = engine_to_read()
    exported = export_document(engine, document)
    click.echo(exported.to_json() if form == "json" else exported.to_csv().rstrip("\n"))
