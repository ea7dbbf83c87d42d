"""Stations with their sessions, questions and publishers; operators."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text

from station.repository.tables.master_data import metadata

operators = Table(
    "operators",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
)

stations = Table(
    "stations",
    metadata,
    Column("name", Text, primary_key=True),
    Column("operator", Text, ForeignKey(operators.c.code)),
    Column("mode", Text, nullable=False, server_default=""),
    Column("range_first", Text, nullable=False, server_default=""),
    Column("range_item", Text, nullable=False, server_default=""),
    # The last entry of a batch that left no row of history: resolves a commit with an unknown outcome.
    Column("last_entry", Text),
    # When the operator was last at work here (D5).
    Column("operator_at", Text),
    # What was scanned for the next unit (M6, M7).
    Column("next_quantity", Integer),
    Column("next_reason", Text),
    Column("next_condition", Text),
)

sessions = Table(
    "sessions",
    metadata,
    Column("station", Text, ForeignKey(stations.c.name), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("document", Text, nullable=False),
    Column("operator", Text),
    Column("opened_at", Text, nullable=False),
    Column("ended_at", Text),
    Column("ended_why", Text),
    # The receipt that its Save booked (D7).
    Column("receipt", Integer),
)
# For the archive, which selects a document's sessions.
Index("ix_sessions_document", sessions.c.document)
Index(
    "one_open_session",
    sessions.c.station,
    unique=True,
    sqlite_where=sessions.c.ended_at.is_(None),
    postgresql_where=sessions.c.ended_at.is_(None),
)

questions = Table(
    "questions",
    metadata,
    # The key enforces P1: one question at a time.
    Column("station", Text, ForeignKey(stations.c.name), primary_key=True),
    Column("body", Text, nullable=False),
)


publishers = Table(
    "publishers",
    metadata,
    Column("station", Text, ForeignKey(stations.c.name), primary_key=True),
    Column("name", Text, primary_key=True),
    # The numbers of the last row of history and the last ended session whose receipt was confirmed.
    Column("sent_row", Integer, nullable=False),
    Column("sent_session", Integer, nullable=False),
    # The same for the moves of the station, and for those of the office.
    Column("sent_move", Integer, nullable=False, server_default="0"),
    Column("sent_office_move", Integer, nullable=False, server_default="0"),
    CheckConstraint("sent_row >= 0 AND sent_session >= 0", name="sent"),
)

# The one key that signs the command codes of all stations (D11).
signing_key = Table(
    "signing_key",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("key", Text, nullable=False),
    Column("made_at", Text, nullable=False),
    CheckConstraint("id = 1", name="id"),
)
