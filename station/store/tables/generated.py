"""Generated serial numbers (M5): how far each prefix has been counted, and which numbers were given."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from station.store.tables.base import BYTEWISE, metadata
from station.store.tables.history_row import history
from station.store.tables.unit import serial_numbers

number_series = Table(
    "number_series",
    metadata,
    Column("prefix", BYTEWISE, primary_key=True),
    # Whoever generates locks this row: two stations never give the same number.
    Column("last", BigInteger, nullable=False),
    CheckConstraint("last >= 0", name="last"),
)

generated_numbers = Table(
    "generated_numbers",
    metadata,
    # The key is that no number of a prefix is given twice.
    Column("prefix", BYTEWISE, ForeignKey(number_series.c.prefix), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("serial_number", BYTEWISE, nullable=False),
    Column("item", Text, nullable=False),
    # Deferred, as an attachment's: the unit is there before its row is written.
    Column(
        "history_id",
        Text,
        ForeignKey(history.c.id, deferrable=True, initially="DEFERRED"),
        nullable=False,
        unique=True,
    ),
    ForeignKeyConstraint(["serial_number", "item"], [serial_numbers.c.serial_number, serial_numbers.c.item]),
    UniqueConstraint("serial_number", "item"),
)
