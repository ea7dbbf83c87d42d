"""The archive's tables; only archived rows of history and moves may be deleted (I5)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables and the triggers."""
    op.create_table(
        "archived_documents",
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document"],
            ["documents.number"],
            name=op.f("fk_archived_documents_document"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("document", name=op.f("pk_archived_documents")),
    )
    op.create_table(
        "archived_lines",
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.CheckConstraint("units > 0", name=op.f("ck_archived_lines_units")),
        sa.ForeignKeyConstraint(
            ["document"],
            ["archived_documents.document"],
            name=op.f("fk_archived_lines_document"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("document", "line", name=op.f("pk_archived_lines")),
    )
    op.create_table(
        "archived_rows",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("station", sa.Text(), nullable=False),
        sa.Column("first", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('history', 'moves')", name=op.f("ck_archived_rows_kind")),
        sa.CheckConstraint("first <= last", name=op.f("ck_archived_rows_run")),
        sa.ForeignKeyConstraint(["station"], ["stations.name"], name=op.f("fk_archived_rows_station")),
        sa.PrimaryKeyConstraint("kind", "station", "first", name=op.f("pk_archived_rows")),
    )
    op.create_index("ix_sessions_document", "sessions", ["document"], unique=False)
    for table in ("history", "moves"):
        _keep(table)


def _keep(table: str) -> None:
    """Protect a table: rows are never changed, and deleted only if the archive has them."""
    message = f"{table} is only ever added to"
    is_archived = (
        f"EXISTS (SELECT 1 FROM archived_rows WHERE kind = '{table}' "  # noqa: S608 - names of ours
        "AND station = OLD.station AND first <= OLD.number AND last >= OLD.number)"
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"DROP TRIGGER {table}_no_delete")
        op.execute(
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} WHEN NOT {is_archived} "
            f"BEGIN SELECT RAISE(ABORT, '{message}'); END",
        )
        return
    op.execute(f"DROP TRIGGER {table}_keep ON {table}")
    op.execute(
        f"CREATE TRIGGER {table}_keep BEFORE UPDATE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_keep()",
    )
    op.execute(
        f"CREATE FUNCTION {table}_keep_rows() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN IF NOT {is_archived} THEN RAISE EXCEPTION '{message}'; END IF; RETURN OLD; END $$",
    )
    op.execute(
        f"CREATE TRIGGER {table}_keep_rows BEFORE DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_keep_rows()",
    )
