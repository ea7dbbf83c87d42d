"""The office's hand on one unit (D10): shown, moved, retired; each change is a row of its history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, insert, select, update

from station.errors import UnitRefusedError, UnitWrongError
from station.history import OFFICE, MoveEvent
from station.office.document import ShownUnit
from station.office.release import last_number
from station.repository.database import reading, transaction
from station.repository.statement import HELD
from station.repository.tables import attachments, items, moves, serial_numbers, stock_areas
from station.source import timestamp

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Engine


def units_of(engine: Engine, serial_number: str, item: str | None = None) -> list[ShownUnit]:
    """Return the units with a serial number, by item.

    Raises:
        UnitWrongError: there is none.
        DatabaseError: the database can't be read.
    """
    with reading(engine) as connection:
        return _found(connection, serial_number, item)


def change_unit(  # noqa: PLR0913 - what can be changed
    engine: Engine,
    serial_number: str,
    item: str | None,
    *,
    stock_area: str | None = None,
    retired: bool | None = None,
    at: datetime,
) -> ShownUnit:
    """Move a unit, or take it out of use or back into use; return it as it is then.

    Raises:
        UnitWrongError: the unit or its new area is unknown, or the number alone doesn't name it.
        UnitRefusedError: it is on an open document.
        DatabaseError: the database failed; nothing is stored.
    """
    with transaction(engine) as connection:
        unit = _the_one(connection, serial_number, item)
        area = unit.stock_area if stock_area is None else stock_area
        is_retired = unit.retired if retired is None else retired
        if (area, is_retired) == (unit.stock_area, unit.retired):
            return unit
        if unit.document is not None:
            raise UnitRefusedError(
                f"{serial_number} of item {unit.item} is on the open document {unit.document}; "
                "detach it there first"
            )
        _require_area(connection, area)
        _write(connection, unit, area, timestamp(at), is_retired=is_retired)
        return _the_one(connection, serial_number, unit.item)


def _the_one(connection: Connection, serial_number: str, item: str | None) -> ShownUnit:
    unit, *others = _found(connection, serial_number, item, lock=True)
    if others:
        its_items = " and of ".join(each.item for each in (unit, *others))
        raise UnitWrongError(f"{serial_number} is a unit of {its_items}; name the item too")
    return unit


def _found(
    connection: Connection, serial_number: str, item: str | None, *, lock: bool = False
) -> list[ShownUnit]:
    holder = and_(
        attachments.c.serial_number == serial_numbers.c.serial_number,
        attachments.c.item == serial_numbers.c.item,
        HELD,
    )
    statement = (
        select(
            serial_numbers.c.serial_number,
            serial_numbers.c.item,
            items.c.description,
            serial_numbers.c.mfr_serial_number,
            serial_numbers.c.stock_area,
            serial_numbers.c.customer,
            serial_numbers.c.returnable_until,
            serial_numbers.c.retired,
            attachments.c.document,
        )
        .join(items, items.c.code == serial_numbers.c.item)
        .outerjoin(attachments, holder)
        .where(serial_numbers.c.serial_number == serial_number)
        .order_by(serial_numbers.c.item)
    )
    if item is not None:
        statement = statement.where(serial_numbers.c.item == item)
    if lock:
        statement = statement.with_for_update(of=serial_numbers)
    found = [ShownUnit(*row) for row in connection.execute(statement)]
    if not found:
        of_item = f" of item {item}" if item is not None else ""
        raise UnitWrongError(f"there is no unit {serial_number}{of_item}; scanstation import adds units")
    return found


def _require_area(connection: Connection, code: str) -> None:
    known = select(stock_areas.c.code).order_by(stock_areas.c.code)
    codes = connection.execute(known).scalars().all()
    if code not in codes:
        raise UnitWrongError(f'stock area "{code}" is unknown; there are {", ".join(codes)}')


def _write(connection: Connection, unit: ShownUnit, area: str, at: str, *, is_retired: bool) -> None:
    """Record the change, and make it."""
    retires = is_retired and not unit.retired
    row: dict[str, Any] = {
        "station": OFFICE,
        "number": last_number(connection) + 1,
        "at": at,
        "event": str(MoveEvent.RETIRED if retires else MoveEvent.IMPORTED),
        "serial_number": unit.serial_number,
        "item": unit.item,
        "from_area": unit.stock_area,
        "to_area": area,
        "note": "in use again" if unit.retired and not is_retired else None,
    }
    connection.execute(insert(moves).values(**row))
    its_row = and_(serial_numbers.c.serial_number == unit.serial_number, serial_numbers.c.item == unit.item)
    connection.execute(update(serial_numbers).where(its_row).values(stock_area=area, retired=is_retired))
