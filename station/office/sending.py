"""Documents that the office sends and fetches; units that it moves or retires over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, exists, select, update

from station.errors import DocumentChangedError, DocumentRefusedError, DocumentWrongError
from station.office import columns
from station.office.columns import BadValueError
from station.office.constraints import HEAD, has_units
from station.office.exporter import read_document
from station.office.release import release
from station.office.sent_lines import refuse_line_changes, write_lines
from station.office.units import change_unit
from station.repository.database import reading, transaction
from station.repository.statement import insert_or_skip
from station.repository.tables import attachments, counts, documents, items, lines, locations, sessions
from station.rules.model import OPEN, Status
from station.source import now, timestamp

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from sqlalchemy import Connection, Engine, Row

    from station.office.document import ChangedUnit, ExportedDocument, SentDocument, ShownUnit


class SqlOffice:
    """The operations of an office system; each method may be called from any thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def document(self, number: str) -> ExportedDocument | None:
        """Return a document as it is now; None: there is no document with that number.

        Raises:
            DatabaseError: it can't be read.
        """
        try:
            columns.code(number)
        except BadValueError:
            return None
        with reading(self._engine) as connection:
            return read_document(connection, number)

    def put(
        self,
        number: str,
        sent: SentDocument,
        is_expected: Callable[[ExportedDocument | None], bool] = lambda _now: True,
        *,
        release: bool = False,
    ) -> tuple[ExportedDocument, bool]:
        """Create the document or change it to what was sent; return it, and whether it is new.

        `is_expected`: whether the document is still as the sender knows it. `release`: take its units off if
        only that allows the change (D9).

        Raises:
            DocumentWrongError: a value is invalid, or names something unknown.
            DocumentRefusedError: the document's state doesn't allow the change.
            DocumentChangedError: it is not as expected.
            DatabaseError: the database failed; nothing is stored.
        """
        _check_values(number, sent)
        with transaction(self._engine) as connection:
            _check_names(connection, sent)
            row, is_new = _held(connection, number, sent)
            if not is_expected(None if is_new else read_document(connection, number)):
                raise DocumentChangedError(f"document {number} has changed; fetch it and try again")
            _write(connection, row, sent, release=release)
            stored = read_document(connection, number)
        if stored is None:
            raise DocumentChangedError(f"document {number} no longer exists; send it again")
        return stored, is_new

    def change_unit(self, serial_number: str, change: ChangedUnit) -> ShownUnit:
        """Move a unit, or take it out of use or back into use; return it.

        Raises:
            UnitWrongError: the unit or its new area is unknown, or the number alone doesn't name it.
            UnitRefusedError: it is on an open document.
            DatabaseError: the database failed; nothing is stored.
        """
        return change_unit(
            self._engine,
            serial_number,
            change.item,
            stock_area=change.stock_area,
            retired=change.retired,
            at=now(),
        )


def _check_values(number: str, sent: SentDocument) -> None:
    values: list[tuple[str, str, Callable[[str], object]]] = [
        ("number", number, columns.code),
        ("customer", sent.customer, columns.optional(columns.name, "")),
        ("location", sent.location, columns.code),
        ("reference", sent.reference or "", columns.optional(columns.name, "")),
    ]
    for place, line in enumerate(sent.lines):
        at = f"lines[{place}]"
        values.append((f"{at}.item", line.item, columns.code))
        values.append((f"{at}.reference", line.reference or "", columns.optional(columns.name, "")))
        values += [
            (f"{at}.expected[{n}]", serial_number, columns.serial_number)
            for n, serial_number in enumerate(line.expected or ())
        ]
    for name, value, check in values:
        try:
            check(value)
        except BadValueError as error:
            raise DocumentWrongError(f'{name} = "{value[:64]}": {error}') from error


def _check_names(connection: Connection, sent: SentDocument) -> None:
    """Check that location and items exist; nothing deletes them later."""
    known = select(locations.c.code).where(locations.c.code == sent.location)
    if connection.execute(known).first() is None:
        raise DocumentWrongError(f'location = "{sent.location}": there is no such location; import it first')
    codes = {line.item for line in sent.lines}
    there = set(connection.execute(select(items.c.code).where(items.c.code.in_(codes))).scalars())
    for place, line in enumerate(sent.lines):
        if line.item not in there:
            raise DocumentWrongError(
                f'lines[{place}].item = "{line.item}": there is no such item; import it first'
            )


