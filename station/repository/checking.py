"""``db check``: checks the database's integrity and invariants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, case, exists, func, literal, select, text, union_all

from station.outcomes import OUTCOMES, Action
from station.repository.database import is_sqlite, reading
from station.repository.tables import (
    archived_documents,
    archived_rows,
    attachments,
    counts,
    documents,
    generated_numbers,
    history,
    items,
    lines,
    moves,
    number_series,
    receipts,
    serial_numbers,
    stock_areas,
)
from station.rules.model import OPEN, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine, Exists, Table

_TRIGGERS = {
    "sqlite": ("history_no_update", "history_no_delete", "moves_no_update", "moves_no_delete"),
    "postgresql": ("history_keep", "history_keep_rows", "moves_keep", "moves_keep_rows"),
}


def findings(engine: Engine) -> Iterator[str]:
    """Yield one sentence for each problem; nothing if there is none.

    Raises:
        DatabaseError: the database can't be read.
    """
    with reading(engine) as connection:
        if is_sqlite(engine):
            yield from _integrity(connection)
        yield from _attached_twice(connection)
        yield from _wrong_quantities(connection)
        yield from _wrong_receipts(connection)
        yield from _without_history(connection)
        yield from _gaps(connection, history, "history")
        yield from _gaps(connection, moves, "moves")
        yield from _unguarded(connection)
        yield from _generated(connection)
        yield from _strays(connection)


def _integrity(connection: Connection) -> Iterator[str]:
    for (line,) in connection.execute(text("PRAGMA integrity_check(20)")):
        if line != "ok":
            yield f"integrity: {line}"
    for table, _row, parent, _key in connection.execute(text("PRAGMA foreign_key_check")):
        yield f"integrity: a row of {table} points to a missing row of {parent}"


def _attached_twice(connection: Connection) -> Iterator[str]:
    """I1."""
    statement = (
        select(attachments.c.serial_number, attachments.c.item, func.count())
        .join(documents, documents.c.number == attachments.c.document)
        .where(documents.c.status.in_(OPEN), attachments.c.receipt.is_(None))
        .group_by(attachments.c.serial_number, attachments.c.item)
        .having(func.count() > 1)
    )
    for serial_number, item, count in connection.execute(statement):
        yield f"I1: serial number {serial_number} of {item} is attached to {count} open documents"


_UNITS = case(
    (history.c.action == Action.COUNTED, history.c.quantity),
    else_=case({action: OUTCOMES[action].units for action in Action}, value=history.c.action)
    * history.c.quantity,
)
"""What a row of history adds to its document, or takes off it."""


def _wrong_quantities(connection: Connection) -> Iterator[str]:
    """I2: what history attached, counted and took off, against what is on the document.

    What an ended document released is in its moves. An archived document has neither, so it is not checked.
    """
    recorded = (
        select(history.c.document, history.c.item, func.sum(_UNITS).label("units"))
        .where(history.c.document.is_not(None), history.c.item.is_not(None))
        .group_by(history.c.document, history.c.item)
        .subquery()
    )
    released = (
        select(moves.c.document, moves.c.item, func.sum(moves.c.quantity).label("units"))
        .where(moves.c.event == "Released")
        .group_by(moves.c.document, moves.c.item)
        .subquery()
    )
    every = union_all(
        select(attachments.c.document, attachments.c.item, literal(1).label("units")),
        select(counts.c.document, counts.c.item, counts.c.quantity),
    ).subquery()
    held = (
        select(every.c.document, every.c.item, func.sum(every.c.units).label("units"))
        .group_by(every.c.document, every.c.item)
        .subquery()
    )
    expected = recorded.c.units - func.coalesce(released.c.units, 0)
    statement = (
        select(recorded.c.document, recorded.c.item, expected, func.coalesce(held.c.units, 0))
        .outerjoin(
            released,
            and_(released.c.document == recorded.c.document, released.c.item == recorded.c.item),
        )
        .outerjoin(held, and_(held.c.document == recorded.c.document, held.c.item == recorded.c.item))
        .join(documents, documents.c.number == recorded.c.document)
        .where(
            expected != func.coalesce(held.c.units, 0),
            documents.c.number.not_in(select(archived_documents.c.document)),
        )
    )
    for document, item, wanted, units in connection.execute(statement):
        yield f"I2: {document} has {units} units of {item} attached, its history says {wanted}"


def _wrong_receipts(connection: Connection) -> Iterator[str]:
    """D7, D8: what is booked has its receipt, and the document's status agrees with its receipts."""
    standing = and_(receipts.c.reopened_at.is_(None), receipts.c.document == documents.c.number)
    for table in (attachments, counts):
        lost = (
            select(table.c.document, table.c.receipt, func.count())
            .where(
                table.c.receipt.is_not(None),
                ~exists().where(
                    receipts.c.document == table.c.document,
                    receipts.c.number == table.c.receipt,
                    receipts.c.reopened_at.is_(None),
                ),
            )
            .group_by(table.c.document, table.c.receipt)
        )
        for document, receipt, count in connection.execute(lost):
            what = f"{count} rows of {table.name} of {document}"
            yield f"D7: {what} are booked with receipt {receipt}, which does not stand"
    wrong = select(documents.c.number, documents.c.status).where(
        and_(documents.c.status == Status.OPEN, exists().where(standing))
        | and_(documents.c.status == Status.BACKORDER, ~exists().where(standing))
    )
    for document, status in connection.execute(wrong):
        found = "a part of it is booked" if status == Status.OPEN else "nothing of it is booked"
        yield f"D7: {document} is of status {status}, but {found}"


