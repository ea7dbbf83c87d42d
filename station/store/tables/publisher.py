"""How far each publisher got."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, Table, Text

from station.store.tables.base import metadata
from station.store.tables.station import stations

publishers = Table(
    "publishers",
    metadata,
    Column("station", Text, ForeignKey(stations.c.name), primary_key=True),
    Column("name", Text, primary_key=True),
    # The numbers of the station's last row of history and of its last ended session that were confirmed.
    Column("sent_row", Integer, nullable=False),
    Column("sent_session", Integer, nullable=False),
    CheckConstraint("sent_row >= 0 AND sent_session >= 0", name="sent"),
)
