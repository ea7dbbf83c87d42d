"""The permanent record: a row for each scan, and one for each change of a unit by a Save or the office."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text

from station.history import MoveEvent
from station.outcomes import OUTCOMES, Action
from station.repository.history_fields import FIELDS, column
from station.repository.tables.documents import documents
from station.repository.tables.master_data import BYTEWISE, metadata
from station.repository.tables.stations import stations

if TYPE_CHECKING:
    from collections.abc import Iterable

_MORE: dict[str, dict[str, Any]] = {
    "id": {"unique": True},
    "serial_number": {"type_": BYTEWISE},
    "mfr_serial_number": {"type_": BYTEWISE},
}
"""Column options that a field's declaration doesn't contain."""


def _listed(values: Iterable[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)


_WITH_REASON = [row.action for row in OUTCOMES.values() if row.takes_reason]

history = Table(
    "history",
    metadata,
    Column("station", Text, ForeignKey(stations.c.name), primary_key=True),
    # Numbered without gaps, so that a missing row is noticed.
    Column("number", Integer, primary_key=True, autoincrement=False),
    *(column(name, **_MORE.get(name, {})) for name in FIELDS if name != "station"),
    CheckConstraint(f"action IN ({_listed(Action)})", name="action"),
    CheckConstraint(f"(action IN ({_listed(_WITH_REASON)})) = (reason IS NOT NULL)", name="reason"),
    sqlite_with_rowid=False,
)
Index(
    "ix_history_serial_number",
    history.c.serial_number,
    sqlite_where=history.c.serial_number.is_not(None),
    postgresql_where=history.c.serial_number.is_not(None),
)
Index("ix_history_document", history.c.document)

moves = Table(
    "moves",
    metadata,
    Column("station", Text, ForeignKey(stations.c.name), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
    # Null: the office changed the unit on its own.
    Column("document", Text),
    Column("event", Text, nullable=False),
    CheckConstraint(f"event IN ({_listed(MoveEvent)})", name="event"),
    Column("serial_number", BYTEWISE, nullable=False),
    Column("item", Text, nullable=False),
    Column("from_area", Text, nullable=False),
    Column("to_area", Text, nullable=False),
    Column("operator", Text),
    # The station's session; null: the office.
    Column("session", Integer),
    Column("receipt", Integer),
    # The wrong item that the office corrected (D10).
    Column("from_item", Text),
    # What else changed, in words.
    Column("note", Text),
    # Of a unit that a Save booked (M7).
    Column("reason_code", Text),
    Column("condition", Text),
    # More than 1 only if goods without serial numbers were released: then `serial_number` is empty (M6).
    Column("quantity", Integer, nullable=False, server_default="1"),
    sqlite_with_rowid=False,
)
Index("ix_moves_serial_number", moves.c.serial_number)
Index("ix_moves_document", moves.c.document)


# The document itself and its lines stay, so that its number is never used a second time.
archived_documents = Table(
    "archived_documents",
    metadata,
    Column("document", Text, ForeignKey(documents.c.number, ondelete="CASCADE"), primary_key=True),
    # The month it ended, ``2024-11``, which names the archive's file.
    Column("month", Text, nullable=False),
)

# The units that were on a line, because its attachments are in the archive now.
archived_lines = Table(
    "archived_lines",
    metadata,
    Column(
        "document",
        Text,
        ForeignKey(archived_documents.c.document, ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("line", Integer, primary_key=True, autoincrement=False),
    Column("units", Integer, nullable=False),
    CheckConstraint("units > 0", name="units"),
)

# The longest possible runs of numbers.
archived_rows = Table(
    "archived_rows",
    metadata,
    Column("kind", Text, primary_key=True),
    CheckConstraint("kind IN ('history', 'moves')", name="kind"),
    Column("station", Text, ForeignKey(stations.c.name), primary_key=True),
    Column("first", Integer, primary_key=True, autoincrement=False),
    Column("last", Integer, nullable=False),
    CheckConstraint("first <= last", name="run"),
)


posts = Table(
    "posts",
    metadata,
    # The entry's id; its row of history, if any, has it too.
    Column("id", Text, primary_key=True),
    Column("station", Text, ForeignKey(stations.c.name), nullable=False),
    Column("at", Text, nullable=False),
    # A digest of the request.
    Column("asked", Text, nullable=False),
    # The response.
    Column("told", Text, nullable=False),
)
