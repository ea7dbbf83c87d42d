"""Documents, units, sessions, history, and the triggers that keep history (I5)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BYTEWISE = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the tables and the triggers."""
    op.create_table(
        "items",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("gtin", sa.Text(), nullable=True),
        sa.Column("tracking", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "tracking IN ('serialized', 'auto_serialized', 'none')", name=op.f("ck_items_tracking")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_items")),
        sa.UniqueConstraint("gtin", name=op.f("uq_items_gtin")),
    )
    op.create_table(
        "locations",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("returned_area", sa.Text(), server_default="", nullable=False),
        sa.Column("sold_area", sa.Text(), server_default="", nullable=False),
        sa.Column("credit_order_area", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_locations")),
    )
    op.create_index(
        "one_default_location",
        "locations",
        ["is_default"],
        unique=True,
        sqlite_where=sa.text("is_default"),
        postgresql_where=sa.text("is_default"),
    )
    op.create_table(
        "operators",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_operators")),
    )
    op.create_table(
        "documents",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("customer", sa.Text(), server_default="", nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('credit_order', 'credit_memo')", name=op.f("ck_documents_kind")),
        sa.CheckConstraint("status IN ('open', 'saved', 'cancelled')", name=op.f("ck_documents_status")),
        sa.ForeignKeyConstraint(["location"], ["locations.code"], name=op.f("fk_documents_location")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_documents")),
        sa.UniqueConstraint("number", "status", name=op.f("uq_documents_number_status")),
    )
    op.create_table(
        "stations",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=True),
        sa.Column("mode", sa.Text(), server_default="", nullable=False),
        sa.Column("range_first", sa.Text(), server_default="", nullable=False),
        sa.Column("range_item", sa.Text(), server_default="", nullable=False),
        sa.Column("last_entry", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["operator"], ["operators.code"], name=op.f("fk_stations_operator")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_stations")),
    )
    op.create_table(
        "stock_areas",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.CheckConstraint("type IN ('stock', 'out')", name=op.f("ck_stock_areas_type")),
        sa.ForeignKeyConstraint(["location"], ["locations.code"], name=op.f("fk_stock_areas_location")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_stock_areas")),
    )
    op.create_table(
        "history",
        sa.Column("station", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("session", sa.Integer(), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("serial_number", BYTEWISE, nullable=True),
        sa.Column("mfr_serial_number", BYTEWISE, nullable=True),
        sa.Column("item", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("stock_area", sa.Text(), nullable=True),
        sa.Column("operator", sa.Text(), nullable=True),
        sa.Column("scanner", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(action IN ('Refused', 'Skipped')) = (reason IS NOT NULL)", name=op.f("ck_history_reason")
        ),
        sa.CheckConstraint(
            "action IN ('Assigned', 'Added', 'Negative', 'Skipped', 'Detached', 'Refused')",
            name=op.f("ck_history_action"),
        ),
        sa.ForeignKeyConstraint(["station"], ["stations.name"], name=op.f("fk_history_station")),
        sa.PrimaryKeyConstraint("station", "number", name=op.f("pk_history")),
        sa.UniqueConstraint("id", name=op.f("uq_history_id")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_history_document", "history", ["document"], unique=False)
    op.create_index(
        "ix_history_serial_number",
        "history",
        ["serial_number"],
        unique=False,
        sqlite_where=sa.text("serial_number IS NOT NULL"),
        postgresql_where=sa.text("serial_number IS NOT NULL"),
    )
    op.create_table(
        "lines",
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("requested", sa.Integer(), nullable=False),
        sa.Column("negative", sa.Boolean(), nullable=False),
        sa.Column("added", sa.Boolean(), nullable=False),
        sa.CheckConstraint("requested >= 0", name=op.f("ck_lines_requested")),
        sa.ForeignKeyConstraint(
            ["document"], ["documents.number"], name=op.f("fk_lines_document"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["item"], ["items.code"], name=op.f("fk_lines_item")),
        sa.PrimaryKeyConstraint("document", "number", name=op.f("pk_lines")),
        sa.UniqueConstraint("document", "number", "item", name=op.f("uq_lines_document_number_item")),
    )
    op.create_index(
        "one_negative_line",
        "lines",
        ["document", "item"],
        unique=True,
        sqlite_where=sa.text("negative"),
        postgresql_where=sa.text("negative"),
    )
    op.create_index(
        "one_added_line",
        "lines",
        ["document", "item"],
        unique=True,
        sqlite_where=sa.text("added AND NOT negative"),
        postgresql_where=sa.text("added AND NOT negative"),
    )
    op.create_table(
        "moves",
        sa.Column("station", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("serial_number", BYTEWISE, nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("from_area", sa.Text(), nullable=False),
        sa.Column("to_area", sa.Text(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=True),
        sa.CheckConstraint("event IN ('Booked', 'Released')", name=op.f("ck_moves_event")),
        sa.ForeignKeyConstraint(["station"], ["stations.name"], name=op.f("fk_moves_station")),
        sa.PrimaryKeyConstraint("station", "number", name=op.f("pk_moves")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_moves_document", "moves", ["document"], unique=False)
    op.create_index("ix_moves_serial_number", "moves", ["serial_number"], unique=False)
    op.create_table(
        "questions",
        sa.Column("station", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["station"], ["stations.name"], name=op.f("fk_questions_station")),
        sa.PrimaryKeyConstraint("station", name=op.f("pk_questions")),
    )
    op.create_table(
        "serial_numbers",
        sa.Column("serial_number", BYTEWISE, nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("stock_area", sa.Text(), nullable=False),
        sa.Column("mfr_serial_number", BYTEWISE, nullable=True),
        sa.ForeignKeyConstraint(["item"], ["items.code"], name=op.f("fk_serial_numbers_item")),
        sa.ForeignKeyConstraint(
            ["stock_area"], ["stock_areas.code"], name=op.f("fk_serial_numbers_stock_area")
        ),
        sa.PrimaryKeyConstraint("serial_number", "item", name=op.f("pk_serial_numbers")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_serial_numbers_mfr_serial_number",
        "serial_numbers",
        ["mfr_serial_number"],
        unique=False,
        sqlite_where=sa.text("mfr_serial_number IS NOT NULL"),
        postgresql_where=sa.text("mfr_serial_number IS NOT NULL"),
    )
    op.create_table(
        "sessions",
        sa.Column("station", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=True),
        sa.Column("opened_at", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.Text(), nullable=True),
        sa.Column("ended_why", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["station"], ["stations.name"], name=op.f("fk_sessions_station")),
        sa.PrimaryKeyConstraint("station", "number", name=op.f("pk_sessions")),
    )
    op.create_index(
        "one_open_session",
        "sessions",
        ["station"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "attachments",
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("serial_number", BYTEWISE, nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("document_status", sa.Text(), nullable=False),
        sa.Column("history_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document", "document_status"],
            ["documents.number", "documents.status"],
            name=op.f("fk_attachments_document_document_status"),
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["document", "line", "item"],
            ["lines.document", "lines.number", "lines.item"],
            name=op.f("fk_attachments_document_line_item"),
        ),
        sa.ForeignKeyConstraint(
            ["history_id"],
            ["history.id"],
            name=op.f("fk_attachments_history_id"),
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.PrimaryKeyConstraint("document", "serial_number", "item", name=op.f("pk_attachments")),
        sa.UniqueConstraint("history_id", name=op.f("uq_attachments_history_id")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_attachments_document_line", "attachments", ["document", "line"], unique=False)
    op.create_index(
        "one_open_document",
        "attachments",
        ["serial_number", "item"],
        unique=True,
        sqlite_where=sa.text("document_status = 'open'"),
        postgresql_where=sa.text("document_status = 'open'"),
    )
    for table in ("history", "moves"):
        _keep(table)


def _keep(table: str) -> None:
    """Protect a table: rows are only ever added (I5)."""
    message = f"{table} is only ever added to"
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END",
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_keep() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{message}'; END $$",
    )
    op.execute(
        f"CREATE TRIGGER {table}_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_keep()",
    )
