from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, text

from station.errors import DatabaseError
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
