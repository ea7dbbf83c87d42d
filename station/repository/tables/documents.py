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
    text,
)

from station.repository.tables.master_data import items, locations, metadata

documents = Table(
    "documents",
    metadata,
    Column("number", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    CheckConstraint("kind IN ('credit_order', 'credit_memo')", name="kind"),
    Column("customer", Text, nullable=False, server_default=""),
    Column("location", Text, ForeignKey(locations.c.code), nullable=False),
    Column("status", Text, nullable=False),
    CheckConstraint("status IN ('open', 'saved', 'cancelled')", name="status"),
    UniqueConstraint("number", "status"),
)

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
