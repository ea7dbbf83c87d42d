"""``unit``: the office's hand on one unit, from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import msgspec

from station.cli import configuration, example
from station.cli.output import emit, engine_to_read, table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from station.office.document import ShownUnit

_TITLES = {
    "Serial number": "serial_number",
    "Item": "item",
    "Description": "description",
    "Mfr serial number": "mfr_serial_number",
    "Stock area": "stock_area",
    "Customer": "customer",
    "Returnable until": "returnable_until",
    "Retired": "retired",
    "On document": "document",
}
_item = click.option("--item", metavar="CODE", help="The item, if several units have the serial number.")
_as_json = click.option("--json", "as_json", is_flag=True, help="One JSON line per unit.")


@click.group(epilog=example("scanstation unit show PR400001"))
def unit() -> None:
    """Show, move or retire a unit."""


@unit.command(epilog=example("scanstation unit show PR400001"))
@click.argument("serial")
@_item
@_as_json
def show(serial: str, item: str | None, *, as_json: bool) -> None:
    """Show the units with a serial number."""
    from station.office.units import units_of  # noqa: PLC0415

    _print(units_of(engine_to_read(), serial, item), as_json=as_json)


@unit.command(epilog=example("scanstation unit move PR400001 MAIN-SOLD"))
@click.argument("serial")
@click.argument("area")
@_item
@_as_json
def move(serial: str, area: str, item: str | None, *, as_json: bool) -> None:
    """Book a unit into another stock area; its history says so."""
    _change(serial, item, area=area, as_json=as_json)


@unit.command(epilog=example("scanstation unit retire PR400001"))
@click.argument("serial")
@_item
@click.option("--undo", is_flag=True, help="Take it back into use.")
@_as_json
def retire(serial: str, item: str | None, *, undo: bool, as_json: bool) -> None:
    """Take a unit out of use: scans no longer find it, its history stays."""
    _change(serial, item, retired=not undo, as_json=as_json)


def _change(
    serial: str, item: str | None, *, area: str | None = None, retired: bool | None = None, as_json: bool
) -> None:
    from station.app.station import prepared_engine  # noqa: PLC0415
    from station.office.units import change_unit  # noqa: PLC0415
    from station.source import now  # noqa: PLC0415

    engine = prepared_engine(configuration())
    changed = change_unit(engine, serial, item, stock_area=area, retired=retired, at=now())
    _print([changed], as_json=as_json)


def _print(units: Iterable[ShownUnit], *, as_json: bool) -> None:
    shown = [msgspec.to_builtins(each) for each in units]
    if as_json:
        for each in shown:
            emit(each)
        return
    rows = [each | {"retired": "yes" if each["retired"] else "no"} for each in shown]
    table(list(_TITLES), ([row[key] for key in _TITLES.values()] for row in rows))
