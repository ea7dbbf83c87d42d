"""Each publisher's position."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "publishers",
        sa.Column("station", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sent_row", sa.Integer(), nullable=False),
        sa.Column("sent_session", sa.Integer(), nullable=False),
        sa.CheckConstraint("sent_row >= 0 AND sent_session >= 0", name=op.f("ck_publishers_sent")),
        sa.ForeignKeyConstraint(["station"], ["stations.name"], name=op.f("fk_publishers_station")),
        sa.PrimaryKeyConstraint("station", "name", name=op.f("pk_publishers")),
    )
