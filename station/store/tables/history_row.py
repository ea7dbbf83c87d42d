"""What was done, for ever: a row a scan, and a row for each unit that a document moved or released."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text

from station.store.tables.base import BYTEWISE, metadata
from station.store.tables.station import stations

history = Table(
    "history",
    metadata,
    Column("station", Text, ForeignKey(stations.c.name), primary_key=True),
    # Numbered without gaps, so that a row that went missing is noticed.
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False, unique=True),
    Column("at", Text, nullable=False),
    Column("session", Integer),
    Column("document", Text),
    Column("action", Text, nullable=False),
    CheckConstraint(
        "action IN ('Assigned', 'Added', 'Negative', 'Skipped', 'Detached', 'Refused')", name="action"
    ),
    Column("reason", Text),
    Column("serial_number", BYTEWISE),
    Column("mfr_serial_number", BYTEWISE),
    Column("item", Text),
    Column("description", Text),
    Column("stock_area", Text),
    Column("operator", Text),
    Column("scanner", Text, nullable=False),
    Column("text", Text, nullable=False),
    CheckConstraint("(action IN ('Refused', 'Skipped')) = (reason IS NOT NULL)", name="reason"),
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
    Column("document", Text, nullable=False),
    Column("event", Text, nullable=False),
    CheckConstraint("event IN ('Booked', 'Released')", name="event"),
    Column("serial_number", BYTEWISE, nullable=False),
    Column("item", Text, nullable=False),
    Column("from_area", Text, nullable=False),
    Column("to_area", Text, nullable=False),
    Column("operator", Text),
    sqlite_with_rowid=False,
)
Index("ix_moves_serial_number", moves.c.serial_number)
Index("ix_moves_document", moves.c.document)
