"""Several stations that work on one database (I1 to I3)."""

from __future__ import annotations

import json
import subprocess
import threading
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert

from station.config.settings import Preferences
from station.errors import ConflictError, DatabaseBusyError
from station.events import CommandRefused, QuestionRaised, ScanFailed, SessionClosed
from station.outcomes import Tone
from station.questions import QuestionKind
from station.repository import scan_path, tables
from station.repository.database import open_engine, transaction
from station.repository.scan_path import SqlRepository
from station.repository.schema import upgrade
from station.source import stamp
from station.worker import batch
from station.worker.entries import Commanded, Scanned
from tests.running import PATIENCE_S, Workplace, start
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
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Engine

    from station.questions import Upcoming
    from station.rules.model import Document, Status, Unit


ASKING = Preferences(negative="allow")
"""Stations that ask before they save what is not complete."""


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
        start(
            "replay",
            "--document",
            f"CM-{number % 4 + 1}",
            "--answer",
            "yes",
            recording,
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
def test_nothing_is_attached_to_a_document_that_another_station_is_ending(
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


# Races that PostgreSQL allows, each forced by a station that waits in the middle


class Interrupted(SqlRepository):
    """A repository that does something else in the middle of one call."""

    meanwhile: Callable[[], None]

    def set_status(self, number: str, status: Status) -> None:
        self.meanwhile()
        super().set_status(number, status)


@pytest.mark.parametrize("command", ["save", "cancel-document CM-1"])
def test_a_unit_scanned_in_the_middle_of_a_save_or_cancel_is_booked_with_it_or_refused(
    shared: Engine, command: str
) -> None:
    repository = Interrupted(shared, "dock-2")
    with station(shared, "dock-1") as here, at_work(Seat(repository, name="dock-2")) as there:
        for each in (here, there):
            each.command("open CM-1")
        here.scan("A0001")
        repository.meanwhile = lambda: _in_the_middle(lambda: here.scan("A0002"))
        there.command(command)
    moved = [row[0] for row in query(shared, "SELECT serial_number FROM moves ORDER BY 1")]
    done = [serial for action, serial in here.told if action == "Assigned"]
    assert moved == done, here.told
    assert_all_is_well(shared)


class Meeting(SqlRepository):
    """A repository whose first attachment waits until the other station has made its own."""

    meet: threading.Barrier | None

    def attach(  # noqa: PLR0913 - as in the repository
        self,
        unit: Unit,
        document: Document,
        line: int,
        history_id: str,
        details: Upcoming,
        *,
        range_id: str | None = None,
    ) -> bool:
        is_attached = super().attach(unit, document, line, history_id, details, range_id=range_id)
        if self.meet is not None:
            meet, self.meet = self.meet, None
            meet.wait(PATIENCE_S)
        return is_attached


def test_bursts_of_the_same_units_in_opposite_order_are_all_answered(shared: Engine) -> None:
    meet, seats = threading.Barrier(2), []
    for number in (1, 2):
        repository = Meeting(shared, f"dock-{number}")
        repository.meet = None
        with at_work(Seat(repository, name=f"dock-{number}")) as here:
            here.command(f"open CM-{number}")
        repository.meet = meet
        seats.append(Seat(repository, name=f"dock-{number}"))
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
    repository = Interrupted(shared, "dock-2")
    with station(shared, "dock-1") as here, at_work(Seat(repository, name="dock-2")) as there:
        for each in (here, there):
            each.command("open CM-1")
        here.scan("A0001")
        repository.meanwhile = lambda: _in_the_middle(lambda: here.command("save"))
        there.command("save")
        here.scan("A0002")
    assert query(shared, "SELECT serial_number, from_area, to_area FROM moves") == [
        ("A0001", "SOLD", "BACK"),
    ]
    refused = [event for event in here.events if isinstance(event, CommandRefused)]
    assert len(refused) == 1


class Reopening(SqlRepository):
    """A repository before whose reopening something else happens, after the units were checked."""

    meanwhile: Callable[[], object]

    def reopen(self, document: str, receipt: int, at: datetime, operator: str | None) -> int:
        self.meanwhile()
        return super().reopen(document, receipt, at, operator)


@pytest.mark.full
def test_d8_a_receipt_and_a_reopen_at_once_leave_one_of_the_two_orders(shared: Engine) -> None:
    """A station books the second receipt while the office undoes the first."""
    repository = Reopening(shared, "office")
    with station(shared, "dock-1", preferences=ASKING) as here, at_work(Seat(repository)) as office:
        here.command("open CM-1")
        here.scan("A0001")
        here.command("save later")
        here.command("open CM-1")
        here.scan("A0002")
        repository.meanwhile = lambda: _in_the_middle(lambda: here.command("save later"))
        office.command("reopen-document CM-1")
    # The Save waited for the reopening: what that freed is on the second receipt.
    assert query(shared, "SELECT number, reopened_at IS NULL FROM receipts ORDER BY 1") == [
        (1, False),
        (2, True),
    ]
    assert query(shared, "SELECT serial_number, receipt FROM attachments ORDER BY 1") == [
        ("A0001", 2),
        ("A0002", 2),
    ]
    assert query(shared, "SELECT status FROM documents WHERE number = 'CM-1'") == [("backorder",)]
    assert_all_is_well(shared)


@pytest.mark.full
def test_d8_receipts_and_reopens_at_once_book_nothing_twice(shared: Engine) -> None:
    with (
        station(shared, "dock-1", preferences=ASKING) as here,
        station(shared, "dock-2", preferences=ASKING) as there,
        station(shared, "office") as office,
    ):

        def work(dock: Seat, own: list[str]) -> None:
            for number in own:
                dock.command("open CM-1")
                dock.scan(number)
                dock.command("save later")

        together(
            lambda: work(here, ["A0001", "A0002", "A0003"]),
            lambda: work(there, ["A0011", "A0012", "A0013"]),
            lambda: [office.command("reopen-document CM-1") for _ in range(6)],
        )
        for dock in (here, there):
            assert not [event for event in dock.events if isinstance(event, ScanFailed)]
    booked = query(
        shared,
        "SELECT serial_number, sum(CASE event WHEN 'Booked' THEN 1 ELSE -1 END) FROM moves GROUP BY 1",
    )
    back = query(shared, "SELECT serial_number FROM serial_numbers WHERE stock_area = 'BACK' ORDER BY 1")
    receipts = query(shared, "SELECT serial_number FROM attachments WHERE receipt IS NOT NULL ORDER BY 1")
    assert sorted(serial for serial, count in booked if count == 1) == [row[0] for row in back]
    assert {count for _, count in booked} <= {0, 1}
    assert back == receipts
    assert_all_is_well(shared)


@pytest.mark.full
def test_d8_a_unit_that_another_document_takes_while_the_office_reopens_stays_there(shared: Engine) -> None:
    repository = Reopening(shared, "office")
    with station(shared, "dock-1") as here, at_work(Seat(repository)) as office:
        here.command("open CM-1")
        here.scan("A0001")
        here.command("save")
        here.command("open CM-2")
        repository.meanwhile = lambda: here.scan("A0001")
        office.command("reopen-document CM-1")
        refused = [event.reason for event in office.events if isinstance(event, CommandRefused)]
    assert here.told == [("Assigned", "A0001"), ("Negative", "A0001")]
    assert refused == [
        (
            "document CM-1 can't be reopened: 1 unit has moved on, was changed by the office or is on "
            "another document: A0001"
        )
    ]
    assert query(shared, "SELECT stock_area FROM serial_numbers WHERE serial_number = 'A0001'") == [("BACK",)]
    assert_all_is_well(shared)


@pytest.mark.full
def test_r12_a_unit_that_two_stations_ask_about_is_taken_by_one(shared: Engine) -> None:
    """Both workers say Yes; the station whose Yes is second finds the unit taken."""
    execute(
        shared,
        "UPDATE serial_numbers SET customer = 'Acme'",
        "UPDATE documents SET customer = 'Birch' WHERE number = 'CM-1'",
        "UPDATE documents SET customer = 'Cole' WHERE number = 'CM-2'",
    )
    units = serials("A")[:15]
    with (
        station(shared, "dock-1", preferences=ASKING) as here,
        station(shared, "dock-2", preferences=ASKING) as there,
    ):
        here.command("open CM-1")
        there.command("open CM-2")
        for number in units:
            for dock in (here, there):
                (asked,) = dock.scan(number).events
                assert isinstance(asked, QuestionRaised)
                assert asked.question.kind is QuestionKind.OTHER_CUSTOMER
            together(lambda: here.command("yes"), lambda: there.command("yes"))
    for number, row, other in zip(units, here.rows, there.rows, strict=True):
        taken, skipped = sorted((row, other), key=lambda each: each.action)
        assert (taken.action, taken.note) == ("Assigned", "other customer: Acme")
        assert (skipped.action, skipped.reason) == ("Skipped", f"already on {taken.document}")
        assert {row.serial_number, other.serial_number} == {number}
    _each_attached_once(shared, list(units))


def test_a_unit_attached_while_another_station_empties_the_line_stays_attached(shared: Engine) -> None:
    """I3: a unit shown as attached is in the database."""
    here, there = seat(shared, "dock-1"), seat(shared, "dock-2")
    preferences = Preferences(prompt_when_not_on_document=False)
    with station(shared, "dock-3", preferences=preferences) as first:
        first.command("open CM-1")
        first.scan("B0001")
    for each in (here, there):
        each.repository.open()
        each.handler.handle(Commanded(stamp("open CM-1", "left")))
    here.repository.begin()
    (added,) = here.handler.handle(Scanned(stamp("B0002", "left")))
    there.handler.handle(Commanded(stamp("detach", "left")))
    there.repository.begin()

    def detach() -> None:
        try:
            there.handler.handle(Scanned(stamp("B0001", "left")))
        except ConflictError:
            # As the desk does: begin again, on the current state.
            there.repository.roll_back()
            there.repository.begin()
            there.handler.handle(Scanned(stamp("B0001", "left")))
        there.repository.commit()

    def commit() -> None:
        here.repository.commit()

    _in_the_middle(detach, then=commit)
    for each in (here, there):
        each.repository.close()
    assert "Assigned" in str(added)
    assert attached(shared) == [("CM-1", "B0002")]
    assert_all_is_well(shared)


def _in_the_middle(what: Callable[[], object], then: Callable[[], None] | None = None) -> None:
    """Run something in another thread, which may have to wait for this one's transaction."""
    thread = threading.Thread(target=what, daemon=True)
    thread.start()
    thread.join(0.5)
    if then is not None:
        then()
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


def test_a_station_runs_only_once_on_a_server_across_machines(
    shared: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan_path, "CLAIM_TRIES", 1)
    first, second = SqlRepository(shared, "dock-1"), SqlRepository(shared, "dock-1")
    first.open()
    with pytest.raises(
        DatabaseBusyError, match='station "dock-1" is already running elsewhere on this database'
    ):
        second.open()
    first.close()
    monkeypatch.undo()
    second.open()
    second.close()


def test_a_repository_without_a_connection_is_busy_and_opens_again(shared: Engine) -> None:
    repository = SqlRepository(shared, "dock-1")
    with pytest.raises(DatabaseBusyError, match="no connection"):
        repository.state()
    repository.begin()
    assert repository.state().session is None
    repository.commit()
    repository.close()


class Severed(SqlRepository):
    """A repository that sometimes loses its connection right after opening it."""

    losses = 0

    def _claim_station(self) -> None:
        if self.losses:
            self.losses -= 1
            execute(self._engine, f"SELECT pg_terminate_backend({self._driver.info.backend_pid})")
        super()._claim_station()


def test_a_connection_that_is_lost_before_the_station_is_claimed_is_retried(
    shared: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "BUSY_PAUSE_S", 0.01)
    repository = Severed(shared, "dock-1")
    with at_work(Seat(repository)) as here:
        here.command("open CM-1")
        repository.losses = 3
        repository.close()
        assert here.scan("A0001").tone is Tone.GOOD
    assert attached(shared) == [("CM-1", "A0001")]


def test_a_repository_whose_claim_failed_holds_no_connection(shared: Engine) -> None:
    """Otherwise the next transaction would work on a station that another machine may run."""

    class Unclaimed(SqlRepository):
        def _claim_station(self) -> None:
            raise DatabaseBusyError("canceling statement due to statement timeout")

    repository = Unclaimed(shared, "dock-1")
    for _try in range(2):
        with pytest.raises(DatabaseBusyError, match="statement timeout"):
            repository.begin()


def test_stations_that_fold_case_may_start_at_the_same_time(shared: Engine) -> None:
    rows = [
        {"serial_number": f"Z{n:06}", "item": "A", "stock_area": "SOLD", "mfr_serial_number": f"z{n}"}
        for n in range(20_000)
    ]
    with transaction(shared) as connection:
        connection.execute(insert(tables.serial_numbers), rows)
    several = [SqlRepository(shared, f"dock-{n}", fold_case=True) for n in range(4)]
    together(*(repository.open for repository in several))
    for repository in several:
        repository.close()


class Overtaken(SqlRepository):
    """A repository before whose one attachment something else happens."""

    meanwhile: Callable[[], object]

    def attach(  # noqa: PLR0913 - as in the repository
        self,
        unit: Unit,
        document: Document,
        line: int,
        history_id: str,
        details: Upcoming,
        *,
        range_id: str | None = None,
    ) -> bool:
        self.meanwhile()
        return super().attach(unit, document, line, history_id, details, range_id=range_id)


def test_a_unit_that_another_station_attached_in_that_moment_is_told_with_its_document(
    shared: Engine,
) -> None:
    adding = Preferences(prompt_when_not_on_document=False)
    repository = Overtaken(shared, "dock-2")
    there = Seat(repository, name="dock-2", preferences=adding)
    with station(shared, "dock-1", preferences=adding) as here, at_work(there):
        here.command("open CM-1")
        there.command("open CM-2")
        repository.meanwhile = lambda: here.scan("B0001")
        there.scan("B0001")
    assert [(row.action, row.reason) for row in there.rows] == [("Skipped", "already on CM-1")]
    assert query(shared, "SELECT document FROM lines WHERE added") == [("CM-1",)]
    _each_attached_once(shared, ["B0001"])


def test_a_station_that_gives_its_connection_back_can_be_run_elsewhere_at_once(
    shared: Engine, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan_path, "CLAIM_TRIES", round(PATIENCE_S / scan_path.CLAIM_PAUSE_S))
    elsewhere = open_engine(postgres_url)
    first, second = SqlRepository(shared, "dock-1"), SqlRepository(elsewhere, "dock-1")
    first.open()
    first.close()
    second.open()
    second.close()
    elsewhere.dispose()


def test_a_server_that_hangs_does_not_hold_the_desk_for_ever(shared: Engine) -> None:
    repository = SqlRepository(shared, "dock-1")
    repository.open()
    limits = [repository._driver.execute(f"SHOW {name}_timeout").fetchone() for name in ("lock", "statement")]
    repository.close()
    assert limits == [("5s",), ("30s",)]
