"""The books: numbering, savepoints, indexes, and what several stations may do to each other (I1 to I3)."""

from __future__ import annotations

import json
import subprocess
import threading
from typing import TYPE_CHECKING, Any, cast

import pytest
import structlog
from sqlalchemy import insert

from station.config.settings import Preferences
from station.errors import ConflictError, DatabaseBusyError, DatabaseError
from station.events import CommandRefused, ScanFailed, SessionClosed
from station.outcomes import Tone
from station.questions import Mode
from station.repository import books as station_books
from station.repository import tables
from station.repository.books import SqlRepository
from station.repository.database import open_engine, transaction
from station.repository.schema import upgrade
from station.repository.view import View
from station.rules.model import Status
from station.source import stamp
from station.worker import batch
from station.worker.entries import Commanded, Scanned
from tests.running import COMMAND, PATIENCE_S, Workplace
from tests.stations import (
    Seat,
    assert_all_is_well,
    at_work,
    attached,
    execute,
    fill,
    query,
    seat,
    serials,
    station,
    together,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Engine

    from station.rules.model import Unit
    from station.rules.ports import Field
    from station.source import Source


@pytest.fixture
def company(engine: Engine) -> Engine:
    fill(engine)
    return engine


@pytest.fixture
def shared(postgres_url: str) -> Iterator[Engine]:
    """The company where stations work at the same time: on PostgreSQL."""
    engine = open_engine(postgres_url)
    fill(engine)
    yield engine
    engine.dispose()


# Questions of the version before


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


# Numbering and going back


def test_history_is_numbered_without_gaps_after_rollbacks(company: Engine) -> None:
    here = seat(company)
    here.books.open()
    for number, is_kept in enumerate([True, False, False, True, False, True]):
        here.books.begin()
        here.handler.handle(Scanned(_source(f"XX{number}")))
        if is_kept:
            here.books.commit()
        else:
            here.books.roll_back()
    here.books.close()
    assert query(company, "SELECT number, text FROM history ORDER BY number") == [
        (1, "XX0"),
        (2, "XX3"),
        (3, "XX5"),
    ]
    assert_all_is_well(company)


def _source(text: str) -> Source:
    return stamp(text, "left")


def test_a_savepoint_undoes_what_was_written_since_and_nothing_else(company: Engine) -> None:
    books = SqlRepository(company, "dock-1")
    books.open()
    books.begin()
    books.add_line("CM-1", "B", negative=False)
    with books.savepoint() as outer:
        books.add_line("CM-1", "C", negative=True)
        with books.savepoint() as inner:
            books.add_line("CM-2", "B", negative=False)
            inner.roll_back()
        books.add_line("CM-3", "B", negative=False)
    with pytest.raises(ZeroDivisionError):
        _add_and_fail(books)
    with pytest.raises(ConflictError, match="another station was faster"):
        _add_twice(books)
    books.commit()
    books.close()
    assert outer is not inner
    assert query(company, "SELECT document, item FROM lines WHERE added ORDER BY 1, 2") == [
        ("CM-1", "B"),
        ("CM-1", "C"),
        ("CM-3", "B"),
    ]


def _add_and_fail(books: SqlRepository) -> None:
    with books.savepoint():
        books.add_line("CM-4", "B", negative=False)
        raise ZeroDivisionError


def _add_twice(books: SqlRepository) -> None:
    with books.savepoint():
        books.add_line("CM-4", "B", negative=True)
        books.add_line("CM-4", "B", negative=True)


# Indexes


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Many units, of which the planner knows."""
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
    books = SqlRepository(many, "dock-1", fold_case=fold)
    books.open()
    try:
        found = books.units(number, cast("Field", field), fold=fold, gtin=None, limit=2)
        assert [unit.serial_number for unit in found] == ["Sn-000007"]
        (prepared,) = books._by_number.values()
        plan = _plan(books, prepared._sql, prepared._order or ())
    finally:
        books.close()
    assert any(f"serial_numbers USING {word}{index}" in plan for word in ("", "INDEX ")), plan
    assert "SCAN" not in plan


@pytest.mark.parametrize(
    "name",
    ["standing", "unit", "attachment", "units_between", "document", "counted_lines", "record", "is_applied"],
)
def test_no_statement_of_a_scan_reads_a_whole_table(many: Engine, name: str) -> None:
    books = SqlRepository(many, "dock-1")
    books.open()
    try:
        prepared = books._statements[name]
        plan = _plan(books, prepared._sql, prepared._order or ())
    finally:
        books.close()
    assert "SCAN" not in plan.replace("SCAN CONSTANT ROW", ""), plan


def _plan(books: SqlRepository, sql: str, order: Any) -> str:
    values = [1 if name in {"limit", "session"} else "x" for name in order]
    rows = books._driver.execute(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()
    return "\n".join(row[3] for row in rows)


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


def test_stations_that_fold_case_may_start_at_the_same_moment(shared: Engine) -> None:
    rows = [
        {"serial_number": f"Z{n:06}", "item": "A", "stock_area": "SOLD", "mfr_serial_number": f"z{n}"}
        for n in range(20_000)
    ]
    with transaction(shared) as connection:
        connection.execute(insert(tables.serial_numbers), rows)
    several = [SqlRepository(shared, f"dock-{n}", fold_case=True) for n in range(4)]
    together(*(books.open for books in several))
    for books in several:
        books.close()


# Several stations at once (I1)


def test_units_scanned_everywhere_at_once_are_attached_exactly_once(company: Engine) -> None:
    seats = [seat(company, f"dock-{n}", auto_answer=True) for n in (1, 2, 3, 4)]
    scans = [*serials("A"), *serials("B"), *serials("C")]

    def work(here: Seat, number: int) -> None:
        with at_work(here):
            here.command(f"open CM-{number}")
            for each in here.post(*scans):
                each.outcome()

    together(*(lambda here=here, n=n: work(here, n) for n, here in enumerate(seats, 1)))
    _each_attached_once(company, scans)
    told = [row for here in seats for row in here.told]
    assert {action for action, _ in told} == {"Assigned", "Added", "Negative", "Skipped"}
    assert sum(action == "Skipped" for action, _ in told) == 3 * len(scans)


def _each_attached_once(engine: Engine, scans: list[str]) -> None:
    assert sorted(serial for _, serial in attached(engine)) == sorted(scans)
    assert_all_is_well(engine)


@pytest.mark.parametrize("stations", [2, pytest.param(8, marks=pytest.mark.full)])
def test_processes_that_scan_the_same_units_attach_each_exactly_once(
    database_url: str, tmp_path: Path, stations: int
) -> None:
    engine = open_engine(database_url)
    upgrade(engine)
    fill(engine)
    scans = [*serials("A"), *serials("B"), *serials("C")]
    places = []
    for number in range(stations):
        place = Workplace(tmp_path / str(number))
        place.directory.mkdir()
        place.configure(f'[database]\nurl = "{database_url}"\n')
        text = place.config.read_text().replace("dock-1", f"dock-{number}")
        place.config.write_text(text)
        places.append((place, place.recording(scans)))
    processes = [
        subprocess.Popen(
            [COMMAND, "replay", "--document", f"CM-{number % 4 + 1}", "--answer", "yes", recording],
            env=place.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number, (place, recording) in enumerate(places)
    ]
    actions = []
    for process in processes:
        out, err = process.communicate(timeout=PATIENCE_S * 4)
        assert process.returncode == 0, err
        actions += [json.loads(line)["action"] for line in out.splitlines()]
    assert len(actions) == stations * len(scans)
    assert actions.count("Skipped") == (stations - 1) * len(scans)
    _each_attached_once(engine, scans)
    engine.dispose()


def test_two_stations_that_add_a_line_for_the_same_item_share_one_line(company: Engine) -> None:
    seats = [seat(company, f"dock-{n}", auto_answer=True) for n in (1, 2)]
    rounds = [item for pair in zip(serials("B"), serials("C"), strict=True) for item in pair]

    def work(here: Seat, own: list[str]) -> None:
        with at_work(here):
            here.command("open CM-1")
            for number in own:
                here.scan(number)
                here.command("undo")
            here.scan(own[0])
            here.scan(own[1])

    together(lambda: work(seats[0], rounds[:20]), lambda: work(seats[1], rounds[20:40]))
    assert not [told for here in seats for told in here.told if told[0] == "failed"]
    lines = query(company, "SELECT item, count(*) FROM lines WHERE document = 'CM-1' GROUP BY 1 ORDER BY 1")
    assert lines == [("A", 1), ("B", 1), ("C", 1)]
    assert [serial for _, serial in attached(company)] == ["B0000", "B0010", "C0000", "C0010"]
    assert_all_is_well(company)


@pytest.mark.parametrize(("command", "status"), [("save", "saved"), ("cancel-document CM-1", "cancelled")])
def test_a_document_that_another_station_ended_takes_no_more_scans(
    company: Engine, command: str, status: str
) -> None:
    with station(company, "dock-1") as here, station(company, "dock-2") as there:
        for each in (here, there):
            each.command("open CM-1")
        here.scan("A0001")
        there.command(command)
        outcome = here.scan("A0002")
    assert outcome.events[0] == SessionClosed(1, "CM-1", status)
    assert here.rows[-1].reason == "no document open"
    assert attached(company) == ([("CM-1", "A0001")] if status == "saved" else [])
    assert_all_is_well(company)


@pytest.mark.parametrize("command", ["save", "cancel-document CM-1"])
def test_nothing_sneaks_onto_a_document_that_another_station_ends_meanwhile(
    company: Engine, command: str
) -> None:
    with station(company, "dock-1") as here, station(company, "dock-2") as there:
        for each in (here, there):
            each.command("open CM-1")
        together(lambda: [here.scan(serial) for serial in serials("A")], lambda: there.command(command))
    booked = {
        row[0]
        for row in query(company, "SELECT serial_number FROM moves WHERE event IN ('Booked', 'Released')")
    }
    assert {serial for action, serial in here.told if action == "Assigned"} == booked
    assert_all_is_well(company)


# Moments that PostgreSQL allows, each held open by a station that waits in the middle


class Interrupted(SqlRepository):
    """Books during whose one call something else happens."""

    meanwhile: Callable[[], None]

    def set_status(self, number: str, status: Status) -> None:
        self.meanwhile()
        super().set_status(number, status)


@pytest.mark.parametrize("command", ["save", "cancel-document CM-1"])
def test_a_unit_scanned_in_the_middle_of_a_save_or_cancel_is_booked_with_it_or_turned_away(
    shared: Engine, command: str
) -> None:
    books = Interrupted(shared, "dock-2")
    with station(shared, "dock-1") as here, at_work(Seat(books, name="dock-2")) as there:
        for each in (here, there):
            each.command("open CM-1")
        here.scan("A0001")
        books.meanwhile = lambda: _in_the_middle(lambda: here.scan("A0002"))
        there.command(command)
    moved = [row[0] for row in query(shared, "SELECT serial_number FROM moves ORDER BY 1")]
    done = [serial for action, serial in here.told if action == "Assigned"]
    assert moved == done, here.told
    assert_all_is_well(shared)


class Meeting(SqlRepository):
    """Books whose first attachment waits until the other station has made its own."""

    meet: threading.Barrier | None

    def attach(self, unit: Unit, document: str, line: int, history_id: str) -> bool:
        is_attached = super().attach(unit, document, line, history_id)
        if self.meet is not None:
            meet, self.meet = self.meet, None
            meet.wait(PATIENCE_S)
        return is_attached


def test_bursts_of_the_same_units_in_opposite_order_are_all_answered(shared: Engine) -> None:
    meet, seats = threading.Barrier(2), []
    for number in (1, 2):
        books = Meeting(shared, f"dock-{number}")
        books.meet = None
        with at_work(Seat(books, name=f"dock-{number}")) as here:
            here.command(f"open CM-{number}")
        books.meet = meet
        seats.append(Seat(books, name=f"dock-{number}"))
    seats[0].post("A0001", "A0002")
    seats[1].post("A0002", "A0001")

    def work(here: Seat) -> None:
        with at_work(here):
            pass

    together(lambda: work(seats[0]), lambda: work(seats[1]))
    told = sorted(action for here in seats for action, _ in here.told)
    assert told == ["Assigned", "Assigned", "Skipped", "Skipped"]
    _each_attached_once(shared, ["A0001", "A0002"])


def test_a_document_is_saved_once_when_two_stations_save_it_at_once(shared: Engine) -> None:
    books = Interrupted(shared, "dock-2")
    with station(shared, "dock-1") as here, at_work(Seat(books, name="dock-2")) as there:
        for each in (here, there):
            each.command("open CM-1")
        here.scan("A0001")
        books.meanwhile = lambda: _in_the_middle(lambda: here.command("save"))
        there.command("save")
        here.scan("A0002")
    assert query(shared, "SELECT serial_number, from_area, to_area FROM moves") == [
        ("A0001", "SOLD", "BACK"),
    ]
    refused = [event for event in here.events if isinstance(event, CommandRefused)]
    assert len(refused) == 1


def test_a_unit_attached_while_the_line_is_emptied_elsewhere_stays_attached(shared: Engine) -> None:
    """I3: what was shown as done is in the database."""
    here, there = seat(shared, "dock-1"), seat(shared, "dock-2")
    preferences = Preferences(prompt_when_not_on_document=False)
    with station(shared, "dock-3", preferences=preferences) as first:
        first.command("open CM-1")
        first.scan("B0001")
    for each in (here, there):
        each.books.open()
        each.handler.handle(Commanded(_source("open CM-1")))
    here.books.begin()
    (added,) = here.handler.handle(Scanned(_source("B0002")))
    there.handler.handle(Commanded(_source("detach")))
    there.books.begin()

    def detach() -> None:
        try:
            there.handler.handle(Scanned(_source("B0001")))
        except ConflictError:
            # As the desk does: begin anew, on what is there now.
            there.books.roll_back()
            there.books.begin()
            there.handler.handle(Scanned(_source("B0001")))
        there.books.commit()

    def commit() -> None:
        here.books.commit()

    _in_the_middle(detach, then=commit)
    for each in (here, there):
        each.books.close()
    assert "Assigned" in str(added)
    assert attached(shared) == [("CM-1", "B0002")]
    assert_all_is_well(shared)


def _in_the_middle(what: Callable[[], object], then: Callable[[], None] | None = None) -> None:
    """Do something in another thread, as far as the database lets it; it may have to wait for us."""
    thread = threading.Thread(target=what, daemon=True)
    thread.start()
    thread.join(0.5)
    if then is not None:
        then()
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


def test_a_station_is_run_once_on_a_server_however_many_machines_there_are(
    shared: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(station_books, "CLAIM_TRIES", 1)
    first, second = SqlRepository(shared, "dock-1"), SqlRepository(shared, "dock-1")
    first.open()
    with pytest.raises(DatabaseBusyError, match='station "dock-1" is run elsewhere on this database'):
        second.open()
    first.close()
    monkeypatch.undo()
    second.open()
    second.close()


def test_books_without_a_connection_are_busy_and_open_again(shared: Engine) -> None:
    books = SqlRepository(shared, "dock-1")
    with pytest.raises(DatabaseBusyError, match="no connection"):
        books.standing()
    books.begin()
    assert books.standing().session is None
    books.commit()
    books.close()


class Severed(SqlRepository):
    """Books that lose their connection now and then as soon as they have it."""

    losses = 0

    def _claim_station(self) -> None:
        if self.losses:
            self.losses -= 1
            execute(self._engine, f"SELECT pg_terminate_backend({self._driver.info.backend_pid})")
        super()._claim_station()


def test_a_connection_that_is_lost_before_the_station_is_claimed_is_waited_for(
    shared: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "BUSY_PAUSE_S", 0.01)
    books = Severed(shared, "dock-1")
    with at_work(Seat(books)) as here:
        here.command("open CM-1")
        books.losses = 3
        books.close()
        assert here.scan("A0001").tone is Tone.GOOD
    assert attached(shared) == [("CM-1", "A0001")]


def test_books_whose_claim_failed_hold_no_connection(shared: Engine) -> None:
    """Else the next transaction would go on with a station that another machine may run."""

    class Unclaimed(SqlRepository):
        def _claim_station(self) -> None:
            raise DatabaseBusyError("canceling statement due to statement timeout")

    books = Unclaimed(shared, "dock-1")
    for _try in range(2):
        with pytest.raises(DatabaseBusyError, match="statement timeout"):
            books.begin()


def test_damage_that_shows_in_a_later_row_is_told(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    upgrade(engine)
    fill(engine, 3000)
    _zero_last_page(engine, "serial_numbers")
    books = SqlRepository(engine, "dock-1")
    books.begin()
    with pytest.raises(DatabaseError, match="is damaged; restore a backup"):
        list(books.units_between("C", "C0000", "C2999"))
    books.close()
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


# What a newer version wrote


def test_a_stored_question_that_this_version_cannot_read_is_told(company: Engine) -> None:
    with station(company) as here:
        execute(
            company, "INSERT INTO questions (station, body) VALUES ('dock-1', '{\"kind\": \"of later\"}')"
        )
        (failed,) = here.scan("A0001").events
    assert isinstance(failed, ScanFailed)
    assert "question of station dock-1 can't be read by this version" in failed.reason
    with pytest.raises(DatabaseError, match="question of station dock-1 can't be read by this version"):
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
        assert View(company, "dock-1").look().standing.mode is Mode.ATTACH
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
        standing = here.desk.standing()
        assert View(company, "dock-1").look().standing == standing
    assert (standing.mode, standing.range_first, standing.range_item) == (Mode.RANGE_LAST, "A0001", "A")
    assert standing.question is not None
    assert standing.session is not None
    assert standing.session.document.customer == "Smith"


def test_the_document_of_a_session_that_somebody_deleted_counts_as_cancelled(company: Engine) -> None:
    with station(company) as here:
        here.command("open CM-1")
        execute(company, "DELETE FROM documents WHERE number = 'CM-1'")
        for standing in (here.desk.standing(), View(company, "dock-1").look().standing):
            assert standing.session is not None
            assert standing.session.document.status is Status.CANCELLED
