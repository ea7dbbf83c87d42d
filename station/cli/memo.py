"""``memo``: credit documents, from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from station.cli import configuration, example, say
from station.cli.database import engine_to_read
from station.cli.output import emit, table
from station.errors import StationError

if TYPE_CHECKING:
    from station.display.state import Answer


@click.group(epilog=example("scanstation memo open CM-1001"))
def memo() -> None:
    """List, show, open, close, save, cancel documents."""


@memo.command("list", epilog=example("scanstation memo list --status open"))
@click.option("--status", type=click.Choice(["open", "saved", "cancelled"]), help="Only these.")
@click.option("--json", "as_json", is_flag=True, help="One JSON line a document.")
def list_(status: str | None, *, as_json: bool) -> None:
    """List the documents."""
    from station.store.queries import list_documents  # noqa: PLC0415

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
    from station.exchange.exporter import export_document  # noqa: PLC0415

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
                ", ".join(unit.serial_number for unit in line.serial_numbers),
            ]
            for line in document.lines
        ),
        title=f"{number}  {document.kind}  {document.customer}  {document.location}  {document.status}",
    )
    if document.archived:
        say(f"its serial numbers are in the archive: scanstation history --archived --document {number}")


def _over(credited: int, requested: int) -> str:
    return "over" if credited > requested else ""


@memo.command("open", epilog=example("scanstation memo open CM-1001"))
@click.argument("number")
def open_(number: str) -> None:
    """Open a document on this station; one that is open is closed first."""
    _command(f"open {number}")


@memo.command(epilog=example("scanstation memo close"))
def close() -> None:
    """Close the station's open document; nothing is booked."""
    _command("close")


@memo.command(epilog=example("scanstation memo save"))
def save() -> None:
    """Save the station's open document: its units move to the areas that the settings name."""
    _command("save")


@memo.command(epilog=example("scanstation memo cancel CM-1002"))
@click.argument("number")
def cancel(number: str) -> None:
    """Cancel a document; its serial numbers are free again."""
    _command(f"cancel-document {number}")


def _command(text: str) -> None:
    """Give the station a command: the running daemon, else this process in its place.

    Raises:
        StationError: it could not be followed.
    """
    from station.host.lock import holder  # noqa: PLC0415

    config = configuration()
    held = holder(config.state_directory(), config.station.name)
    if held and held.url:
        from station.display.trust import link_to_own  # noqa: PLC0415

        link = link_to_own(held.url, config.display)
        try:
            _report(link.command(text))
        finally:
            link.close()
        return
    from station import log  # noqa: PLC0415
    from station.app.station import Station  # noqa: PLC0415
    from station.display.messages import answer  # noqa: PLC0415

    log.configure(config.log)
    with Station(config) as station:
        _report(answer(station.command(text, "command line")))


def _report(answer: Answer) -> None:
    if answer.refused is not None:
        raise StationError(answer.refused)
    for message in answer.messages:
        say(message)
