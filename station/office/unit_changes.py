"""What `serial_numbers.csv` changes about known units (D10): first collected, then recorded and made.

A unit on an open document keeps its item and area, and stays in use. One that a station booked after the list
was made keeps its area. A row with another item than the one unit of its number corrects that unit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import (
    Boolean,
    Column,
    Integer,
    MetaData,
    Table,
    Text,
    and_,
    case,
    exists,
    false,
    func,
    insert,
    literal,
    not_,
    null,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.schema import CreateTable

from station.history import OFFICE, MoveEvent
from station.office.release import last_number
from station.office.staging import TABLES
from station.repository.database import is_sqlite
from station.repository.statement import HELD
from station.repository.tables import BYTEWISE, attachments, moves, serial_numbers

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Select

    from station.office.staging import Staged

VALUES = ("stock_area", "mfr_serial_number", "customer", "returnable_until", "retired")
_IN_NOTES = {
    "mfr_serial_number": "mfr serial number",
    "customer": "customer",
    "returnable_until": "returnable until",
}


class ListTime(NamedTuple):
    """When a list of serial numbers was made."""

    at: str
    is_stated: bool
    """Its sender said so; otherwise it is the file's time, which a copy may have lost."""


def _column(name: str) -> Column[Any]:
    if name.endswith("retired"):
        return Column(name, Boolean(create_constraint=False))
    return Column(name, BYTEWISE if name.endswith("serial_number") else Text)


CHANGES = Table(
    "import_changes",
    MetaData(),
    Column("line", Integer, nullable=False),
    *(_column(name) for name in ("serial_number", "item", "new_item")),
    *(_column(prefix + name) for name in VALUES for prefix in ("", "new_")),
    # Why something of the row isn't done.
    Column("is_kept", Boolean(create_constraint=False)),
    Column("is_conflict", Boolean(create_constraint=False)),
    prefixes=["TEMPORARY"],
)
"""The rows of the file that differ from their unit: as it is, and as it will be."""

_SOURCE = TABLES["serial_numbers"]
_ITS_UNIT = and_(
    serial_numbers.c.serial_number == CHANGES.c.serial_number, serial_numbers.c.item == CHANGES.c.item
)
IS_EFFECTIVE: ColumnElement[bool] = or_(
    *[CHANGES.c[f"new_{name}"].is_distinct_from(CHANGES.c[name]) for name in ("item", *VALUES)]
)
"""Whether anything changes."""


def collect(connection: Connection, file: Staged, made: ListTime) -> None:
    """Collect the differences between the staged rows and their units."""
    connection.execute(CreateTable(CHANGES))
    differing = _differing(file)
    if not is_sqlite(connection):
        # A Save that is under way ends first, so that its moves are seen below.
        locked = differing.with_for_update(of=serial_numbers).subquery()
        connection.execute(select(func.count()).select_from(locked))
    row = _judged(differing, made).subquery()
    wants = {name: row.c[f"want_{name}"] for name in ("item", *VALUES)}
    moves_area = row.c.want_stock_area != row.c.stock_area
    retires = and_(row.c.want_retired, not_(row.c.retired))
    found: dict[str, ColumnElement[Any]] = {
        name: row.c[name] for name in ("line", "serial_number", "item", *VALUES)
    }
    found |= {f"new_{name}": wants[name] for name in ("mfr_serial_number", "customer", "returnable_until")}
    found["new_item"] = case((row.c.is_held, row.c.item), else_=wants["item"])
    found["new_stock_area"] = case(
        (or_(row.c.is_held, row.c.is_booked), row.c.stock_area), else_=wants["stock_area"]
    )
    found["new_retired"] = case(
        (row.c.is_held, and_(wants["retired"], row.c.retired)), else_=wants["retired"]
    )
    found["is_conflict"] = and_(row.c.is_held, or_(wants["item"] != row.c.item, moves_area, retires))
    found["is_kept"] = and_(not_(row.c.is_held), row.c.is_booked, moves_area)
    connection.execute(insert(CHANGES).from_select(list(found), select(*found.values())))


def _differing(file: Staged) -> Select[Any]:
    """Select the rows that differ from their unit, with the unit and what they want it to be."""
    unit, wants = serial_numbers.c, _wants(file)
    differs = or_(_SOURCE.c.item != unit.item, *[wants[name].is_distinct_from(unit[name]) for name in VALUES])
    is_unit = or_(_SOURCE.c.item == unit.item, _corrects(file))
    return (
        select(
            _SOURCE.c.line,
            unit.serial_number,
            unit.item,
            _SOURCE.c.item.label("want_item"),
            *(unit[name] for name in VALUES),
            *(wants[name].label(f"want_{name}") for name in VALUES),
        )
        .select_from(_SOURCE.join(serial_numbers, unit.serial_number == _SOURCE.c.serial_number))
        .where(differs, is_unit)
    )


