"""Opening a database: valid URLs, settings, and error messages."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from station.errors import ConfigError, DatabaseBusyError, DatabaseError
from station.repository import database
from station.repository.database import describe, open_engine, reading, transaction
from station.repository.schema import require_newest, upgrade
from tests.stations import fill, query

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from tests import postgres


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "is not a database URL"),
        ("scanstation.db", "is not a database URL"),
        ("nothing://host/db", "must begin with sqlite:/// or postgresql"),
        ("mysql://host/db", "must begin with sqlite:/// or postgresql"),
        ("postgresql://host/db", "must begin with sqlite:/// or postgresql"),
        ("postgresql+psycopg://host:port/db", "is not a database URL"),
        ("sqlite://", "needs a file"),
        ("sqlite:///:memory:", "needs a file"),
    ],
)
def test_an_invalid_url_is_reported_with_its_key(url: str, says: str) -> None:
    with pytest.raises(ConfigError, match=r"database\.url = ") as failure:
        open_engine(url)
    assert says in str(failure.value)


@pytest.mark.parametrize(
    "url",
    [
        "mysql://dock:Geheim7@host/db",
        "dock:Geheim7@host/db",
        "://dock:Geheim7@host/db",
        "postgresql+psycopg://dock:Geheim7@host:port/db",
        "nothing://dock:Geheim7@host/db",
        "mysql://host/db?user=dock&password=Geheim7",
    ],
)
def test_an_invalid_url_is_reported_without_its_password(url: str) -> None:
    with pytest.raises(ConfigError) as failure:
        open_engine(url)
    assert "Geheim7" not in str(failure.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://dock:Geheim7@/db?host=/nowhere",
        "postgresql+psycopg://dock@/db?host=/nowhere&password=Geheim7",
    ],
)
def test_an_unreachable_server_is_reported_without_the_password(url: str) -> None:
    engine = open_engine(url)
    with pytest.raises(DatabaseBusyError, match="is temporarily unavailable") as failure, reading(engine):
        pass
    engine.dispose()
    assert "Geheim7" not in str(failure.value)
    assert "/db" in str(failure.value)


@pytest.mark.parametrize("name", ["user", "database"])
def test_an_unknown_user_or_database_of_the_server_is_reported_as_such(
    postgres_cluster: postgres.Cluster, name: str
) -> None:
    url = postgres_cluster.url("nowhere" if name == "database" else "postgres")
    if name == "user":
        url = url.replace("postgres@", "nobody@")
    engine = open_engine(url)
    with pytest.raises(DatabaseError) as failure:
        upgrade(engine)
    engine.dispose()
    assert "db upgrade" not in str(failure.value), "it would say the same again"
    assert ("nowhere" if name == "database" else "nobody") in str(failure.value)


def test_what_a_server_will_refuse_again_is_not_called_busy(postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    with pytest.raises(DatabaseError, match="division by zero") as failure:
        query(engine, "SELECT 1 / 0")
    assert not isinstance(failure.value, DatabaseBusyError)
    away = engine.dialect.loaded_dbapi.OperationalError("failed to resolve host 'books'")
    assert isinstance(describe(away, engine), DatabaseBusyError)
    engine.dispose()


def test_sqlite_is_durable_and_enforces_foreign_keys(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    upgrade(engine)
    for _ in range(2):
        assert _pragmas(engine) == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
        # For each new connection.
        engine.dispose()


def _pragmas(engine: Engine) -> dict[str, object]:
    with engine.connect() as connection:
        return {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }


def test_a_read_only_engine_writes_nothing(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    upgrade(engine)
    reader = open_engine(sqlite_url, read_only=True)
    with pytest.raises(DatabaseError, match="can't be written"), transaction(reader) as connection:
        connection.execute(text("INSERT INTO stations (name) VALUES ('x')"))
    require_newest(reader)
    for each in (engine, reader):
        each.dispose()


def test_a_reader_does_not_block_a_writer_and_sees_one_state(engine: Engine) -> None:
    fill(engine)
    with engine.connect() as connection:
        if database.is_sqlite(engine):
            connection.exec_driver_sql("BEGIN")
        count = text("SELECT count(*) FROM stations")
        assert connection.execute(count).scalar_one() == 0
        with transaction(engine) as writer:
            writer.execute(text("INSERT INTO stations (name) VALUES ('x')"))
        if database.is_sqlite(engine):
            assert connection.execute(count).scalar_one() == 0
        connection.rollback()
    assert query(engine, "SELECT name FROM stations") == [("x",)]


def test_a_database_that_another_process_is_writing_is_busy(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_S", 0.1)
    engine = open_engine(sqlite_url)
    upgrade(engine)
    with closing(sqlite3.connect(str(engine.url.database), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with (
            pytest.raises(DatabaseBusyError, match="is temporarily unavailable: database is locked"),
            transaction(engine),
        ):
            pass
        other.execute("ROLLBACK")
    with transaction(engine):
        pass
    engine.dispose()


def test_a_failed_transaction_leaves_nothing(engine: Engine) -> None:
    with pytest.raises(ZeroDivisionError):
        _write_and_fail(engine)
    assert query(engine, "SELECT name FROM stations") == []


def _write_and_fail(engine: Engine) -> None:
    with transaction(engine) as connection:
        connection.execute(text("INSERT INTO stations (name) VALUES ('x')"))
        raise ZeroDivisionError


def test_a_file_that_is_not_a_database_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "letter.db"
    path.write_text("Dear Sir or Madam, " * 100)
    engine = open_engine(f"sqlite:///{path}")
    with pytest.raises(DatabaseError, match=r"letter\.db: is not a SQLite database"):
        upgrade(engine)
    engine.dispose()


def test_a_damaged_database_is_reported(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    upgrade(engine)
    fill(engine, 2000)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    with open(str(engine.url.database), "r+b") as file:  # noqa: PTH123 - a path out of a URL
        file.seek(4096)
        file.write(b"\xff" * (Path(file.name).stat().st_size - 4096))
    with pytest.raises(DatabaseError, match="is damaged; restore a backup"):
        query(engine, "SELECT count(*) FROM serial_numbers")
    engine.dispose()


def test_a_directory_that_cannot_be_created_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DatabaseError, match="can't create the database's directory"):
        open_engine(f"sqlite:///{tmp_path / 'file' / 'state' / 'scanstation.db'}")


def test_a_database_without_tables_is_reported(engine: Engine) -> None:
    with pytest.raises(DatabaseError, match="has no scanstation tables; run scanstation db upgrade"):
        query(engine, "SELECT * FROM nothing_of_ours")
