"""Whose a unit is and until when it may come back, receipts, counts, reasons, and the office's changes."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BYTEWISE = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
HELD = "document_status IN ('open', 'backorder') AND receipt IS NULL"


def upgrade() -> None:
    """Create and extend the tables; earlier Saves become receipts."""
    _create_tables()
    _add_columns()
    _change_constraints()
    _fill()


def _create_tables() -> None:
    for name, *more in (
        ("reasons",),
        ("conditions", sa.Column("stock_area", sa.Text(), server_default="", nullable=False)),
    ):
        op.create_table(
            name,
            sa.Column("code", sa.Text(), nullable=False),
            sa.Column("text", sa.Text(), nullable=False),
            *more,
            sa.PrimaryKeyConstraint("code", name=op.f(f"pk_{name}")),
        )
    op.create_table(
        "expected_units",
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("serial_number", BYTEWISE, nullable=False),
        sa.ForeignKeyConstraint(
            ["document"], ["documents.number"], name=op.f("fk_expected_units_document"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["item"], ["items.code"], name=op.f("fk_expected_units_item")),
        sa.PrimaryKeyConstraint("document", "item", "serial_number", name=op.f("pk_expected_units")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_expected_units_serial_number", "expected_units", ["serial_number"], unique=False)
    op.create_table(
        "receipts",
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("station", sa.Text(), nullable=False),
        sa.Column("session", sa.Integer(), nullable=True),
        sa.Column("operator", sa.Text(), nullable=True),
        sa.Column("final", sa.Boolean(), nullable=False),
        sa.Column("reopened_at", sa.Text(), nullable=True),
        sa.CheckConstraint("number > 0", name=op.f("ck_receipts_number")),
        sa.ForeignKeyConstraint(
            ["document"], ["documents.number"], name=op.f("fk_receipts_document"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("document", "number", name=op.f("pk_receipts")),
    )
    op.create_table(
        "counts",
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("history_id", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("stated", sa.Boolean(), nullable=False),
        sa.Column("receipt", sa.Integer(), nullable=True),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("condition", sa.Text(), nullable=True),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_counts_quantity")),
        sa.ForeignKeyConstraint(
            ["document", "line", "item"],
            ["lines.document", "lines.number", "lines.item"],
            name=op.f("fk_counts_document_line_item"),
        ),
        sa.ForeignKeyConstraint(
            ["history_id"],
            ["history.id"],
            name=op.f("fk_counts_history_id"),
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_counts")),
    )
    op.create_index("ix_documents_customer", "documents", ["customer"], unique=False)
    op.create_index("ix_counts_document_line", "counts", ["document", "line"], unique=False)
    op.create_table(
        "signing_key",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("made_at", sa.Text(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_signing_key_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_key")),
    )


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=True)


def _text_or_empty(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def _integer(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=True)


def _zero(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), server_default="0", nullable=False)


def _one(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), server_default="1", nullable=False)


def _no(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False)


def _add_columns() -> None:
    added: dict[str, tuple[sa.Column[Any], ...]] = {
        "documents": (_text_or_empty("reference"), _no("unannounced")),
        "lines": (_text_or_empty("reference"), _zero("raised")),
        "attachments": (
            _integer("receipt"),
            _text("reason_code"),
            _text("condition"),
            _text("range_id"),
        ),
        "serial_numbers": (_text_or_empty("customer"), _text("returnable_until"), _no("retired")),
        "stations": (
            _text("operator_at"),
            _integer("next_quantity"),
            _text("next_reason"),
            _text("next_condition"),
        ),
        "sessions": (_integer("receipt"),),
        "publishers": (_zero("sent_move"), _zero("sent_office_move")),
        "moves": (
            _integer("session"),
            _integer("receipt"),
            _text("from_item"),
            _text("note"),
            _text("reason_code"),
            _text("condition"),
            _one("quantity"),
        ),
        "history": (
            sa.Column("quantity", sa.Integer(), server_default="1", nullable=False),
            _text("note"),
            _text("reason_code"),
            _text("condition"),
            _integer("receipt"),
        ),
    }
    for table, columns in added.items():
        for column in columns:
            op.add_column(table, column)


def _change_constraints() -> None:
    op.drop_index("one_open_document", "attachments")
    op.create_index(
        "one_open_document",
        "attachments",
        ["serial_number", "item"],
        unique=True,
        sqlite_where=sa.text(HELD),
        postgresql_where=sa.text(HELD),
    )
    checks = {
        ("documents", "status"): (
            "status IN ('open', 'saved', 'cancelled')",
            "status IN ('open', 'backorder', 'saved', 'cancelled')",
        ),
        ("moves", "event"): (
            "event IN ('Booked', 'Released')",
            "event IN ('Booked', 'Released', 'Imported', 'Reopened', 'Retired')",
        ),
        ("history", "action"): (
            "action IN ('Assigned', 'Added', 'Negative', 'Skipped', 'Detached', 'Refused')",
            "action IN ('Assigned', 'Added', 'Negative', 'Skipped', 'Counted', 'Detached', 'Refused')",
        ),
    }
    if op.get_bind().dialect.name == "sqlite":
        changes = [(table, before, after) for (table, _), (before, after) in checks.items()]
        changes += [
            ("moves", "document TEXT NOT NULL", "document TEXT"),
            (
                "generated_numbers",
                "REFERENCES serial_numbers (serial_number, item)",
                "REFERENCES serial_numbers (serial_number, item) ON UPDATE CASCADE",
            ),
        ]
        _change_definitions(changes)
        return
    for (table, name), (_, after) in checks.items():
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, after)
    op.alter_column("moves", "document", nullable=True)
    name = op.f("fk_generated_numbers_serial_number_item")
    op.drop_constraint(name, "generated_numbers")
    op.create_foreign_key(
        name,
        "generated_numbers",
        "serial_numbers",
        ["serial_number", "item"],
        ["serial_number", "item"],
        onupdate="CASCADE",
    )


def _change_definitions(changes: list[tuple[str, str, str]]) -> None:
    """Change constraints of SQLite tables in place, which it has no statement for.

    Copying a table instead would delete it, and with it the rows that refer to it. The way is SQLite's own:
    https://www.sqlite.org/lang_altertable.html, for changes that don't affect what is stored.
    """
    version = op.get_bind().exec_driver_sql("PRAGMA schema_version").scalar_one()
    op.execute("PRAGMA writable_schema = ON")
    for table, before, after in changes:
        its_row = sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name")
        sql: str = op.get_bind().execute(its_row, {"name": table}).scalar_one()
        if sql.count(before) != 1:
            raise RuntimeError(f"table {table} is not as expected: {before}")
        change = sa.text("UPDATE sqlite_master SET sql = :sql WHERE type = 'table' AND name = :name")
        op.get_bind().execute(change, {"sql": sql.replace(before, after), "name": table})
    op.execute(f"PRAGMA schema_version = {version + 1}")
    op.execute("PRAGMA writable_schema = OFF")


def _fill() -> None:
    """Earlier Saves become the first receipt of their document; receivers go on after earlier moves."""
    op.execute(
        "INSERT INTO receipts (document, number, at, station, session, operator, final) "
        "SELECT sessions.document, 1, sessions.ended_at, sessions.station, sessions.number, "
        "sessions.operator, documents.status = 'saved' FROM sessions "
        "JOIN documents ON documents.number = sessions.document AND documents.status = 'saved' "
        "WHERE sessions.ended_why = 'saved' AND NOT EXISTS (SELECT 1 FROM sessions AS later "
        "WHERE later.document = sessions.document AND later.ended_why = 'saved' "
        "AND (later.ended_at, later.station, later.number) "
        "> (sessions.ended_at, sessions.station, sessions.number))"
    )
    op.execute(
        "UPDATE attachments SET receipt = 1 WHERE EXISTS "
        "(SELECT 1 FROM receipts WHERE receipts.document = attachments.document)"
    )
    op.execute(
        "UPDATE sessions SET receipt = 1 WHERE EXISTS (SELECT 1 FROM receipts WHERE "
        "receipts.document = sessions.document AND receipts.station = sessions.station "
        "AND receipts.session = sessions.number)"
    )
    newest = "SELECT COALESCE(MAX(number), 0) FROM moves WHERE moves.station = "
    op.execute(
        f"UPDATE publishers SET sent_move = ({newest} publishers.station), "  # noqa: S608 - names of ours
        f"sent_office_move = ({newest} 'import')"
    )
