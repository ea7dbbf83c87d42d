"""The lines of a document that the office sends.

As in the import, the n-th sent line of an item is the document's n-th line of that item. Negative lines and
those that retrieval added belong to the dock: they are never removed.
"""

from __future__ import annotations

from collections import defaultdict, deque
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import and_, delete, func, insert, not_, select, update

from station.errors import DocumentRefusedError
from station.repository.statement import COUNTED_ON_LINE, UNITS_ON_LINE
from station.repository.tables import expected_units, lines

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from sqlalchemy import Connection, Row

    from station.office.document import SentLine


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
            values = {"item": line.item, "negative": False, "added": False, **_values(line, None)}
            connection.execute(insert(lines).values(document=document, number=number, **values))
        elif _differs(line, row):
            changed = update(lines).where(lines.c.document == document, lines.c.number == row.number)
            connection.execute(changed.values(added=False, **_values(line, row)))
    _write_expected(connection, document, sent)


def refuse_line_changes(connection: Connection, document: Row[Any], sent: Sequence[SentLine]) -> None:
    """Make sure that no line would change.

    Raises:
        DocumentRefusedError: a line would change.
    """
    matched = _matched(connection, document.number, sent)
    items = [line.item for line, row in matched.pairs if row is None or _differs(line, row)]
    items += [row.item for row in matched.left_out]
    there = _expected(connection, document.number)
    items += [item for item, numbers in _sent_expected(sent).items() if numbers != there[item]]
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
    return row.added or any(getattr(row, name) != value for name, value in _values(line, row).items())


def _values(line: SentLine, row: Row[Any] | None) -> dict[str, Any]:
    """Return what the line's row should be; a quantity that retrieval raised stays as high (R9)."""
    values: dict[str, Any] = {"requested": line.requested, "raised": 0}
    if row is not None and row.raised and row.requested > line.requested:
        values = {"requested": row.requested, "raised": row.requested - line.requested}
    if line.reference is not None:
        values["reference"] = line.reference
    return values


def _drop(connection: Connection, document: str, rows: Sequence[Row[Any]]) -> None:
    for row in rows:
        its_line = and_(lines.c.document == document, lines.c.number == row.number)
        units = connection.execute(select(UNITS_ON_LINE + COUNTED_ON_LINE).where(its_line)).scalar_one()
        if units:
            raise DocumentRefusedError(
                f"item {row.item} is left out, but its line {row.number} of document {document} has "
                f"{units} units; detach them first, or send the line"
            )
        connection.execute(delete(lines).where(its_line))


def _sent_expected(sent: Sequence[SentLine]) -> dict[str, set[str]]:
    """Return the expected serial numbers by item, for each item that any were sent for."""
    expected: dict[str, set[str]] = {}
    for line in sent:
        if line.expected is not None:
            expected.setdefault(line.item, set()).update(line.expected)
    return expected


def _expected(connection: Connection, document: str) -> defaultdict[str, set[str]]:
    of_document = select(expected_units).where(expected_units.c.document == document)
    there: defaultdict[str, set[str]] = defaultdict(set)
    for row in connection.execute(of_document):
        there[row.item].add(row.serial_number)
    return there


def _write_expected(connection: Connection, document: str, sent: Sequence[SentLine]) -> None:
    """Make the expected units those that were sent; items without a line expect none."""
    there = _expected(connection, document)
    wanted = {item: there[item] for line in sent if (item := line.item) in there} | _sent_expected(sent)
    for item in [item for item, numbers in there.items() if numbers != wanted.get(item)]:
        its_units = and_(expected_units.c.document == document, expected_units.c.item == item)
        connection.execute(delete(expected_units).where(its_units))
    new = [
        {"document": document, "item": item, "serial_number": number}
        for item, numbers in wanted.items()
        if numbers != there[item]
        for number in sorted(numbers)
    ]
    if new:
        connection.execute(insert(expected_units), new)
