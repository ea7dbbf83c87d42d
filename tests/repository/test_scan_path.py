"""The scan path's statements: numbering, savepoints, indexes, and data of other versions."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, cast

import msgspec
import pytest
import structlog
from sqlalchemy import insert

from station.config.settings import Preferences
from station.errors import ConflictError, DatabaseError
from station.events import ScanFailed
from station.outcomes import Tone
from station.questions import Candidate, Mode
from station.repository import tables
from station.repository.database import open_engine, transaction
from station.repository.scan_path import SqlRepository
from station.repository.scan_path.units import units_by
from station.repository.schema import upgrade
from station.repository.statement import Statement
from station.repository.view import View
from station.rules.model import Status
from station.source import stamp
from station.worker.entries import Scanned
from tests.stations import assert_all_is_well, attached, execute, fill, query, seat, station

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from station.rules.ports import Field
    from station.source import Source


# Questions stored by an earlier version


def test_a_question_that_was_asked_before_labels_had_several_serial_numbers_can_be_answered(
    company: Engine,
) -> None:
    with station(company) as first:
        first.command("open CM-1")
        first.scan("B0001")
    execute(
        company,
        "UPDATE questions SET body = json_remove(body, '$.rest', '$.source.symbology_identifier')"
        if company.dialect.name == "sqlite"
        else "UPDATE questions SET body = (body::jsonb #- '{rest}' #- '{source,symbology_identifier}')::text",
    )
    with station(company) as second:
        second.command("yes")
    assert attached(company) == [("CM-1", "B0001")]


def test_a_blocked_candidate_is_stored_as_earlier_versions_stored_it() -> None:
    stored = (
        b'{"serial_number":"M-1","mfr_serial_number":null,"item":"A","description":"","stock_area":"OUT",'
        b'"barred":"already on CM-1"}'
    )
    candidate = msgspec.json.decode(stored, type=Candidate)
    assert candidate.blocked_reason == "already on CM-1"
    assert msgspec.json.encode(candidate) == stored


# Numbering and rollbacks


def test_history_is_numbered_without_gaps_after_rollbacks(company: Engine) -> None:
    here = seat(company)
    here.repository.open()
    for number, is_kept in enumerate([True, False, False, True, False, True]):
        here.repository.begin()
        here.handler.handle(Scanned(_source(f"XX{number}")))
        if is_kept:
            here.repository.commit()
        else:
            here.repository.roll_back()
    here.repository.close()
    assert query(company, "SELECT number, text FROM history ORDER BY number") == [
        (1, "XX0"),
        (2, "XX3"),
        (3, "XX5"),
    ]
    assert_all_is_well(company)


def _source(text: str) -> Source:
    return stamp(text, "left")


def test_a_savepoint_undoes_later_writes_and_nothing_else(company: Engine) -> None:
    repository = SqlRepository(company, "dock-1")
    repository.open()
    repository.begin()
    repository.add_line("CM-1", "B", negative=False)
    with repository.savepoint() as outer:
        repository.add_line("CM-1", "C", negative=True)
        with repository.savepoint() as inner:
            repository.add_line("CM-2", "B", negative=False)
            inner.roll_back()
        repository.add_line("CM-3", "B", negative=False)
    with pytest.raises(ZeroDivisionError):
        _add_and_fail(repository)
    with pytest.raises(ConflictError, match="another station was faster"):
        _add_twice(repository)
    repository.commit()
    repository.close()
    assert outer is not inner
    assert query(company, "SELECT document, item FROM lines WHERE added ORDER BY 1, 2") == [
        ("CM-1", "B"),
        ("CM-1", "C"),
        ("CM-3", "B"),
    ]


def _add_and_fail(repository: SqlRepository) -> None:
    with repository.savepoint():
        repository.add_line("CM-4", "B", negative=False)
        raise ZeroDivisionError


def _add_twice(repository: SqlRepository) -> None:
    with repository.savepoint():
        repository.add_line("CM-4", "B", negative=True)
        repository.add_line("CM-4", "B", negative=True)


# Statements and indexes


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Many units, with statistics for the planner."""
    engine = open_engine(f"sqlite:///{tmp_path_factory.mktemp('many') / 'many.db'}")
    upgrade(engine)
    fill(engine, 0)
    rows = [
        {
            "serial_number": f"Sn-{n:06}",
            "item": "A",
            "stock_area": "SOLD",
            "mfr_serial_number": f"Mfr-{n:06}",
        }
        for n in range(20_000)
    ]
    with transaction(engine) as connection:
        connection.execute(insert(tables.serial_numbers), rows)
    execute(engine, "ANALYZE")
    yield engine
    engine.dispose()


