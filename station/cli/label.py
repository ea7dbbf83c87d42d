"""``label``: one unit's label, printed again or written into a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

import click
from msgspec.structs import replace

from station.cli import configuration, example, say
from station.cli.database import engine_to_read
from station.cli.writing import write_output
from station.errors import StationError, UsageError

if TYPE_CHECKING:
    from station.paper.label import Label

FORMATS = {".pdf": "pdf", ".zpl": "zpl"}


@click.command(epilog=example("scanstation label MAIN-000042"))
@click.argument("serial")
@click.option("--item", metavar="CODE", help="Whose unit is meant, when several items have this number.")
@click.option(
    "-o", "output", type=click.Path(path_type=Path), help="Write it into FILE.pdf or FILE.zpl instead."
)
def label(serial: str, item: str | None, output: Path | None) -> None:
    """Print the label of a serial number, on the printer of [label_printer].

    The number must be booked as it is written; for one whose label was lost, or is to be replaced.
    """
    from station.paper.printer import TIMEOUT_S, drawn  # noqa: PLC0415 - help comes at once
    from station.paper.reading import Readers  # noqa: PLC0415
    from station.paper.senders import sender_for  # noqa: PLC0415

    config = configuration()
    printer = config.label_printer
    if output is not None:
        printer = replace(printer, format=_format_of(output))
        write_output(output, drawn(_label(serial, item), printer, Readers(config)))
        return
    sender = sender_for(printer)
    found = _label(serial, item)
    sender.send(drawn(found, printer, Readers(config)), found.title, TIMEOUT_S)
    say(f"{serial}: the label is on its way to the printer")


def _format_of(output: Path) -> Literal["pdf", "zpl"]:
    if output.suffix.lower() not in FORMATS:
        raise UsageError(f'-o "{output}": must end in .pdf or .zpl, which says what is written')
    return cast("Literal['pdf', 'zpl']", FORMATS[output.suffix.lower()])


def _label(serial: str, item: str | None) -> Label:
    """What the database knows of the unit.

    Raises:
        StationError: nobody bears the number, or several items do.
    """
    from station.paper.label import Label  # noqa: PLC0415
    from station.store.queries import units_of_serial_number  # noqa: PLC0415

    units = units_of_serial_number(engine_to_read(), serial)
    if item is not None:
        units = [unit for unit in units if unit["item"] == item]
    if not units:
        raise StationError(f'no unit{f" of {item}" if item else ""} has the serial number "{serial}"')
    if len(units) > 1:
        items = ", ".join(unit["item"] for unit in units)
        raise StationError(f'several units have the serial number "{serial}"; say --item, one of {items}')
    return Label(**units[0])