def _without_history(connection: Connection) -> Iterator[str]:
    """I3."""
    statement = (
        select(attachments.c.document, attachments.c.serial_number)
        .outerjoin(history, history.c.id == attachments.c.history_id)
        .where(
            func.coalesce(history.c.document != attachments.c.document, True)
            | func.coalesce(history.c.serial_number != attachments.c.serial_number, True)
        )
    )
    for document, serial_number in connection.execute(statement):
        yield f"I3: serial number {serial_number} is attached to {document} without its row of history"
    counted = (
        select(counts.c.document, counts.c.item)
        .outerjoin(history, history.c.id == counts.c.history_id)
        .where(
            func.coalesce(history.c.document != counts.c.document, True)
            | func.coalesce(history.c.item != counts.c.item, True)
        )
    )
    for document, item in connection.execute(counted):
        yield f"I3: {item} is counted on {document} without its row of history"


def _gaps(connection: Connection, table: Table, name: str) -> Iterator[str]:
    """I5: each station's rows, including archived ones, are numbered without gaps."""
    archived = archived_rows
    here = select(table.c.station, table.c.number.label("last"), literal(1).label("rows"))
    gone = select(archived.c.station, archived.c.last, archived.c.last - archived.c.first + 1).where(
        archived.c.kind == name
    )
    every = union_all(here, gone).subquery()
    statement = select(every.c.station, func.sum(every.c.rows), func.max(every.c.last)).group_by(
        every.c.station
    )
    for station, count, last in connection.execute(statement):
        if count < last:
            yield f"I5: {last - count} rows of {name} of station {station} are missing"
        elif count > last:
            yield f"I5: {count - last} rows of {name} of station {station} are archived, but still here"


def _unguarded(connection: Connection) -> Iterator[str]:
    """I5: the triggers that refuse changes are in place."""
    dialect = connection.dialect.name
    source = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if dialect == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE tgenabled <> 'D'"
    )
    present = set(connection.execute(text(source)).scalars())
    for trigger in _TRIGGERS[dialect]:
        if trigger not in present:
            yield f"I5: the trigger {trigger} is gone, history can be changed"


def _generated(connection: Connection) -> Iterator[str]:
    """M5: no number is above its series' count, which would assign it again; each has its row of history."""
    ahead = (
        select(number_series.c.prefix, number_series.c.last, func.max(generated_numbers.c.number))
        .join(generated_numbers, generated_numbers.c.prefix == number_series.c.prefix)
        .group_by(number_series.c.prefix, number_series.c.last)
        .having(func.max(generated_numbers.c.number) > number_series.c.last)
    )
    for prefix, last, number in connection.execute(ahead):
        yield f"M5: the serial numbers {prefix}… are counted to {last}, but {number} was assigned"
    unrecorded = (
        select(generated_numbers.c.serial_number)
        .outerjoin(history, history.c.id == generated_numbers.c.history_id)
        .where(func.coalesce(history.c.serial_number != generated_numbers.c.serial_number, True))
    )
    for (serial_number,) in connection.execute(unrecorded):
        yield f"M5: serial number {serial_number} was generated without its row of history"


def _strays(connection: Connection) -> Iterator[str]:
    """References that have no foreign key, for speed."""
    # A unit whose item the office corrected keeps the wrong one on documents that had ended (D10).
    corrected = exists().where(
        moves.c.serial_number == attachments.c.serial_number, moves.c.from_item == attachments.c.item
    )
    statement = select(attachments.c.document, attachments.c.serial_number).where(
        ~_unit_of(attachments), ~corrected
    )
    for document, serial_number in connection.execute(statement):
        yield f"serial number {serial_number} on {document} does not exist"
    generated = select(generated_numbers.c.serial_number).where(~_unit_of(generated_numbers))
    for (serial_number,) in connection.execute(generated):
        yield f"serial number {serial_number}, generated here, does not exist"
    for table, column, target in (
        (lines, lines.c.item, items.c.code),
        (serial_numbers, serial_numbers.c.stock_area, stock_areas.c.code),
    ):
        missing = select(func.count()).select_from(table).where(~exists().where(target == column))
        if count := connection.execute(missing).scalar_one():
            yield f"{count} rows of {table.name} name a {column.name} that does not exist"


def _unit_of(table: Table) -> Exists:
    return exists().where(
        serial_numbers.c.serial_number == table.c.serial_number, serial_numbers.c.item == table.c.item
    )
