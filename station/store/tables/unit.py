"""What is scanned: items, and serial numbers of their units."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, Text

from station.store.tables.base import BYTEWISE, metadata
from station.store.tables.place import stock_areas

items = Table(
    "items",
    metadata,
    Column("code", Text, primary_key=True),
    Column("description", Text, nullable=False, server_default=""),
    Column("gtin", Text, unique=True),
    Column("tracking", Text, nullable=False),
    CheckConstraint("tracking IN ('serialized', 'auto_serialized', 'none')", name="tracking"),
)

serial_numbers = Table(
    "serial_numbers",
    metadata,
    Column("serial_number", BYTEWISE, primary_key=True),
    Column("item", Text, ForeignKey(items.c.code), primary_key=True),
    Column("stock_area", Text, ForeignKey(stock_areas.c.code), nullable=False),
    Column("mfr_serial_number", BYTEWISE),
    # Without a row id the row lives in its key's tree: one copy of each serial number on disk, not two.
    sqlite_with_rowid=False,
)
Index(
    "ix_serial_numbers_mfr_serial_number",
    serial_numbers.c.mfr_serial_number,
    sqlite_where=serial_numbers.c.mfr_serial_number.is_not(None),
    postgresql_where=serial_numbers.c.mfr_serial_number.is_not(None),
)
