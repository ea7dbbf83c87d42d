"""Generated serial numbers (M5) with several stations and with failures."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert

from station.errors import ConflictError
from station.repository import tables
from station.repository.database import transaction
from station.repository.scan_path import SqlRepository
from station.rules.model import AreaType, Tracking, Unit
from station.source import stamp
from station.worker.entries import Commanded
from tests.running import PATIENCE_S
from tests.stations import (
    assert_all_is_well,
    at_work,
    attached,
    execute,
    query,
    seat,
    station,
    together,
)

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from tests.stations import Seat

GIVEN = "SELECT prefix, number, serial_number, item FROM generated_numbers ORDER BY 1, 2"


def _burst(here: Seat, document: str, times: int) -> None:
    with at_work(here):
        here.post(document, *["$$GENERATE A"] * times)


def test_stations_that_generate_at_once_never_assign_the_same_number(company: Engine) -> None:
    seats = [seat(company, f"dock-{number}") for number in (1, 2, 3)]
    together(*(partial(_burst, here, f"CM-{number}", 10) for number, here in enumerate(seats, start=1)))
    assert [action for here in seats for action, _ in here.told] == ["Assigned"] * 30
    numbers = [f"MAIN-{number:06}" for number in range(1, 31)]
    assert sorted(number for _, number in attached(company)) == numbers
    assert [row[2] for row in query(company, GIVEN)] == numbers
    assert_all_is_well(company)


def test_a_rollback_creates_no_unit_and_its_number_is_assigned_once(company: Engine) -> None:
    here = seat(company)
    here.repository.open()
    here.repository.begin()
    here.handler.handle(Commanded(stamp("open CM-1", "left")))
    here.repository.commit()
    for is_kept in (False, True):
        here.repository.begin()
        here.handler.handle(Commanded(stamp("generate A", "left")))
        here.repository.commit() if is_kept else here.repository.roll_back()
    here.repository.close()
    assert query(company, GIVEN) == [("MAIN-", 1, "MAIN-000001", "A")]
    assert attached(company) == [("CM-1", "MAIN-000001")]
    assert_all_is_well(company)


def test_a_number_of_a_prefix_is_never_stored_twice(company: Engine) -> None:
    repository = SqlRepository(company, "dock-1")
    repository.open()
    repository.begin()
    assert repository.last_number("N") == 0
    unit = Unit("N1", None, "A", "", Tracking.SERIALIZED, "SOLD", AreaType.OUT, "MAIN", None)
    repository.add_generated(unit, "N", 1, "row")
    with pytest.raises(ConflictError):
        _add_again(repository, unit)
    repository.roll_back()
    repository.close()


def _add_again(repository: SqlRepository, unit: Unit) -> None:
    with repository.savepoint():
        repository.add_generated(unit, "N", 1, "row")


def test_a_number_that_an_import_uses_at_the_same_moment_is_skipped(shared: Engine) -> None:
    with station(shared) as here:
        here.command("open CM-1")
        with transaction(shared) as importing:
            values = {"serial_number": "MAIN-000001", "item": "A", "stock_area": "STOCK"}
            importing.execute(insert(tables.serial_numbers), values)
            (waiting,) = here.post("$$GENERATE A")
            # It waits, because the import's unit is not committed.
            thread = threading.Thread(target=waiting.outcome, daemon=True)
            thread.start()
            thread.join(0.5)
        thread.join(PATIENCE_S)
    assert attached(shared) == [("CM-1", "MAIN-000002")]
    assert_all_is_well(shared)


def test_generating_waits_for_another_station_that_is_generating(shared: Engine) -> None:
    first, second = SqlRepository(shared, "dock-1"), SqlRepository(shared, "dock-2")
    seen: list[int] = []
    execute(shared, "INSERT INTO number_series (prefix, last) VALUES ('N', 6)")
    for repository in (first, second):
        repository.open()
        repository.begin()
    number = first.last_number("N") + 1
    thread = threading.Thread(target=lambda: seen.append(second.last_number("N")), daemon=True)
    thread.start()
    thread.join(0.5)
    assert seen == []
    unit = Unit("N7", None, "A", "", Tracking.SERIALIZED, "SOLD", AreaType.OUT, "MAIN", None)
    first.add_generated(unit, "N", number, "row")
    first.execute_plain(
        "INSERT INTO history (station, number, id, at, action, scanner, text)"
        " VALUES ('dock-1', 1, 'row', '2026', 'Added', 'left', 'N7')"
    )
    first.commit()
    thread.join(PATIENCE_S)
    assert seen == [7]
    second.roll_back()
    for repository in (first, second):
        repository.close()


def test_a_save_books_a_generated_unit_into_the_area_for_returned_goods(company: Engine) -> None:
    with station(company) as here:
        here.command("open CM-1")
        here.scan("$$GENERATE A")
        here.command("save")
    assert query(
        company, "SELECT serial_number, stock_area FROM serial_numbers WHERE stock_area = 'BACK'"
    ) == [("MAIN-000001", "BACK")]
    assert query(company, "SELECT event, from_area, to_area FROM moves") == [("Booked", "SOLD", "BACK")]
    assert_all_is_well(company)


def test_a_lost_count_continues_after_the_numbers_in_use(company: Engine) -> None:
    with station(company) as here:
        here.command("open CM-1")
        here.scan("$$GENERATE A")
        here.scan("$$GENERATE A")
        execute(company, "DELETE FROM generated_numbers", "DELETE FROM number_series")
        here.scan("$$GENERATE A")
    assert [number for _, number in attached(company)] == [f"MAIN-00000{number}" for number in (1, 2, 3)]


def test_a_whole_series_in_use_is_skipped_page_by_page(company: Engine) -> None:
    with transaction(company) as connection:
        connection.execute(
            insert(tables.serial_numbers),
            [
                {"serial_number": f"MAIN-{number:06}", "item": "A", "stock_area": "SOLD"}
                for number in range(1, 30_001)
            ],
        )
    with station(company) as here:
        here.command("open CM-1")
        here.scan("$$GENERATE B")
        here.command("yes")
    assert attached(company) == [("CM-1", "MAIN-030001")]
