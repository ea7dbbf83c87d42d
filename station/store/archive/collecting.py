"""Rows out of the database, as entries of the archive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, tuple_

from station.store.archive.choosing import SENSIBLE
from station.store.archive.entry import Entry
from station.store.schema import NEWEST
from station.store.tables import (
    attachments,
    documents,
    generated_numbers,
    history,
    lines,
    moves,
    posts,
    sessions,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

    from station.store.archive.entry import Row

_PAGE = 1000
"""Rows that belong to no document that are read at once."""


def document_entry(connection: Connection, number: str) -> Entry | None:
    """A document with all its rows, in the order of their keys; None: there is none of that number."""
    its_rows = select(history.c.id).where(history.c.document == number)
    found = _rows(connection, select(documents).where(documents.c.number == number))
    if not found:
        return None
    return Entry(
        schema=NEWEST,
        document=found[0],
        generated_numbers=_rows(
            connection,
            select(generated_numbers)
            .where(generated_numbers.c.history_id.in_(its_rows))
            .order_by(generated_numbers.c.prefix, generated_numbers.c.number),
        ),
        **{
            table.name: _rows(
                connection, select(table).where(table.c.document == number).order_by(*table.primary_key)
            )
            for table in (lines, attachments, history, moves, sessions)
        },
    )


def rows_of_no_document(connection: Connection, station: str, after: int, before: str) -> list[Entry]:
    """A station's rows of history without a document, before a time, behind a number; none: that was all."""
    wanted = (
        select(history)
        .where(
            history.c.station == station,
            history.c.number > after,
            history.c.document.is_(None),
            history.c.at >= SENSIBLE,
            history.c.at < before,
        )
        .order_by(history.c.number)
        .limit(_PAGE)
    )
    return [Entry(schema=NEWEST, history=(row,)) for row in _rows(connection, wanted)]


def old_posts(connection: Connection, after: tuple[str, str], before: str) -> list[Entry]:
    """Posts before a time, oldest first, behind a time and id; none: there are no more.

    One whose row of history is still there stays with it: posted again, it is the same scan (I4).
    """
    its_row = select(history.c.id).where(history.c.id == posts.c.id).exists()
    wanted = (
        select(posts)
        .where(
            tuple_(posts.c.at, posts.c.id) > tuple_(*after),
            posts.c.at >= SENSIBLE,
            posts.c.at < before,
            ~its_row,
        )
        .order_by(posts.c.at, posts.c.id)
        .limit(_PAGE)
    )
    return [Entry(schema=NEWEST, posts=(row,)) for row in _rows(connection, wanted)]


def _rows(connection: Connection, statement: Select[tuple[object, ...]]) -> tuple[Row, ...]:
    return tuple(dict(row) for row in connection.execute(statement).mappings())