def _held(connection: Connection, number: str, sent: SentDocument) -> tuple[Row[tuple[str, ...]], bool]:
    """Lock the document's row, inserted if necessary; return it, and whether it is new."""
    inserted = insert_or_skip(documents, connection.dialect).values(
        number=number, kind=sent.kind, customer=sent.customer, location=sent.location, status="open"
    )
    is_new = connection.execute(inserted.returning(documents.c.number)).first() is not None
    locked = select(documents).where(documents.c.number == number).with_for_update()
    return connection.execute(locked).one(), is_new


def _write(connection: Connection, row: Row[tuple[str, ...]], sent: SentDocument, *, release: bool) -> None:
    """Write what differs.

    Raises:
        DocumentRefusedError: the document is not open, or units are in the way.
    """
    head: dict[str, str] = {"kind": sent.kind, "customer": sent.customer, "location": sent.location}
    head["status"] = _status(row, sent)
    head["reference"] = row.reference if sent.reference is None else sent.reference
    changed = {name: value for name, value in head.items() if getattr(row, name) != value}
    if row.status not in OPEN:
        for name, value in changed.items():
            raise DocumentRefusedError(
                f"document {row.number} is {row.status}, which is final: {name} can't become {value}"
            )
        refuse_line_changes(connection, row, sent.lines)
        return
    if changed.get("status") != Status.CANCELLED:
        for name in HEAD:
            if row.unannounced and not getattr(row, name):
                # The dock didn't know whose the units are (M8).
                continue
            if name in changed and connection.execute(select(has_units(row.number))).scalar_one():
                _make_room(connection, row.number, f"{name} can't become {changed[name]}", release=release)
    write_lines(connection, row.number, sent.lines)
    if changed:
        connection.execute(update(documents).where(documents.c.number == row.number).values(**changed))
    if changed.get("status") == Status.CANCELLED:
        _release(connection, row.number)


def _status(row: Row[Any], sent: SentDocument) -> str:
    """Return the document's status after this.

    Raises:
        DocumentRefusedError: it can't become what was sent.
    """
    if sent.status is None or (sent.status == "open" and row.status == Status.BACKORDER):
        return str(row.status)
    if sent.status == "backorder" and row.status in {Status.OPEN, Status.CANCELLED}:
        raise DocumentRefusedError(
            f"document {row.number} is {row.status}: only a Save at the dock makes it a backorder; send open"
        )
    if sent.status == "cancelled" and row.status == Status.BACKORDER:
        raise DocumentRefusedError(
            f"a part of document {row.number} is booked, so it can't become cancelled; send saved, or reopen "
            f"it first (scanstation memo reopen {row.number})"
        )
    return sent.status


def _make_room(connection: Connection, number: str, refusal: str, *, release: bool) -> None:
    """Take the units off a document so that its head can change, and tell the dock (D9).

    Raises:
        DocumentRefusedError: the sender doesn't want that, or a part is booked.
    """
    if not release:
        raise DocumentRefusedError(
            f"document {number} has units, so its {refusal}; let the dock detach them, or send it with "
            "release=true, which takes them off"
        )
    booked = [exists().where(table.c.document == number, table.c.receipt.is_not(None)) for table in _HOLDING]
    if connection.execute(select(booked[0] | booked[1])).scalar_one():
        raise DocumentRefusedError(
            f"a part of document {number} is booked, so its {refusal}; reopen it first "
            f"(scanstation memo reopen {number})"
        )
    _release(connection, number)
    connection.execute(delete(lines).where(lines.c.document == number, lines.c.added))
    raised = update(lines).where(lines.c.document == number, lines.c.raised > 0)
    connection.execute(raised.values(requested=lines.c.requested - lines.c.raised, raised=0))
    # The station ends the session itself, at its next entry: it has to refuse what a question is about.
    working = update(sessions).where(sessions.c.document == number, sessions.c.ended_at.is_(None))
    connection.execute(working.values(ended_why="changed"))


_HOLDING = (attachments, counts)


def _release(connection: Connection, number: str) -> None:
    release(connection, select(documents.c.number).where(documents.c.number == number), timestamp(now()))
