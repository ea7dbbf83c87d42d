"""Documents that an office system sends and fetches one by one, by the same rules as ``import DIR``.

As the import does, it writes in a transaction of its own beside the desk's: both databases let one writer
wait for the other, and a worker's scans don't queue behind an office's documents.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from station.errors import DocumentChangedError, DocumentRefusedError, DocumentWrongError
from station.exchange import values
from station.exchange.exporter import read_document
from station.exchange.release import release
from station.exchange.sent_lines import refuse_line_changes, write_lines
from station.exchange.values import BadValueError
from station.stamping import now, timestamp
from station.store.database import reading, transaction
from station.store.prepared import insert_or_skip
from station.store.tables import attachments, documents, items, locations

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Engine, Row

    from station.exchange.document import ExportedDocument, SentDocument


class Office:
    """What an office system may do; each method may be called from any thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def document(self, number: str) -> ExportedDocument | None:
        """A document as it is now; None: there is none of that number.

        Raises:
            DatabaseError: it can't be read.
        """
        try:
            values.code(number)
        except BadValueError:
            return None
        with reading(self._engine) as connection:
            return read_document(connection, number)

    def put(
        self,
        number: str,
        sent: SentDocument,
        is_expected: Callable[[ExportedDocument | None], bool] = lambda _now: True,
    ) -> tuple[ExportedDocument, bool]:
        """Create the document or bring it to what was sent; returns it, and whether it is new.

        `is_expected`: whether the document is still as the sender knew it.

        Raises:
            DocumentWrongError: a value can't be, or names what there isn't.
            DocumentRefusedError: the document as it is doesn't allow it.
            DocumentChangedError: it is not as expected.
            DatabaseError: nothing is stored.
        """
        _check_values(number, sent)
        with transaction(self._engine) as connection:
            _check_names(connection, sent)
            row, is_new = _held(connection, number, sent)
            if not is_expected(None if is_new else read_document(connection, number)):
                raise DocumentChangedError(f"document {number} is not as expected; fetch it and look again")
            _write(connection, row, sent)
            stored = read_document(connection, number)
        if stored is None:
            raise DocumentChangedError(f"document {number} is not there any more; send it again")
        return stored, is_new


def _check_values(number: str, sent: SentDocument) -> None:
    given: list[tuple[str, str, Callable[[str], object]]] = [
        ("number", number, values.code),
        ("customer", sent.customer, values.optional(values.name, "")),
        ("location", sent.location, values.code),
        *((f"lines[{place}].item", line.item, values.code) for place, line in enumerate(sent.lines)),
    ]
    for what, value, check in given:
        try:
            check(value)
        except BadValueError as error:
            raise DocumentWrongError(f'{what} = "{value[:64]}": {error}') from error


def _check_names(connection: Connection, sent: SentDocument) -> None:
    """What the document names must be there; nothing takes it away again."""
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
    """The document's row, made if need be, and whether it was; no station attaches to it meanwhile."""
    made = insert_or_skip(documents, connection.dialect).values(
        number=number, kind=sent.kind, customer=sent.customer, location=sent.location, status="open"
    )
    is_new = connection.execute(made.returning(documents.c.number)).first() is not None
    held = select(documents).where(documents.c.number == number).with_for_update()
    return connection.execute(held).one(), is_new


def _write(connection: Connection, row: Row[tuple[str, ...]], sent: SentDocument) -> None:
    """Only what differs.

    Raises:
        DocumentRefusedError: the document is not open, or a line with units is left out.
    """
    head = {"kind": sent.kind, "customer": sent.customer, "location": sent.location}
    head["status"] = sent.status or row.status
    changed = {name: value for name, value in head.items() if getattr(row, name) != value}
    if row.status != "open":
        for name, value in changed.items():
            raise DocumentRefusedError(
                f"document {row.number} is {row.status}, which is final: {name} can't become {value}"
            )
        refuse_line_changes(connection, row, sent.lines)
        return
    write_lines(connection, row.number, sent.lines)
    if changed:
        connection.execute(update(documents).where(documents.c.number == row.number).values(**changed))
    if changed.get("status") == "cancelled":
        release(connection, attachments.c.document == row.number, timestamp(now()))