def _wants(file: Staged) -> dict[str, ColumnElement[Any]]:
    """Return each value as the row wants it; a column that the file leaves out stays as it is."""
    wants: dict[str, ColumnElement[Any]] = {
        name: (_SOURCE if name in file.columns else serial_numbers).c[name] for name in VALUES
    }
    if "stock_area" in file.columns:
        is_empty = _SOURCE.c.stock_area == ""
        wants["stock_area"] = case((is_empty, serial_numbers.c.stock_area), else_=_SOURCE.c.stock_area)
    return wants


def _corrects(file: Staged) -> ColumnElement[bool]:
    """Whether the row corrects the unit's item: it can't be another unit that has the same number."""
    other_unit, other_row = serial_numbers.alias(), _SOURCE.alias()
    contradicts = _SOURCE.c.mfr_serial_number != serial_numbers.c.mfr_serial_number
    return and_(
        not_(serial_numbers.c.retired),
        not_(func.coalesce(contradicts, false())) if "mfr_serial_number" in file.columns else true(),
        ~exists().where(
            other_unit.c.serial_number == _SOURCE.c.serial_number,
            other_unit.c.item != serial_numbers.c.item,
        ),
        ~exists().where(
            other_row.c.serial_number == _SOURCE.c.serial_number, other_row.c.line != _SOURCE.c.line
        ),
    )


def _judged(differing: Select[Any], made: ListTime) -> Select[Any]:
    """Add whether the unit is on an open document, and whether a station booked it since the list."""
    row = differing.subquery()
    is_held = exists().where(
        attachments.c.serial_number == row.c.serial_number, attachments.c.item == row.c.item, HELD
    )
    corrected = moves.alias()
    earlier_item = exists().where(
        corrected.c.serial_number == row.c.serial_number,
        corrected.c.item == row.c.item,
        corrected.c.from_item == moves.c.item,
    )
    is_later: ColumnElement[bool] = moves.c.at >= made.at
    if not made.is_stated:
        # Most likely the list doesn't know of the booking, however new its file is: the unit would be
        # credited a second time.
        undoes = and_(moves.c.from_area == row.c.want_stock_area, moves.c.to_area == row.c.stock_area)
        is_later = or_(is_later, undoes)
    is_booked = exists().where(
        moves.c.serial_number == row.c.serial_number,
        or_(moves.c.item == row.c.item, earlier_item),
        moves.c.event.in_([MoveEvent.BOOKED, MoveEvent.REOPENED]),
        is_later,
    )
    moves_area = row.c.want_stock_area != row.c.stock_area
    return select(
        row,
        is_held.label("is_held"),
        case((moves_area, is_booked), else_=false()).label("is_booked"),
    )


def apply(connection: Connection, at: str) -> None:
    """Record the changes in serial number history, and make them."""
    if connection.execute(select(CHANGES.c.line).where(IS_EFFECTIVE).limit(1)).first() is None:
        return
    connection.execute(_recorded(last_number(connection), at))
    values = {serial_numbers.c[name]: CHANGES.c[f"new_{name}"] for name in VALUES}
    connection.execute(update(serial_numbers).where(_ITS_UNIT, IS_EFFECTIVE).values(values))
    # Separately: changing a part of the key also checks the rows that refer to it.
    corrected = CHANGES.c.new_item != CHANGES.c.item
    connection.execute(update(serial_numbers).where(_ITS_UNIT, corrected).values(item=CHANGES.c.new_item))


def _recorded(last: ColumnElement[int], at: str) -> Any:
    """Insert a row of serial number history for each change."""
    changes = CHANGES.c
    retires = and_(changes.new_retired, not_(changes.retired))
    columns: dict[str, ColumnElement[Any]] = {
        "station": literal(OFFICE),
        "number": last + func.row_number().over(order_by=changes.line),
        "at": literal(at),
        "event": case((retires, literal(str(MoveEvent.RETIRED))), else_=literal(str(MoveEvent.IMPORTED))),
        "serial_number": changes.serial_number,
        "item": changes.new_item,
        "from_area": changes.stock_area,
        "to_area": changes.new_stock_area,
        "from_item": case((changes.new_item != changes.item, changes.item), else_=null()),
        "note": _note(),
    }
    return insert(moves).from_select(list(columns), select(*columns.values()).where(IS_EFFECTIVE))


def _note() -> ColumnElement[str]:
    """Say what changed besides item and area: ``customer Acme -> Birch; mfr serial number none -> M1``."""
    text: ColumnElement[str] = literal("")
    for name, words in _IN_NOTES.items():
        before, after = CHANGES.c[name], CHANGES.c[f"new_{name}"]
        said = literal(f"; {words} ") + _or_none(before) + literal(" -> ") + _or_none(after)
        text += case((after.is_distinct_from(before), said), else_=literal(""))
    is_back = and_(CHANGES.c.retired, not_(CHANGES.c.new_retired))
    text += case((is_back, literal("; in use again")), else_=literal(""))
    return func.nullif(func.substr(text, len("; ") + 1), literal(""))


def _or_none(value: ColumnElement[str]) -> ColumnElement[str]:
    return func.coalesce(func.nullif(value, literal("")), literal("none"))
