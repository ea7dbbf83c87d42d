"""The schema, with every invariant that a database can enforce.

All keys are natural: a serial number belongs to an item, an attachment to a line, a history row to a
station. Times are text in UTC with milliseconds (``2026-11-23T05:00:00.812Z``), which sorts and reads the
same in every database.

- **I1** `one_open_document`: a unique index over the attachments of open documents that are not booked yet
  (`HELD`). An attachment has its document's status, and a cascading foreign key keeps the two equal.
- **I2** credited quantities are the sum of attachments and counts, never stored.
- **I3** `attachments.history_id` must reference a row of history, so both are in the same transaction.
- **I4** `history.id` is the scan's id and unique.
- **I5** triggers refuse to change history, and to delete rows that are not archived (see the
  first and the fifth migration).
"""

from __future__ import annotations

from station.repository.tables.attachments import HELD, attachments, counts, generated_numbers, number_series
from station.repository.tables.documents import documents, expected_units, lines, receipts
from station.repository.tables.history import (
    archived_documents,
    archived_lines,
    archived_rows,
    history,
    moves,
    posts,
)
from station.repository.tables.master_data import (
    BYTEWISE,
    conditions,
    items,
    locations,
    metadata,
    reasons,
    serial_numbers,
    stock_areas,
)
from station.repository.tables.stations import (
    operators,
    publishers,
    questions,
    sessions,
    signing_key,
    stations,
)

__all__ = [
    "BYTEWISE",
    "HELD",
    "archived_documents",
    "archived_lines",
    "archived_rows",
    "attachments",
    "conditions",
    "counts",
    "documents",
    "expected_units",
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
    "reasons",
    "receipts",
    "serial_numbers",
    "sessions",
    "signing_key",
    "stations",
    "stock_areas",
]
