"""Credit documents and their line items."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from station.repository.tables.master_data import BYTEWISE, items, locations, metadata

documents = Table(
    "documents",
    metadata,
    Column("number", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    CheckConstraint("kind IN ('credit_order', 'credit_memo')", name="kind"),
    Column("customer", Text, nullable=False, server_default=""),
    Column("location", Text, ForeignKey(locations.c.code), nullable=False),
    Column("status", Text, nullable=False),
    CheckConstraint("status IN ('open', 'backorder', 'saved', 'cancelled')", name="status"),
    Column("reference", Text, nullable=False, server_default=""),
    # Made at the dock for a return that nobody announced (M8).
    Column("unannounced", Boolean(create_constraint=False), nullable=False, server_default=false()),
    UniqueConstraint("number", "status"),
)
# M8: a customer's documents.
Index("ix_documents_customer", documents.c.customer)

lines = Table(
    "lines",
    metadata,
    Column("document", Text, ForeignKey(documents.c.number, ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("item", Text, ForeignKey(items.c.code), nullable=False),
    Column("requested", Integer, nullable=False),
    CheckConstraint("requested >= 0", name="requested"),
    Column("negative", Boolean(create_constraint=False), nullable=False),
    Column("added", Boolean(create_constraint=False), nullable=False),
    # The office's own name of the line.
    Column("reference", Text, nullable=False, server_default=""),
    # By how much retrieval raised `requested` on a credit order (R9).
    Column("raised", Integer, nullable=False, server_default="0"),
    UniqueConstraint("document", "number", "item"),
)
Index(
    "one_negative_line",
    lines.c.document,
    lines.c.item,
    unique=True,
    sqlite_where=lines.c.negative,
    postgresql_where=lines.c.negative,
)
Index(
    "one_added_line",
    lines.c.document,
    lines.c.item,
    unique=True,
    sqlite_where=text("added AND NOT negative"),
    postgresql_where=text("added AND NOT negative"),
)

# The units that the office expects by number (R14); they need not be known.
expected_units = Table(
    "expected_units",
    metadata,
    Column("document", Text, ForeignKey(documents.c.number, ondelete="CASCADE"), primary_key=True),
    Column("item", Text, ForeignKey(items.c.code), primary_key=True),
    Column("serial_number", BYTEWISE, primary_key=True),
    sqlite_with_rowid=False,
)
# M8: the documents that expect a unit.
Index("ix_expected_units_serial_number", expected_units.c.serial_number)

# Each Save of a document (D3, D7). A reopened one keeps its row (D8), so its number is not used again.
receipts = Table(
    "receipts",
    metadata,
    Column("document", Text, ForeignKey(documents.c.number, ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
    Column("station", Text, nullable=False),
    Column("session", Integer),
    Column("operator", Text),
    # Whether it ended the document; otherwise the rest comes later.
    Column("final", Boolean(create_constraint=False), nullable=False),
    Column("reopened_at", Text),
    CheckConstraint("number > 0", name="number"),
)
