"""Where units are booked: locations, and stock areas in them."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, Table, Text

from station.store.tables.base import metadata

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
