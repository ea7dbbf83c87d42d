"""The metadata of all tables; locations, their stock areas, items, and units."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, MetaData, Table, Text, false

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    },
)

# Serial numbers are compared as bytes: a range must not depend on the server's collation.
BYTEWISE = Text().with_variant(Text(collation="C"), "postgresql")


locations = Table(
    "locations",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("is_default", Boolean(create_constraint=False), nullable=False),
    Column("returned_area", Text, nullable=False, server_default=""),
    Column("sold_area", Text, nullable=False, server_default=""),
    Column("credit_order_area", Text, nullable=False, server_default=""),
)
Index(
    "one_default_location",
    locations.c.is_default,
    unique=True,
    sqlite_where=locations.c.is_default,
    postgresql_where=locations.c.is_default,
)

stock_areas = Table(
    "stock_areas",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("type", Text, nullable=False),
    CheckConstraint("type IN ('stock', 'out')", name="type"),
    Column("location", Text, ForeignKey(locations.c.code), nullable=False),
)


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
    # Whom it was sold to (R12); empty: not known.
    Column("customer", Text, nullable=False, server_default=""),
    # The last day on which it may come back (R13), ``2026-11-23``.
    Column("returnable_until", Text),
    # No longer found by a scan (D10).
    Column("retired", Boolean(create_constraint=False), nullable=False, server_default=false()),
    # Without a row id the row is stored in its key's tree: one copy of each serial number, not two.
    sqlite_with_rowid=False,
)
Index(
    "ix_serial_numbers_mfr_serial_number",
    serial_numbers.c.mfr_serial_number,
    sqlite_where=serial_numbers.c.mfr_serial_number.is_not(None),
    postgresql_where=serial_numbers.c.mfr_serial_number.is_not(None),
)

# Why units come back, and in what condition (M7).
reasons = Table(
    "reasons",
    metadata,
    Column("code", Text, primary_key=True),
    Column("text", Text, nullable=False),
)

conditions = Table(
    "conditions",
    metadata,
    Column("code", Text, primary_key=True),
    Column("text", Text, nullable=False),
    # Where a Save books such units to, instead of the area for returned goods; empty: there.
    Column("stock_area", Text, nullable=False, server_default=""),
)
