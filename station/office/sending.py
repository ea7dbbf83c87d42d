"""Documents that the office sends and fetches.

As in the import, the n-th sent line of an item is the document's n-th line of that item. Negative lines and
those that retrieval added belong to the dock: they are never removed.
"""

from __future__ import annotations

from collections import defaultdict, deque
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import and_, delete, func, insert, not_, select, update

from station.errors import DocumentChangedError, DocumentRefusedError, DocumentWrongError
from station.office import columns
from station.office.columns import BadValueError
from station.office.exporter import read_document
from station.office.release import release
from station.repository.database import reading, transaction
from station.repository.statement import insert_or_skip
from station.repository.tables import attachments, documents, items, lines, locations
from station.rules.model import OPEN
from station.source import now, timestamp

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from sqlalchemy import Connection, Engine, Row

    from station.office.document import ExportedDocument, SentDocument, SentLine


class _Matched(NamedTuple):
    pairs: list[tuple[SentLine, Row[Any] | None]]
    """Each sent line with the document's line; None: there is none yet."""
    left_out: list[Row[Any]]
    """Lines that were sent before and are now left out."""


def write_lines(connection: Connection, document: str, sent: Sequence[SentLine]) -> None:
    """Make the document's lines those that were sent.

    Raises:
        DocumentRefusedError: a line with units is left out.
    """
    matched = _matched(connection, document, sent)
    newest = select(func.coalesce(func.max(lines.c.number), 0)).where(lines.c.document == document)
    number: int = connection.execute(newest).scalar_one()
    _drop(connection, document, matched.left_out)
    for line, row in matched.pairs:
        if row is None:
            number += 1
            values = {"item": line.item, "requested": line.requested, "negative": False, "added": False}
            connection.execute(insert(lines).values(document=document, number=number, **values))
        elif _differs(line, row):
            changed = update(lines).where(lines.c.document == document, lines.c.number == row.number)
            connection.execute(changed.values(requested=line.requested, added=False))


def refuse_line_changes(connection: Connection, document: Row[Any], sent: Sequence[SentLine]) -> None:
    """Make sure that no line would change.

    Raises:
        DocumentRefusedError: a line would change.
    """
    matched = _matched(connection, document.number, sent)
    items = [line.item for line, row in matched.pairs if row is None or _differs(line, row)]
    items += [row.item for row in matched.left_out]
    if items:
        raise DocumentRefusedError(
            f"document {document.number} is {document.status}, which is final: its line of item {items[0]} "
            "can't change"
        )


def _matched(connection: Connection, document: str, sent: Sequence[SentLine]) -> _Matched:
    own = select(lines).where(lines.c.document == document, not_(lines.c.negative)).order_by(lines.c.number)
    there: defaultdict[str, deque[Row[Any]]] = defaultdict(deque)
    for row in connection.execute(own):
        there[row.item].append(row)
    pairs = [(line, there[line.item].popleft() if there[line.item] else None) for line in sent]
    return _Matched(pairs, [row for rows in there.values() for row in rows if not row.added])


def _differs(line: SentLine, row: Row[Any]) -> bool:
    return bool(row.added or row.requested != line.requested)


def _drop(connection: Connection, document: str, rows: Sequence[Row[Any]]) -> None:
    for row in rows:
        on_line = and_(attachments.c.document == document, attachments.c.line == row.number)
        units = connection.execute(select(func.count()).where(on_line)).scalar_one()
        if units:
            raise DocumentRefusedError(
                f"item {row.item} is left out, but its line {row.number} of document {document} has "
                f"{units} serial numbers; detach them first, or send the line"
            )
        connection.execute(delete(lines).where(lines.c.document == document, lines.c.number == row.number))


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
    ) -> tuple[ExportedDocument, bool]:
        """Create the document or change it to what was sent; return it, and whether it is new.

        `is_expected`: whether the document is still as the sender knows it.

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
            _write(connection, row, sent)
            stored = read_document(connection, number)
        if stored is None:
            raise DocumentChangedError(f"document {number} no longer exists; send it again")
        return stored, is_new


def _check_values(number: str, sent: SentDocument) -> None:
    values: list[tuple[str, str, Callable[[str], object]]] = [
        ("number", number, columns.code),
        ("customer", sent.customer, columns.optional(columns.name, "")),
        ("location", sent.location, columns.code),
        *((f"lines[{place}].item", line.item, columns.code) for place, line in enumerate(sent.lines)),
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


def _write(connection: Connection, row: Row[tuple[str, ...]], sent: SentDocument) -> None:
    """Write what differs.

    Raises:
        DocumentRefusedError: the document is not open, or a line with units is left out.
    """
    head = {"kind": sent.kind, "customer": sent.customer, "location": sent.location}
    # Only a Save makes a backorder, and a sender that knows nothing of it still calls the document open.
    stays_open = row.status in OPEN and sent.status in OPEN
    head["status"] = row.status if stays_open else sent.status or row.status
    changed = {name: value for name, value in head.items() if getattr(row, name) != value}
    if row.status not in OPEN:
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
        release(connection, [row.number], timestamp(now()))
