"""What went into the archive: which documents, and which rows of history and moves.

A row may be taken out of `history` or `moves` only when `archived_rows` says that the archive has it (I5, see
the fifth migration); rows and what is written here together are each station's numbers without gaps.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, Table, Text

from station.store.tables.base import metadata
from station.store.tables.document import documents
from station.store.tables.station import stations

# The document itself and its lines stay, so that its number is never used a second time.
archived_documents = Table(
    "archived_documents",
    metadata,
    Column("document", Text, ForeignKey(documents.c.number, ondelete="CASCADE"), primary_key=True),
    # Of its end, ``2024-11``: the file of the archive that has it.
    Column("month", Text, nullable=False),
)

# Units that were on a line: credited quantities are counted from attachments, which are in the archive now.
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

# Runs of numbers, as long as they can be.
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
