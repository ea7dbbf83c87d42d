"""Merges `serial_numbers.csv` (D10): new units are inserted, and known ones changed (`unit_changes`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, case, exists, func, not_, select, update

from station.history import MoveEvent
from station.office.checks import refuse_duplicates
from station.office.csv_files import bad_value
from station.office.result import file_result
from station.office.staging import TABLES
from station.office.unit_changes import CHANGES, VALUES, ListTime, apply, collect
from station.repository.statement import insert_or_skip
from station.repository.tables import moves, serial_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from station.office.result import FileResult
    from station.office.staging import Staged

_SOURCE = TABLES["serial_numbers"]
_HAS_UNIT = and_(
    serial_numbers.c.serial_number == _SOURCE.c.serial_number, serial_numbers.c.item == _SOURCE.c.item
)
_IN_CONFLICT = select(CHANGES.c.line).where(CHANGES.c.is_conflict)
_IS_NEW = and_(serial_numbers.c.item.is_(None), _SOURCE.c.line.not_in(_IN_CONFLICT))
_IS_SAME = and_(serial_numbers.c.item.is_not(None), _SOURCE.c.line.not_in(select(CHANGES.c.line)))
# One pass over the rows: count and first line of the new and of the unchanged ones.
_OTHERS = select(
    func.min(case((and_(_IS_NEW, _SOURCE.c.stock_area == ""), _SOURCE.c.line))),
    *(f(case((kind, _SOURCE.c.line))) for kind in (_IS_NEW, _IS_SAME) for f in (func.count, func.min)),
).select_from(_SOURCE.outerjoin(serial_numbers, _HAS_UNIT))


def merge_units(
    connection: Connection, file: Staged, at: str, made: ListTime
) -> tuple[FileResult, tuple[str, ...]]:
    """Write the staged units; return what became of them, and remarks about those that deserve a look.

    Raises:
        ImportFailedError: a row has no item and isn't the only unit of its number, or a new unit has no area.
    """
    _fill_items(connection, file)
    collect(connection, file, made)
    remarks = tuple(_remarks(connection, made))
    counts, lines = _changes(connection)
    apply(connection, at)
    without_area, *found = connection.execute(_OTHERS).one()
    if without_area is not None:
        _refuse_without_area(connection, file, without_area)
    counts["new"], lines["new"], counts["unchanged"], lines["unchanged"] = found
    if counts["new"]:
        _insert(connection)
    return file_result(connection, file, counts, lines), remarks


def _insert(connection: Connection) -> None:
    """Insert the rows without a unit, in the order of the key."""
    names = ("serial_number", "item", *VALUES)
    rows = (
        select(*(_SOURCE.c[name] for name in names))
        .where(_SOURCE.c.line.not_in(_IN_CONFLICT))
        .order_by(_SOURCE.c.serial_number, _SOURCE.c.item)
    )
    connection.execute(insert_or_skip(serial_numbers, connection.dialect).from_select(list(names), rows))


def _fill_items(connection: Connection, file: Staged) -> None:
    """Complete the rows that leave the item out, each of which must name the only unit of its number."""
    is_empty = _SOURCE.c.item == ""
    if connection.execute(select(_SOURCE.c.line).where(is_empty).limit(1)).first() is None:
        return
    same_number = serial_numbers.c.serial_number == _SOURCE.c.serial_number
    units = select(func.count()).select_from(serial_numbers).where(same_number).scalar_subquery()
    row = connection.execute(
        select(_SOURCE.c.line, _SOURCE.c.serial_number)
        .where(is_empty, units != 1)
        .order_by(_SOURCE.c.line)
        .limit(1)
    ).first()
    if row is not None:
        its_items = (
            select(serial_numbers.c.item)
            .where(serial_numbers.c.serial_number == row.serial_number)
            .order_by(serial_numbers.c.item)
        )
        items = connection.execute(its_items).scalars().all()
        reason = (
            f"{row.serial_number} is a unit of {' and of '.join(items)}; fill in which"
            if items
            else f"{row.serial_number} is a new unit, which needs an item; fill it in"
        )
        raise bad_value(file.path, row.line, "item", "", reason)
    item = select(serial_numbers.c.item).where(same_number).scalar_subquery()
    connection.execute(update(_SOURCE).where(is_empty).values(item=item))
    refuse_duplicates(connection, file, file.format.key)


def _refuse_without_area(connection: Connection, file: Staged, line: int) -> None:
    number = connection.execute(select(_SOURCE.c.serial_number).where(_SOURCE.c.line == line)).scalar_one()
    reason = f"{number} is a new unit, which needs a stock area; fill it in"
    raise bad_value(file.path, line, "stock_area", "", reason)


def _changes(connection: Connection) -> tuple[dict[str, int], dict[str, int | None]]:
    """Count the collected rows by what becomes of them; return the counts, and the first line of each."""
    conflict, kept = CHANGES.c.is_conflict, CHANGES.c.is_kept
    kinds = {
        "changed": and_(not_(conflict), not_(kept)),
        "kept": and_(kept, not_(conflict)),
        "conflict": conflict,
    }
    numbers = [f(case((kind, CHANGES.c.line))) for kind in kinds.values() for f in (func.count, func.min)]
    found = connection.execute(select(*numbers)).one()
    return dict(zip(kinds, found[::2], strict=True)), dict(zip(kinds, found[1::2], strict=True))


def _remarks(connection: Connection, made: ListTime) -> Iterator[str]:
    """Yield a sentence for each kind of change that deserves a look, with the first unit."""
    changes = CHANGES.c
    was_there = exists().where(
        moves.c.serial_number == changes.serial_number,
        moves.c.item == changes.item,
        moves.c.event == MoveEvent.BOOKED,
        moves.c.from_area == changes.new_stock_area,
        moves.c.to_area == changes.stock_area,
    )
    goes_back = and_(changes.new_stock_area != changes.stock_area, was_there)
    kept = "stays where a station booked it"
    kept += (
        " after the list was made: {units}"
        if made.is_stated
        else ": {units}; if the list knows of that, say when it was made with --as-of"
    )
    for condition, said in (
        (changes.is_kept, kept),
        (changes.is_conflict, "keeps item and area, being on an open document: {units}"),
        (changes.new_item != changes.item, "has another item now: {units}"),
        (
            goes_back,
            "goes back to where it was before a station booked it: {units}; is the list older? see --as-of",
        ),
    ):
        count, line = connection.execute(select(func.count(), func.min(changes.line)).where(condition)).one()
        if count:
            number = select(changes.serial_number).where(changes.line == line)
            first = connection.execute(number).scalar_one()
            yield said.format(units=first if count == 1 else f"{first} and {count - 1:,} more")
