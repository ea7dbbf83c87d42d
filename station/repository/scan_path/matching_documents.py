"""Documents that a unit may belong to, and new ones for units that nobody announced (M8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, insert, literal_column, not_, select, update

from station.repository.scan_path.credit_documents import DOCUMENT, document_of
from station.repository.statement import COUNTED_ON_LINE, UNITS_ON_LINE, P, Statement, parameters
from station.repository.tables import documents, expected_units, lines, number_series
from station.repository.unit_of_work import SqlUnitOfWork
from station.rules.model import OPEN

if TYPE_CHECKING:
    from station.rules.model import Document

_OPEN = (
    select(*DOCUMENT)
    .where(documents.c.status.in_([literal_column(f"'{status}'") for status in OPEN]))
    .order_by(documents.c.number)
    .limit(P("limit"))
)
_LACKS = (
    select(func.sum(lines.c.requested - UNITS_ON_LINE - COUNTED_ON_LINE))
    .where(lines.c.document == documents.c.number, lines.c.item == P("item"), not_(lines.c.negative))
    .correlate(documents)
    .scalar_subquery()
) > 0
"""Whether units of an item are requested and not here."""


class SqlMatchingDocuments(SqlUnitOfWork):
    """Finds documents by what they lack."""

    _expecting = Statement(
        _OPEN.join(expected_units, expected_units.c.document == documents.c.number).where(
            expected_units.c.serial_number == P("serial_number"), expected_units.c.item == P("item")
        )
    )

    def documents_expecting(self, serial_number: str, item: str, limit: int) -> list[Document]:
        """Return the open documents that expect a unit by its serial number, at most `limit`."""
        rows = self._rows(self._expecting, serial_number=serial_number, item=item, limit=limit)
        return [document_of(row) for row in rows]

    _of_customer = Statement(_OPEN.where(documents.c.customer == P("customer"), _LACKS))

    def documents_of_customer(self, customer: str, item: str, limit: int) -> list[Document]:
        """Return a customer's open documents that still lack units of an item, at most `limit`."""
        rows = self._rows(self._of_customer, customer=customer, item=item, limit=limit)
        return [document_of(row) for row in rows]

    _count_document = Statement(
        update(number_series).where(number_series.c.prefix == P("prefix")).values(last=P("last"))
    )
    _add_document = Statement(insert(documents).values(parameters(documents)))

    def add_document(self, document: Document, prefix: str, number: int) -> None:
        """Store a new document, numbered with its prefix's `number`."""
        self._run(self._count_document, prefix=prefix, last=number)
        self._run(
            self._add_document,
            number=document.number,
            kind=str(document.kind),
            customer=document.customer,
            location=document.location,
            status=str(document.status),
            reference=document.reference,
            unannounced=document.unannounced,
        )
