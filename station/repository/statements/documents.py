"""Credit documents and their lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, exists, func, insert, select, update

from station.repository.statements.parts import P, on_line, parameters
from station.repository.tables import attachments, documents, lines
from station.rules.model import Document, DocumentKind, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ClauseElement

DOCUMENT = (
    documents.c.number,
    documents.c.kind,
    documents.c.customer,
    documents.c.location,
    documents.c.status,
)


def document_of(row: Sequence[str]) -> Document:
    """A row of the columns `DOCUMENT` as a value."""
    number, kind, customer, location, status = row
    return Document(number, DocumentKind(kind), customer, location, Status(status))


def of_documents() -> dict[str, ClauseElement]:
    """Documents and their lines."""
    line = (
        lines.c.document,
        lines.c.number,
        lines.c.item,
        lines.c.requested,
        lines.c.negative,
        lines.c.added,
    )
    its_lines = and_(lines.c.document == P("document"), lines.c.item == P("item"))
    return {
        "document": select(*DOCUMENT).where(documents.c.number == P("number")),
        "lock_document": select(documents.c.number)
        .where(documents.c.number == P("number"))
        .with_for_update(),
        "set_status": update(documents).where(documents.c.number == P("number")).values(status=P("status")),
        "lines": select(*line).where(its_lines).order_by(lines.c.number),
        "lock_lines": select(lines.c.number).where(its_lines).order_by(lines.c.number).with_for_update(),
        "counted_lines": (
            select(*line, func.count(attachments.c.serial_number))
            .outerjoin(attachments, on_line())
            .where(its_lines)
            .group_by(*line)
            .order_by(lines.c.number)
        ),
        "add_line": insert(lines)
        .values(
            parameters(
                lines,
                number=select(func.coalesce(func.max(lines.c.number), 0) + 1)
                .where(lines.c.document == P("document"))
                .scalar_subquery(),
                requested=0,
                added=True,
            ),
        )
        .returning(lines.c.number),
        "drop_line_if_empty": delete(lines).where(
            lines.c.document == P("document"),
            lines.c.number == P("line"),
            lines.c.added,
            ~exists().where(on_line()).correlate(lines),
        ),
    }
