"""Backups by date, and the backup before each schema upgrade."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from station.errors import DatabaseError, StationError
from station.ops.lock import StationLock
from station.repository import backup
from station.repository.backup import back_up_by_date
from station.repository.database import open_engine, transaction
from station.repository.migrations import migrate
from station.repository.schema import upgrade
from tests.stations import fill, query

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine

IS_ROOT = os.geteuid() == 0
STATIONER = 12_345
"""A user id that nobody has."""


@pytest.fixture
def company(sqlite_url: str) -> Iterator[Engine]:
    engine = open_engine(sqlite_url)
    upgrade(engine)
    fill(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def days(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A clock that advances by a day at each reading."""
    start = datetime(2026, 11, 23, 5, tzinfo=UTC)
    dates = (start + timedelta(days=day) for day in range(100))
    monkeypatch.setattr(backup, "now", lambda: next(dates))
    return iter(())


@pytest.mark.usefixtures("days")
def test_only_the_newest_backups_by_date_stay_and_other_files_are_left_alone(
    company: Engine, tmp_path: Path
) -> None:
    directory = tmp_path / "backups"
    directory.mkdir()
    (directory / "scanstation-2025.db").write_text("made by hand")

    made = [back_up_by_date(company, directory, keep=3) for _day in range(5)]

    assert sorted(path.name for path in directory.iterdir()) == [
        "scanstation-2025.db",
        "scanstation-20261125T050000Z.db",
        "scanstation-20261126T050000Z.db",
        "scanstation-20261127T050000Z.db",
    ]
    assert made[-1].name == "scanstation-20261127T050000Z.db"
    copy = open_engine(f"sqlite:///{made[-1]}")
    assert query(copy, "SELECT count(*) FROM items") == query(company, "SELECT count(*) FROM items")
    copy.dispose()


@pytest.mark.usefixtures("days")
def test_a_failed_backup_removes_no_older_one(company: Engine, tmp_path: Path, sqlite_url: str) -> None:
    back_up_by_date(company, tmp_path / "backups", keep=1)
    company.dispose()
    (tmp_path / "scanstation.db").write_bytes(b"no database at all, but as long as one may be" * 100)

    with pytest.raises(DatabaseError):
        back_up_by_date(open_engine(sqlite_url), tmp_path / "backups", keep=1)

    assert len(list((tmp_path / "backups").iterdir())) == 1


def test_an_unwritable_directory_is_named(company: Engine, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StationError, match="file/backups: can't create the backup directory"):
        back_up_by_date(company, tmp_path / "file/backups", keep=1)


@pytest.fixture
def older(sqlite_url: str) -> Iterator[Engine]:
    """A database of the first version's schema, with a location in it."""
    engine = open_engine(sqlite_url)
    with transaction(engine) as connection:
        migrate(connection, "0001")
        connection.exec_driver_sql("INSERT INTO stations (name) VALUES ('dock-7')")
    yield engine
    engine.dispose()


def test_an_upgrade_first_makes_a_backup_that_the_old_program_can_use(older: Engine, tmp_path: Path) -> None:
    assert upgrade(older) is True

    (copy,) = (tmp_path / "backups").iterdir()
    assert copy.name.startswith("schema-0001-")
    with closing(sqlite3.connect(copy)) as database:
        assert database.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]
        assert database.execute("SELECT name FROM stations").fetchall() == [("dock-7",)]


def test_a_schema_that_can_not_be_backed_up_is_not_changed(older: Engine, tmp_path: Path) -> None:
    (tmp_path / "backups").write_text("in the way")

    with pytest.raises(StationError):
        upgrade(older)

    assert query(older, "SELECT version_num FROM alembic_version") == [("0001",)]


def test_a_new_database_needs_no_backup(company: Engine, tmp_path: Path) -> None:
    assert not (tmp_path / "backups").exists()
    assert upgrade(company) is False


@pytest.mark.skipif(not IS_ROOT, reason="only root leaves files that others can't write")
def test_backups_made_by_root_belong_to_the_owner_of_the_directory(tmp_path: Path) -> None:
    os.chown(tmp_path, STATIONER, STATIONER)
    engine = open_engine(f"sqlite:///{tmp_path / 'scanstation.db'}")

    upgrade(engine)
    with StationLock(tmp_path, "dock-1"), engine.connect():
        back_up_by_date(engine, tmp_path / "backups", keep=1)
        made = [path for path in tmp_path.rglob("*") if path != tmp_path]
        owners = {path.name: path.stat().st_uid for path in made}
    engine.dispose()

    assert {"scanstation.db", "scanstation.db-wal", "scanstation.db-shm", "dock-1.lock", "backups"} <= set(
        owners
    )
    assert set(owners.values()) == {STATIONER}
