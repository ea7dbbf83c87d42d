"""The schema, with every invariant that a database can hold.

Natural keys throughout: a serial number belongs to an item, an attachment to a line, a history row to a
station. Times are text in UTC with milliseconds (``2026-11-23T05:00:00.812Z``), which sorts and reads the
same in every database.

- **I1** `one_open_document`: a unique index over the attachments of open documents. An attachment carries
  its document's status, and a foreign key that cascades keeps the two equal, so the index can't be fooled.
- **I2** credited quantities are counted from attachments, never kept.
- **I3** `attachments.history_id` must name a row of history, so both are in the same transaction.
- **I4** `history.id` is the scan's id and unique.
- **I5** triggers refuse to change or delete history (see the first migration).
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    },
)

# Serial numbers are compared as bytes: a range must not depend on the server's language.
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
    # Without a row id the row lives in its key's tree: one copy of each serial number on disk, not two.
    sqlite_with_rowid=False,
)
Index(
    "ix_serial_numbers_mfr_serial_number",
    serial_numbers.c.mfr_serial_number,
    sqlite_where=serial_numbers.c.mfr_serial_number.is_not(None),
    postgresql_where=serial_numbers.c.mfr_serial_number.is_not(None),
)

operators = Table(
    "operators",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
)

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

stations = Table(
    "stations",
    metadata,
    Column("name", Text, primary_key=True),
    Column("operator", Text, ForeignKey(operators.c.code)),
    Column("mode", Text, nullable=False, server_default=""),
    Column("range_first", Text, nullable=False, server_default=""),
    Column("range_item", Text, nullable=False, server_default=""),
    # The last entry of a batch that left no row of history: settles a commit whose outcome is unknown.
    Column("last_entry", Text),
)

sessions = Table(
    "sessions",
    metadata,
    Column("station", Text, ForeignKey(stations.c.name), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("document", Text, nullable=False),
    Column("operator", Text),
    Column("opened_at", Text, nullable=False),
    Column("ended_at", Text),
    Column("ended_why", Text),
)
Index(
    "one_open_session",
    sessions.c.station,
    unique=True,
    sqlite_where=sessions.c.ended_at.is_(None),
    postgresql_where=sessions.c.ended_at.is_(None),
)

questions = Table(
    "questions",
    metadata,
    # The key is P1: one question at a time.
    Column("station", Text, ForeignKey(stations.c.name), primary_key=True),
    Column("body", Text, nullable=False),
)

history = Table(
    "history",
    metadata,
    Column("station", Text, ForeignKey(stations.c.name), primary_key=True),
    # Numbered without gaps, so that a row that went missing is noticed.
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False, unique=True),
    Column("at", Text, nullable=False),
    Column("session", Integer),
    Column("document", Text),
    Column("action", Text, nullable=False),
    CheckConstraint(
        "action IN ('Assigned', 'Added', 'Negative', 'Skipped', 'Detached', 'Refused')", name="action"
    ),
    Column("reason", Text),
    Column("serial_number", BYTEWISE),
    Column("mfr_serial_number", BYTEWISE),
    Column("item", Text),
    Column("description", Text),
    Column("stock_area", Text),
    Column("operator", Text),
    Column("scanner", Text, nullable=False),
    Column("text", Text, nullable=False),
    CheckConstraint("(action IN ('Refused', 'Skipped')) = (reason IS NOT NULL)", name="reason"),
    sqlite_with_rowid=False,
)
Index(
    "ix_history_serial_number",
    history.c.serial_number,
    sqlite_where=history.c.serial_number.is_not(None),
    postgresql_where=history.c.serial_number.is_not(None),
)
Index("ix_history_document", history.c.document)

# What was posted with a key that makes it count once, and what became of it (I4). Kept for ever, as history
# is: a retry may come at any time.
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

# How far each prefix of generated serial numbers has been counted (M5).
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

moves = Table(
    "moves",
    metadata,
    Column("station", Text, ForeignKey(stations.c.name), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("event", Text, nullable=False),
    CheckConstraint("event IN ('Booked', 'Released')", name="event"),
    Column("serial_number", BYTEWISE, nullable=False),
    Column("item", Text, nullable=False),
    Column("from_area", Text, nullable=False),
    Column("to_area", Text, nullable=False),
    Column("operator", Text),
    sqlite_with_rowid=False,
)
Index("ix_moves_serial_number", moves.c.serial_number)
Index("ix_moves_document", moves.c.document)

attachments = Table(
    "attachments",
    metadata,
    Column("document", Text, primary_key=True),
    # No foreign key to the units: they are never deleted here, and it would lock one of millions of rows
    # at every scan. `db check` looks for strays.
    Column("serial_number", BYTEWISE, primary_key=True),
    Column("item", Text, primary_key=True),
    Column("line", Integer, nullable=False),
    Column("document_status", Text, nullable=False),
    # Deferred: whether the unit could be attached is known before its row is written.
    Column(
        "history_id",
        Text,
        ForeignKey(history.c.id, deferrable=True, initially="DEFERRED"),
        nullable=False,
        unique=True,
    ),
    ForeignKeyConstraint(
        ["document", "line", "item"],
        # No cascade: a line that another station just put a unit on must not be dropped as empty.
        [lines.c.document, lines.c.number, lines.c.item],
    ),
    ForeignKeyConstraint(
        ["document", "document_status"],
        [documents.c.number, documents.c.status],
        onupdate="CASCADE",
        ondelete="CASCADE",
    ),
    sqlite_with_rowid=False,
)
Index("ix_attachments_document_line", attachments.c.document, attachments.c.line)
Index(
    "one_open_document",
    attachments.c.serial_number,
    attachments.c.item,
    unique=True,
    sqlite_where=text("document_status = 'open'"),
    postgresql_where=text("document_status = 'open'"),
)
