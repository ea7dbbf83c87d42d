from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, text

from station.errors import DatabaseError
from station.repository.checking import findings
from station.repository.database import open_engine, reading, transaction
from station.repository.migrations import head, migrate
from station.repository.schema import NEWEST, current, require_newest, upgrade
from station.repository.tables import metadata
from tests.stations import assert_all_is_well, attached, fill, station

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine

    from tests import postgres


def test_the_migrations_create_exactly_the_tables_that_the_code_describes(
    sqlite_url: str,
    tmp_path: Path,
) -> None:
    migrated = open_engine(sqlite_url)
    upgrade(migrated)
    described = create_engine(f"sqlite:///{tmp_path / 'described.db'}")
    metadata.create_all(described)
    assert _statements(migrated) == _statements(described)


def _statements(engine: Engine) -> dict[str, list[str]]:
    """Map each table and index to the unordered clauses of its definition."""
    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql IS NOT NULL"),
        ).all()
    engine.dispose()
    return {name: sorted(_clauses(sql)) for name, sql in rows if name != "alembic_version"}


def _clauses(sql: str) -> Iterator[str]:
    """Yield what is between the commas of the outer parentheses."""
    inside, _, after = sql.partition("(")[2].rpartition(")")
    clause, depth = "", 0
    for character in " ".join(inside.split()):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and depth == 0:
            yield clause.strip()
            clause = ""
        else:
            clause += character
    yield clause.strip()
    yield after.strip()


def test_the_program_writes_the_version_of_the_newest_migration(engine: Engine) -> None:
    assert head() == NEWEST
    with reading(engine) as connection:
        assert current(connection) == NEWEST


def test_a_database_of_the_first_version_is_upgraded_with_its_contents(
    tmp_path: Path, postgres_cluster: postgres.Cluster
) -> None:
    server = create_engine(postgres_cluster.url("postgres"), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text("CREATE DATABASE first_version"))
    server.dispose()
    for url in (f"sqlite:///{tmp_path / 'first.db'}", postgres_cluster.url("first_version")):
        engine = open_engine(url)
        with transaction(engine) as connection:
            migrate(connection, "0001")
        fill(engine)
        with pytest.raises(DatabaseError, match="older version; run scanstation db upgrade"):
            require_newest(engine)
        assert upgrade(engine) is True
        with station(engine, auto_answer=True) as here:
            here.command("open CM-1")
            here.scan("A0001")
            here.scan("$$GENERATE A")
        assert attached(engine) == [("CM-1", "A0001"), ("CM-1", "MAIN-000001")]
        assert_all_is_well(engine)
        engine.dispose()


