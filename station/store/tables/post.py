"""What was posted with a key that makes it count once, and what became of it (I4), until it is archived."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Table, Text

from station.store.tables.base import metadata
from station.store.tables.station import stations

posts = Table(
    "posts",
    metadata,
    # Of the entry; its row of history bears it too, if it left one.
    Column("id", Text, primary_key=True),
    Column("station", Text, ForeignKey(stations.c.name), nullable=False),
    Column("at", Text, nullable=False),
    # A digest of what was posted.
    Column("asked", Text, nullable=False),
    # The answer.
    Column("told", Text, nullable=False),
)
