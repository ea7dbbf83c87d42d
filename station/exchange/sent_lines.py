"""The lines of a document that was sent, beside those that it has.

As in the import, the n-th line sent of an item is the document's n-th line of it. Negative lines and those
that retrieval added are the dock's: they are never taken away.
"""

from __future__ import annotations

from collections import defaultdict, deque
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import and_, delete, func, insert, not_, select, update

from station.errors import DocumentRefusedError
from station.store.tables import attachments, lines

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from sqlalchemy import Connection, Row

    from station.exchange.document import SentLine


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
