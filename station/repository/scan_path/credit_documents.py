"""Credit documents and their lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, delete, exists, func, insert, not_, select, update

from station.errors import DatabaseError
from station.repository.database import is_sqlite
from station.repository.statement import (
    COUNTED_ON_LINE,
    UNITS_ON_LINE,
    P,
    Statement,
    counted_on_line,
    on_line,
    parameters,
)
from station.repository.tables import documents, expected_units, lines
from station.repository.unit_of_work import SqlUnitOfWork
from station.rules.model import Document, DocumentKind, Line, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from station.repository.unit_of_work import Row

DOCUMENT = (
    documents.c.number,
    documents.c.kind,
    documents.c.customer,
    documents.c.location,
    documents.c.status,
    documents.c.reference,
    documents.c.unannounced,
)
_ITS_NUMBER = documents.c.number == P("number")
_LINE = (
    lines.c.document,
    lines.c.number,
    lines.c.item,
    lines.c.requested,
    lines.c.negative,
    lines.c.added,
    lines.c.raised,
)
_CREDITED = UNITS_ON_LINE + COUNTED_ON_LINE
_ANNOUNCED = lines.c.requested - lines.c.raised
_FOLLOWED = case((_CREDITED > _ANNOUNCED, _CREDITED), else_=_ANNOUNCED)
_ITS_LINES = and_(lines.c.document == P("document"), lines.c.item == P("item"))


def document_of(row: Sequence[Any]) -> Document:
    """Convert a row of the columns `DOCUMENT`."""
    number, kind, customer, location, status, reference, unannounced = row
    return Document(
        number, DocumentKind(kind), customer, location, Status(status), reference, bool(unannounced)
    )


def _line_of(row: Row) -> Line:
    document, number, item, requested, negative, added, raised, attached, counted = row
    credited = (-attached if negative else attached) + counted
    return Line(document, number, item, requested, bool(negative), bool(added), credited, raised)


class SqlCreditDocuments(SqlUnitOfWork):
    """Documents and lines."""

    _document = Statement(select(*DOCUMENT).where(_ITS_NUMBER))

    def document(self, number: str) -> Document | None:
        """Return a credit document by its exact number."""
        row = self._one(self._document, number=number)
        return document_of(row) if row else None

    _lock_document = Statement(select(documents.c.number).where(_ITS_NUMBER).with_for_update())

    def lock_document(self, number: str) -> Document | None:
        """Return a document, locked against attaching, saving and cancelling until the transaction ends."""
        if not is_sqlite(self._engine):
            self._rows(self._lock_document, number=number)
        return self.document(number)

    _set_status = Statement(update(documents).where(_ITS_NUMBER).values(status=P("status")))

    def set_status(self, number: str, status: Status) -> None:
        """Set a document's status; its attachments follow by the cascading foreign key."""
        self._run(self._set_status, number=number, status=str(status))

    _add_line = Statement(
        insert(lines)
        .values(
            parameters(
                lines,
                number=select(func.coalesce(func.max(lines.c.number), 0) + 1)
                .where(lines.c.document == P("document"))
                .scalar_subquery(),
                requested=0,
                added=True,
                reference="",
                raised=0,
            ),
        )
        .returning(lines.c.number)
    )

    def add_line(self, document: str, item: str, *, negative: bool) -> Line:
        """Add a line for retrieval."""
        row = self._one(self._add_line, document=document, item=item, negative=negative)
        if row is None:
            raise DatabaseError("the database gave no line number")
        return Line(document, row[0], item, 0, negative, added=True, credited=0)

    _drop_line_if_empty = Statement(
        delete(lines).where(
            lines.c.document == P("document"),
            lines.c.number == P("line"),
            lines.c.added,
            ~exists().where(on_line()).correlate(lines),
            ~exists().where(counted_on_line()).correlate(lines),
        )
    )

    def drop_line_if_empty(self, document: str, line: int) -> None:
        """Delete a line that retrieval added if nothing is on it."""
        self._run(self._drop_line_if_empty, document=document, line=line)

    _follow_credited = Statement(
        update(lines)
        .where(
            lines.c.document == P("document"),
            lines.c.number == P("line"),
            not_(lines.c.added),
            not_(lines.c.negative),
            lines.c.requested != _FOLLOWED,
        )
        .values(requested=_FOLLOWED, raised=_FOLLOWED - _ANNOUNCED)
    )

    def follow_credited(self, document: str, line: int) -> None:
        """Raise what a line requests to what is credited, or lower it back to what was announced (R9)."""
        self._run(self._follow_credited, document=document, line=line)

    _document_lines = Statement(
        select(*_LINE, UNITS_ON_LINE, COUNTED_ON_LINE)
        .where(lines.c.document == P("document"))
        .order_by(lines.c.number)
    )

    def document_lines(self, document: str) -> list[Line]:
        """Return all lines of a document with what is credited, by number."""
        return [_line_of(row) for row in self._rows(self._document_lines, document=document)]

    _lock_lines = Statement(
        select(lines.c.number).where(_ITS_LINES).order_by(lines.c.number).with_for_update()
    )
    _lines = Statement(
        select(*_LINE, UNITS_ON_LINE, COUNTED_ON_LINE).where(_ITS_LINES).order_by(lines.c.number)
    )

    def lines(self, document: str, item: str, *, locked: bool) -> list[Line]:
        """Return the document's lines of an item, by number, with what is credited."""
        if locked and not is_sqlite(self._engine):
            self._rows(self._lock_lines, document=document, item=item)
        return [_line_of(row) for row in self._rows(self._lines, document=document, item=item)]

    _expected = Statement(
        select(expected_units.c.serial_number).where(
            expected_units.c.document == P("document"), expected_units.c.item == P("item")
        )
    )

    def expected(self, document: str, item: str) -> set[str]:
        """Return the serial numbers that a document expects of an item; none: it names none (R14)."""
        return {row[0] for row in self._rows(self._expected, document=document, item=item)}
