"""The lines of a document that was sent, beside those that it has.

As in the import, the n-th line sent of an item is the document's n-th line of it. Negative lines and those
that retrieval added are the dock's: they are never taken away.
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
from station.source import now, timestamp

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from sqlalchemy import Connection, Engine, Row

    from station.office.document import ExportedDocument, SentDocument, SentLine


class _Matched(NamedTuple):
    pairs: list[tuple[SentLine, Row[Any] | None]]
    """Each line sent, with the one that it is about; None: there is none yet."""
    left_out: list[Row[Any]]
    """Lines that were announced before and are not any more."""


def write_lines(connection: Connection, document: str, sent: Sequence[SentLine]) -> None:
    """Bring the document's lines to what was sent.

    Raises:
        DocumentRefusedError: there are units on a line that is left out.
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
    """Make sure that nothing would change.

    Raises:
        DocumentRefusedError: it would.
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
                f"item {row.item} is left out, but on its line {row.number} of document {document} there are "
                f"{units} serial numbers; take them off first, or send the line"
            )
        connection.execute(delete(lines).where(lines.c.document == document, lines.c.number == row.number))


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
        ("number", number, columns.code),
        ("customer", sent.customer, columns.optional(columns.name, "")),
        ("location", sent.location, columns.code),
        *((f"lines[{place}].item", line.item, columns.code) for place, line in enumerate(sent.lines)),
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
