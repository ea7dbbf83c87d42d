"""The schema, with every invariant that a database can hold.

Natural keys throughout: a serial number belongs to an item, an attachment to a line, a history row to a
station. Times are text in UTC with milliseconds (``2026-11-23T05:00:00.812Z``), which sorts and reads the
same in every database.

- **I1** `one_open_document`: a unique index over the attachments of open documents. An attachment carries
  its document's status, and a foreign key that cascades keeps the two equal, so the index can't be fooled.
- **I2** credited quantities are counted from attachments, never kept.
- **I3** `attachments.history_id` must name a row of history, so both are in the same transaction.
- **I4** `history.id` is the scan's id and unique.
- **I5** triggers refuse to change history, and to delete what the archive doesn't have (see the first and the
  fifth migration).
"""

from __future__ import annotations

from station.store.tables.archived import archived_documents, archived_lines, archived_rows
from station.store.tables.attachment import attachments
from station.store.tables.base import BYTEWISE, metadata
from station.store.tables.document import documents, lines
from station.store.tables.generated import generated_numbers, number_series
from station.store.tables.history_row import history, moves
from station.store.tables.place import locations, stock_areas
from station.store.tables.post import posts
from station.store.tables.publisher import publishers
from station.store.tables.station import operators, questions, sessions, stations
from station.store.tables.unit import items, serial_numbers

__all__ = [
    "BYTEWISE",
    "archived_documents",
    "archived_lines",
    "archived_rows",
    "attachments",
    "documents",
    "generated_numbers",
    "history",
    "items",
    "lines",
    "locations",
    "metadata",
    "moves",
    "number_series",
    "operators",
    "posts",
    "publishers",
    "questions",
    "serial_numbers",
    "sessions",
    "stations",
    "stock_areas",
]