@pytest.mark.parametrize(
    ("field", "fold", "number", "index"),
    [
        ("serial", False, "Sn-000007", "PRIMARY KEY (serial_number=?)"),
        ("mfr_serial", False, "Mfr-000007", "ix_serial_numbers_mfr_serial_number (mfr_serial_number=?)"),
        ("serial", True, "SN-000007", "ix_folded_serial_number (<expr>=?)"),
        ("mfr_serial", True, "mFR-000007", "ix_folded_mfr_serial_number (<expr>=?)"),
    ],
)
def test_a_number_is_found_by_an_index(
    many: Engine, field: str, number: str, index: str, *, fold: bool
) -> None:
    repository = SqlRepository(many, "dock-1", fold_case=fold)
    repository.open()
    try:
        found = repository.units(number, cast("Field", field), fold=fold, gtin=None, limit=2)
        assert [unit.serial_number for unit in found] == ["Sn-000007"]
        plan = _plan(
            repository, units_by(cast("Field", field), fold=fold, gtin=False, document=False, item=False)
        )
    finally:
        repository.close()
    assert any(f"serial_numbers USING {word}{index}" in plan for word in ("", "INDEX ")), plan
    assert "SCAN" not in plan


@pytest.mark.parametrize(
    "name",
    [
        "_state",
        "_unit",
        "_attachment",
        "_units_between",
        "_document",
        "_lines",
        "_expected",
        "_booking",
        "_of_range",
        "_follow_credited",
        "_record",
        "_row_of_entry",
    ],
)
def test_no_statement_of_a_scan_reads_a_whole_table(many: Engine, name: str) -> None:
    repository = SqlRepository(many, "dock-1")
    repository.open()
    try:
        plan = _plan(repository, repository.statements()[name])
    finally:
        repository.close()
    assert "SCAN" not in plan.replace("SCAN CONSTANT ROW", ""), plan


def _plan(repository: SqlRepository, statement: Statement) -> str:
    compiled = statement.compiled(repository._engine.dialect)
    values = [1 if name in {"limit", "session"} else "x" for name in compiled.order or ()]
    rows = repository._driver.execute(f"EXPLAIN QUERY PLAN {compiled.sql}", values).fetchall()
    return "\n".join(row[3] for row in rows)


def test_no_statement_hides_another_of_the_same_name() -> None:
    names = [
        name
        for kind in SqlRepository.__mro__
        for name, each in vars(kind).items()
        if isinstance(each, Statement)
    ]
    assert sorted(names) == sorted(SqlRepository.statements())
    assert len(names) > 30


def test_upper_and_lower_case_are_alike_when_folded_and_differ_when_not(company: Engine) -> None:
    with station(company, preferences=Preferences(fold_case=True)) as here:
        here.command("open CM-1")
        here.scan("a0001")
        here.scan("M-a2")
    with station(company, "dock-2") as there:
        there.command("open CM-2")
        there.scan("a0003")
    assert here.told == [("Assigned", "a0001"), ("Assigned", "M-a2")]
    assert there.told == [("Refused", "a0003")]
    assert attached(company) == [("CM-1", "A0001"), ("CM-1", "A0002")]