_BEFORE_RECEIPTS = """
INSERT INTO locations (code, name, is_default) VALUES ('MAIN', 'Main', true);
INSERT INTO stock_areas (code, name, type, location) VALUES ('BACK', 'Back', 'stock', 'MAIN');
INSERT INTO stock_areas (code, name, type, location) VALUES ('SOLD', 'Sold', 'out', 'MAIN');
INSERT INTO items (code, tracking) VALUES ('A', 'serialized');
INSERT INTO serial_numbers (serial_number, item, stock_area) VALUES ('A1', 'A', 'BACK');
INSERT INTO serial_numbers (serial_number, item, stock_area) VALUES ('A2', 'A', 'SOLD');
INSERT INTO documents (number, kind, location, status) VALUES ('CM-1', 'credit_memo', 'MAIN', 'saved');
INSERT INTO documents (number, kind, location, status) VALUES ('CM-2', 'credit_memo', 'MAIN', 'open');
INSERT INTO lines (document, number, item, requested, negative, added)
    VALUES ('CM-1', 1, 'A', 1, false, false);
INSERT INTO lines (document, number, item, requested, negative, added)
    VALUES ('CM-2', 1, 'A', 1, false, false);
INSERT INTO stations (name) VALUES ('dock-1');
INSERT INTO stations (name) VALUES ('import');
INSERT INTO sessions (station, number, document, operator, opened_at, ended_at, ended_why)
    VALUES ('dock-1', 1, 'CM-1', NULL, '2026-11-01T05:00:00.000Z', '2026-11-01T06:00:00.000Z', 'closed');
INSERT INTO sessions (station, number, document, operator, opened_at, ended_at, ended_why)
    VALUES ('dock-1', 2, 'CM-1', 'E1', '2026-11-02T05:00:00.000Z', '2026-11-02T06:00:00.000Z', 'saved');
INSERT INTO history (station, number, id, at, session, document, action, serial_number, item, scanner, text)
    VALUES ('dock-1', 1, 'h1', '2026-11-02T05:30:00.000Z', 2, 'CM-1', 'Assigned', 'A1', 'A', 'left', 'A1');
INSERT INTO history (station, number, id, at, session, document, action, serial_number, item, scanner, text)
    VALUES ('dock-1', 2, 'h2', '2026-11-03T05:30:00.000Z', 3, 'CM-2', 'Assigned', 'A2', 'A', 'left', 'A2');
INSERT INTO attachments (document, serial_number, item, line, document_status, history_id)
    VALUES ('CM-1', 'A1', 'A', 1, 'saved', 'h1');
INSERT INTO attachments (document, serial_number, item, line, document_status, history_id)
    VALUES ('CM-2', 'A2', 'A', 1, 'open', 'h2');
INSERT INTO moves (station, number, at, document, event, serial_number, item, from_area, to_area)
    VALUES ('dock-1', 1, '2026-11-02T06:00:00.000Z', 'CM-1', 'Booked', 'A1', 'A', 'SOLD', 'BACK');
INSERT INTO moves (station, number, at, document, event, serial_number, item, from_area, to_area)
    VALUES ('import', 1, '2026-11-02T07:00:00.000Z', 'CM-9', 'Released', 'A2', 'A', 'SOLD', 'SOLD');
INSERT INTO publishers (station, name, sent_row, sent_session) VALUES ('dock-1', 'erp', 1, 1)
"""
"""What version 0005 may hold: a saved and an open document."""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.full)])
def before_receipts(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database of version 0005 with contents."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'before.db'}"
    else:
        cluster: postgres.Cluster = request.getfixturevalue("postgres_cluster")
        server = create_engine(cluster.url("postgres"), isolation_level="AUTOCOMMIT")
        with server.connect() as connection:
            connection.execute(text("DROP DATABASE IF EXISTS before_receipts"))
            connection.execute(text("CREATE DATABASE before_receipts"))
        server.dispose()
        url = cluster.url("before_receipts")
    engine = open_engine(url)
    with transaction(engine) as connection:
        migrate(connection, "0005")
        for statement in _BEFORE_RECEIPTS.split(";\n"):
            connection.execute(text(statement))
    yield engine
    engine.dispose()


def test_a_save_of_before_receipts_becomes_the_first_receipt(before_receipts: Engine) -> None:
    assert upgrade(before_receipts) is True
    with reading(before_receipts) as connection:

        def rows(statement: str) -> list[tuple[object, ...]]:
            return [tuple(row) for row in connection.execute(text(statement))]

        assert rows("SELECT document, number, station, session, operator FROM receipts WHERE final") == [
            ("CM-1", 1, "dock-1", 2, "E1")
        ]
        assert rows("SELECT document, receipt FROM attachments ORDER BY document") == [
            ("CM-1", 1),
            ("CM-2", None),
        ]
        assert rows("SELECT number, receipt FROM sessions ORDER BY number") == [(1, None), (2, 1)]
        assert rows("SELECT quantity, note FROM history") == [(1, None), (1, None)]
    assert list(findings(before_receipts)) == []


def test_a_receiver_of_before_moves_were_sent_is_not_sent_old_ones(before_receipts: Engine) -> None:
    upgrade(before_receipts)
    with reading(before_receipts) as connection:
        sent = connection.execute(text("SELECT sent_move, sent_office_move FROM publishers")).one()
    assert tuple(sent) == (1, 1)


def test_a_table_that_refers_to_another_keeps_its_rows_in_an_upgrade(before_receipts: Engine) -> None:
    upgrade(before_receipts)
    with transaction(before_receipts) as connection:
        connection.execute(text("UPDATE documents SET status = 'backorder' WHERE number = 'CM-2'"))
        status = connection.execute(text("SELECT document_status FROM attachments WHERE document = 'CM-2'"))
        assert status.scalar_one() == "backorder"
        connection.execute(
            text(
                "INSERT INTO moves (station, number, at, event, serial_number, item, from_area, to_area) "
                "VALUES ('import', 2, '2026', 'Imported', 'A1', 'A', 'BACK', 'SOLD')"
            )
        )


def test_an_upgrade_of_the_newest_schema_does_nothing(engine: Engine) -> None:
    assert upgrade(engine) is False


def test_an_empty_database_is_distinguished_from_a_usable_one(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    with pytest.raises(DatabaseError, match="run scanstation db upgrade"):
        require_newest(engine)
    upgrade(engine)
    require_newest(engine)


def test_a_database_of_a_newer_version_is_refused(engine: Engine) -> None:
    with transaction(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseError, match=f'newer scanstation .schema "9999".*"{NEWEST}"'):
        upgrade(engine)


@pytest.mark.parametrize("statement", ["UPDATE history SET text = 'x'", "DELETE FROM history"])
def test_history_can_neither_be_changed_nor_deleted(engine: Engine, statement: str) -> None:
    with transaction(engine) as connection:
        connection.execute(text("INSERT INTO stations (name) VALUES ('s')"))
        connection.execute(
            text(
                "INSERT INTO history (station, number, id, at, action, scanner, text)"
                " VALUES ('s', 1, 'a', '2026', 'Added', 'left', 'SN')",
            ),
        )
    with pytest.raises(DatabaseError, match="only ever added to"), transaction(engine) as connection:
        connection.execute(text(statement))
    with reading(engine) as connection:
        assert connection.execute(text("SELECT text FROM history")).scalars().all() == ["SN"]
