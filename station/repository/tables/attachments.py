"""Which serial number is on which line of which document (I1, I2, I3)."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from station.repository.tables.documents import documents, lines
from station.repository.tables.history import history
from station.repository.tables.master_data import BYTEWISE, metadata, serial_numbers

HELD = text("document_status IN ('open', 'backorder') AND receipt IS NULL")
"""Attachments of units that no other document can have (I1): those that wait to be booked."""

attachments = Table(
    "attachments",
    metadata,
    Column("document", Text, primary_key=True),
    # No foreign key to the units: they are never deleted here, and it would lock one of millions of rows
    # at every scan. `db check` finds dangling references.
    Column("serial_number", BYTEWISE, primary_key=True),
    Column("item", Text, primary_key=True),
    Column("line", Integer, nullable=False),
    Column("document_status", Text, nullable=False),
    # Deferred: whether attaching succeeded determines the row of history, which is inserted later.
    Column(
        "history_id",
        Text,
        ForeignKey(history.c.id, deferrable=True, initially="DEFERRED"),
        nullable=False,
        unique=True,
    ),
    # The receipt that booked the unit (D7); null: it is not booked yet.
    Column("receipt", Integer),
    Column("reason_code", Text),
    Column("condition", Text),
    # The entry that retrieved the unit as one of a range, which UNDO takes off as a whole (M2).
    Column("range_id", Text),
    ForeignKeyConstraint(
        ["document", "line", "item"],
        # No cascade: a line must not be dropped as empty if another station just attached a unit to it.
        [lines.c.document, lines.c.number, lines.c.item],
    ),
    ForeignKeyConstraint(
        ["document", "document_status"],
        [documents.c.number, documents.c.status],
        onupdate="CASCADE",
        ondelete="CASCADE",
    ),
    sqlite_with_rowid=False,
)
Index("ix_attachments_document_line", attachments.c.document, attachments.c.line)
Index(
    "one_open_document",
    attachments.c.serial_number,
    attachments.c.item,
    unique=True,
    sqlite_where=HELD,
    postgresql_where=HELD,
)

# What was counted onto a line (M6), a row for each count that stands.
counts = Table(
    "counts",
    metadata,
    Column("document", Text, nullable=False),
    Column("line", Integer, nullable=False),
    Column("item", Text, nullable=False),
    # Deferred, as for attachments.
    Column(
        "history_id",
        Text,
        ForeignKey(history.c.id, deferrable=True, initially="DEFERRED"),
        primary_key=True,
    ),
    Column("quantity", Integer, nullable=False),
    # Whether the quantity was scanned, so that another one is asked about.
    Column("stated", Boolean(create_constraint=False), nullable=False),
    Column("receipt", Integer),
    Column("reason_code", Text),
    Column("condition", Text),
    CheckConstraint("quantity > 0", name="quantity"),
    ForeignKeyConstraint(
        ["document", "line", "item"],
        [lines.c.document, lines.c.number, lines.c.item],
    ),
)
Index("ix_counts_document_line", counts.c.document, counts.c.line)

number_series = Table(
    "number_series",
    metadata,
    Column("prefix", BYTEWISE, primary_key=True),
    # Generating locks this row, so two stations never assign the same number.
    Column("last", BigInteger, nullable=False),
    CheckConstraint("last >= 0", name="last"),
)

generated_numbers = Table(
    "generated_numbers",
    metadata,
    # The key prevents assigning a prefix's number twice.
    Column("prefix", BYTEWISE, ForeignKey(number_series.c.prefix), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("serial_number", BYTEWISE, nullable=False),
    Column("item", Text, nullable=False),
    # Deferred, as for attachments: the unit is inserted before its row of history.
    Column(
        "history_id",
        Text,
        ForeignKey(history.c.id, deferrable=True, initially="DEFERRED"),
        nullable=False,
        unique=True,
    ),
    ForeignKeyConstraint(
        ["serial_number", "item"],
        [serial_numbers.c.serial_number, serial_numbers.c.item],
        # The office may correct a unit's item (D10).
        onupdate="CASCADE",
    ),
    UniqueConstraint("serial_number", "item"),
)
