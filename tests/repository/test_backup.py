"""`db backup`: a complete, consistent copy while others write, or none at all."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from station.errors import DatabaseError, StationError, UsageError
from station.repository.backup import back_up
from station.repository.checking import findings
from station.repository.database import open_engine
from station.repository.schema import require_newest, upgrade
from tests.stations import UNITS, attached, fill, query, serials, station

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine


@pytest.fixture
def company(sqlite_url: str) -> Iterator[Engine]:
    engine = open_engine(sqlite_url)
    upgrade(engine)
    fill(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """Where backups go."""
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    return shelf


def _names(directory: Path) -> list[str]:
    return sorted(each.name for each in directory.iterdir())


def test_backups_of_a_working_station_are_complete_and_contain_all_earlier_work(
    company: Engine, shelf: Path
) -> None:
    copies: list[tuple[Path, int]] = []
    finished = threading.Event()
    with station(company, auto_answer=True) as here:
        here.command("open CM-1")
        here.scan("A0000")

        def scan() -> None:
            for serial in [*serials("A")[1:], *serials("B"), *serials("C")]:
                here.scan(serial)
            finished.set()

        scanning = threading.Thread(target=scan)
        scanning.start()
        while not finished.is_set() or len(copies) < 3:
            done = len(here.rows)
            target = shelf / f"{len(copies)}.db"
            assert back_up(company, target) == target.stat().st_size
            copies.append((target, done))
        scanning.join()
    for target, done in copies:
        engine = open_engine(f"sqlite:///{target}")
        assert list(findings(engine)) == []
        assert done <= len(attached(engine)) == query(engine, "SELECT count(*) FROM history")[0][0]
        engine.dispose()
    assert len(here.rows) == 3 * UNITS
    assert {name.partition(".")[0] for name in _names(shelf)} == {str(n) for n in range(len(copies))}


def test_a_backup_is_one_file_that_a_station_can_continue_with(company: Engine, shelf: Path) -> None:
    with station(company) as here:
        here.command("open CM-1")
        here.scan("A0001")
        back_up(company, shelf / "copy.db")
    assert _names(shelf) == ["copy.db"]
    copy = open_engine(f"sqlite:///{shelf / 'copy.db'}")
    with station(copy) as again:
        again.scan("A0001")
        again.scan("A0002")
    assert again.told == [("Skipped", "A0001"), ("Assigned", "A0002")]
    assert list(findings(copy)) == []
    copy.dispose()
    assert attached(company) == [("CM-1", "A0001")]


def test_an_existing_file_is_never_overwritten(company: Engine, shelf: Path) -> None:
    target = shelf / "precious.db"
    target.write_text("yesterday's backup")
    with pytest.raises(UsageError, match=r"precious.db: already exists; choose another name"):
        back_up(company, target)
    assert target.read_text() == "yesterday's backup"
    assert _names(shelf) == ["precious.db"]


def test_an_unwritable_target_is_named(company: Engine, shelf: Path) -> None:
    target = shelf / "missing" / "copy.db"
    with pytest.raises(StationError, match=f"^{target}: can't be written"):
        back_up(company, target)
    assert _names(shelf) == []


def test_a_database_whose_directory_has_an_odd_name_is_backed_up(tmp_path: Path) -> None:
    odd = tmp_path / "50% #1 dock"
    engine = open_engine(f"sqlite:///{odd / 'scanstation.db'}")
    upgrade(engine)
    try:
        back_up(engine, tmp_path / "copy.db")
        copy = open_engine(f"sqlite:///{tmp_path / 'copy.db'}", read_only=True)
        require_newest(copy)
        copy.dispose()
    finally:
        engine.dispose()
    assert _names(tmp_path) == ["50% #1 dock", "copy.db"]


def test_a_damaged_database_leaves_no_copy(company: Engine, sqlite_url: str, shelf: Path) -> None:
    execute_checkpoint(company)
    company.dispose()
    path = sqlite_url.removeprefix("sqlite:///")
    with open(path, "r+b") as file:  # noqa: PTH123 - a path out of a URL
        file.seek(4096)
        file.write(b"\xff" * 4096)
    engine = open_engine(sqlite_url)
    with pytest.raises(StationError):
        back_up(engine, shelf / "copy.db")
    engine.dispose()
    assert _names(shelf) == []


def execute_checkpoint(engine: Engine) -> None:
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def test_postgresql_is_refused_in_favour_of_its_own_tools(postgres_url: str, shelf: Path) -> None:
    engine = open_engine(postgres_url)
    with pytest.raises(UsageError, match="pg_dump"):
        back_up(engine, shelf / "copy.db")
    engine.dispose()
    assert _names(shelf) == []


def test_without_a_database_there_is_no_backup(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="there is no database yet"):
        open_engine(f"sqlite:///{tmp_path / 'none.db'}", read_only=True)
