"""Generated serial numbers (M5): each prefix's last number, and the numbers assigned."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BYTEWISE = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "number_series",
        sa.Column("prefix", BYTEWISE, nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("last >= 0", name=op.f("ck_number_series_last")),
        sa.PrimaryKeyConstraint("prefix", name=op.f("pk_number_series")),
    )
    op.create_table(
        "generated_numbers",
        sa.Column("prefix", BYTEWISE, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("serial_number", BYTEWISE, nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("history_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["prefix"], ["number_series.prefix"], name=op.f("fk_generated_numbers_prefix")
        ),
        sa.ForeignKeyConstraint(
            ["serial_number", "item"],
            ["serial_numbers.serial_number", "serial_numbers.item"],
            name=op.f("fk_generated_numbers_serial_number_item"),
        ),
        sa.ForeignKeyConstraint(
            ["history_id"],
            ["history.id"],
            name=op.f("fk_generated_numbers_history_id"),
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.PrimaryKeyConstraint("prefix", "number", name=op.f("pk_generated_numbers")),
        sa.UniqueConstraint("serial_number", "item", name=op.f("uq_generated_numbers_serial_number_item")),
        sa.UniqueConstraint("history_id", name=op.f("uq_generated_numbers_history_id")),
    )