def test_damage_in_a_later_row_is_reported(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    upgrade(engine)
    fill(engine, 3000)
    _zero_last_page(engine, "serial_numbers")
    repository = SqlRepository(engine, "dock-1")
    repository.begin()
    with pytest.raises(DatabaseError, match="is damaged; restore a backup"):
        list(repository.units_between("C", "C0000", "C2999"))
    repository.close()
    engine.dispose()


def _zero_last_page(engine: Engine, table: str) -> None:
    """The page of a table's last rows: https://www.sqlite.org/fileformat2.html, 1.6."""
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        size = connection.exec_driver_sql("PRAGMA page_size").scalar_one()
        root = connection.exec_driver_sql(
            f"SELECT rootpage FROM sqlite_schema WHERE name = '{table}'"
        ).scalar_one()
    engine.dispose()
    with open(str(engine.url.database), "r+b") as file:  # noqa: PTH123 - a path out of a URL
        file.seek((root - 1) * size + 8)
        last = int.from_bytes(file.read(4), "big")
        file.seek((last - 1) * size)
        file.write(bytes(size))


# State stored by a newer version


def test_a_stored_question_that_this_version_cannot_read_is_reported(company: Engine) -> None:
    with station(company) as here:
        execute(
            company, "INSERT INTO questions (station, body) VALUES ('dock-1', '{\"kind\": \"of later\"}')"
        )
        (failed,) = here.scan("A0001").events
    assert isinstance(failed, ScanFailed)
    assert "this version can't read the question of station dock-1" in failed.reason
    with pytest.raises(DatabaseError, match="this version can't read the question of station dock-1"):
        View(company, "dock-1").look()


def test_a_mode_that_this_version_does_not_know_is_logged_and_counts_as_attaching(company: Engine) -> None:
    with station(company) as before:
        before.command("open CM-1")
    mode = f"of later {company.dialect.name}"
    execute(company, f"UPDATE stations SET mode = '{mode}'")
    with (
        structlog.testing.capture_logs() as logs,
        station(company, preferences=Preferences(prompt_timeout_s=3600)) as here,
    ):
        assert View(company, "dock-1").look().state.mode is Mode.ATTACH
        assert here.scan("A0001").tone is Tone.GOOD
    assert [(each["event"], each["mode"], each["log_level"]) for each in logs] == [
        ("mode_unknown", mode, "error")
    ]
    assert attached(company) == [("CM-1", "A0001")]


def test_the_desk_and_the_displays_see_the_station_alike(company: Engine) -> None:
    with station(company) as here:
        here.command("open CM-1")
        here.scan("B0001")
        execute(
            company,
            "UPDATE stations SET mode = 'range_last', range_first = 'A0001', range_item = 'A'",
            "UPDATE documents SET customer = 'Smith' WHERE number = 'CM-1'",
        )
        state = here.desk.state()
        assert View(company, "dock-1").look().state == state
    assert (state.mode, state.range_first, state.range_item) == (Mode.RANGE_LAST, "A0001", "A")
    assert state.question is not None
    assert state.session is not None
    assert state.session.document.customer == "Smith"


def test_the_document_of_a_session_that_somebody_deleted_counts_as_cancelled(company: Engine) -> None:
    with station(company) as here:
        here.command("open CM-1")
        execute(company, "DELETE FROM documents WHERE number = 'CM-1'")
        for state in (here.desk.state(), View(company, "dock-1").look().state):
            assert state.session is not None
            assert state.session.document.status is Status.CANCELLED


def test_without_a_location_of_its_own_a_station_is_at_the_default_one(company: Engine) -> None:
    default = {"code": "SECOND", "name": "Second", "is_default": True}
    with transaction(company) as connection:
        connection.execute(tables.locations.update().values(is_default=False))
        connection.execute(insert(tables.locations), default)
    repository = SqlRepository(company, "dock-1")
    repository.open()
    found = [repository.location(code) for code in ("", "MAIN")]
    repository.close()
    assert [location and location.code for location in found] == ["SECOND", "MAIN"]


def test_a_range_holds_units_of_its_item_and_of_its_length_alone(company: Engine) -> None:
    with transaction(company) as connection:
        for number in ("N1", "N10", "N100", "N11", "N12", "N20"):
            unit = {"serial_number": number, "item": "B" if number == "N11" else "A", "stock_area": "SOLD"}
            connection.execute(insert(tables.serial_numbers), unit)
    repository = SqlRepository(company, "dock-1")
    repository.open()
    found = [unit.serial_number for unit in repository.units_between("A", "N10", "N19")]
    taken = repository.taken("N10", "N19")
    repository.close()
    assert (found, taken) == (["N10", "N12"], {"N10", "N11", "N12"})


def test_a_transaction_is_a_writers_from_its_beginning(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    upgrade(engine)
    repository = SqlRepository(engine, "dock-1")
    repository.open()
    repository.begin()
    with closing(sqlite3.connect(str(engine.url.database), timeout=0, isolation_level=None)) as other:
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        repository.commit()
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")
    repository.close()
    engine.dispose()
