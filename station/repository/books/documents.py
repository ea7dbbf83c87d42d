"""Credit documents and their lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.errors import DatabaseError
from station.repository.database import is_sqlite
from station.repository.statements.documents import document_of
from station.repository.unit_of_work import SqlUnitOfWork
from station.rules.model import Line

if TYPE_CHECKING:
    from station.repository.unit_of_work import Row
    from station.rules.model import Document, Status


class DocumentBooks(SqlUnitOfWork):
    """Documents and lines."""

    def document(self, number: str) -> Document | None:
        """A credit document, by its exact number."""
        row = self._one("document", number=number)
        return document_of(row) if row else None

    def lock_document(self, number: str) -> Document | None:
        """The same, and nobody else attaches, saves or cancels until the transaction ends."""
        if not is_sqlite(self._engine):
            self._rows("lock_document", number=number)
        return self.document(number)

    def set_status(self, number: str, status: Status) -> None:
        """Its attachments follow, by the foreign key that cascades."""
        self._run("set_status", number=number, status=str(status))

    def lines(self, document: str, item: str, *, counted: bool) -> list[Line]:
        """The document's lines of an item, by number; locked against other stations when `counted`."""
        if not counted:
            return [_line(row, 0) for row in self._rows("lines", document=document, item=item)]
        if not is_sqlite(self._engine):
            self._rows("lock_lines", document=document, item=item)
        rows = self._rows("counted_lines", document=document, item=item)
        return [_line(row, -row[6] if row[4] else row[6]) for row in rows]

    def add_line(self, document: str, item: str, *, negative: bool) -> Line:
        """A line that retrieval adds."""
        row = self._one("add_line", document=document, item=item, negative=negative)
        if row is None:
            raise DatabaseError("the database gave no line number")
        return Line(document, row[0], item, 0, negative, added=True, credited=0)

    def drop_line_if_empty(self, document: str, line: int) -> None:
        """Take a line that retrieval added off again, when nothing is attached to it."""
        self._run("drop_line_if_empty", document=document, line=line)


def _line(row: Row, credited: int) -> Line:
    document, number, item, requested, negative, added = row[:6]
    return Line(document, number, item, requested, bool(negative), bool(added), credited)
