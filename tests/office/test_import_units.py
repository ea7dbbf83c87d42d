"""D10: what a list of serial numbers may do to units, and what it tells about it."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from station.errors import UsageError
from station.history import OFFICE
from station.office.importer import import_directory
from station.repository.checking import findings
from tests.office.office import COMPANY, NOW, attach, contents, execute, import_files, query, write_files

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from station.office.result import FileResult, ImportSummary

UNITS = "SELECT serial_number, item, stock_area FROM serial_numbers ORDER BY 1, 2"
MOVES = (
    "SELECT number, event, serial_number, item, from_item, from_area, to_area, note FROM moves "
    f"WHERE station = '{OFFICE}' ORDER BY number"
)
LIST = "serial_number,item,stock_area\n"


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Engine:
    import_files(engine, tmp_path, COMPANY)
    return engine


KEPT = "stays where a station booked it: {}; if the list knows of that, say when it was made with --as-of"


def _book(engine: Engine, serial_number: str, to_area: str, at: datetime = NOW) -> None:
    """Move a unit as a Save at station dock-1 does."""
    attach(engine, "CM-2", 1, serial_number, "PROC")
    number = query(engine, "SELECT count(*) FROM moves WHERE station = 'dock-1'")[0][0] + 1
    moment = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    execute(
        engine,
        "INSERT INTO moves (station, number, at, document, event, serial_number, item, from_area, to_area) "
        f"SELECT 'dock-1', {number}, '{moment}', 'CM-2', 'Booked', serial_number, item, stock_area, "
        f"'{to_area}' FROM serial_numbers WHERE serial_number = '{serial_number}' AND item = 'PROC'",
    )
    execute(
        engine,
        f"UPDATE serial_numbers SET stock_area = '{to_area}' "
        f"WHERE serial_number = '{serial_number}' AND item = 'PROC'",
    )


def _import(engine: Engine, base: Path, rows: str, made: datetime | None = None, **how: Any) -> ImportSummary:
    """Import a list of serial numbers whose file was written at `made`."""
    directory = write_files(base / "list", {"serial_numbers": rows})
    if made is not None:
        os.utime(directory / "serial_numbers.csv", (made.timestamp(), made.timestamp()))
    return import_directory(engine, directory, NOW + timedelta(hours=1), **how)


def _units(summary: ImportSummary) -> FileResult:
    return summary.files["serial_numbers.csv"]


def test_a_list_made_before_a_booking_does_not_take_the_unit_back(office: Engine, tmp_path: Path) -> None:
    """What was seen, 2: yesterday's list put a unit back into the sold area, to be credited a second time."""
    _book(office, "SN1", "BACK")
    yesterday = NOW - timedelta(days=1)
    summary = _import(office, tmp_path, COMPANY["serial_numbers"], yesterday)
    assert ("SN1", "PROC", "BACK") in query(office, UNITS)
    assert _units(summary).counts == {"new": 0, "changed": 0, "unchanged": 2, "kept": 1, "conflict": 0}
    assert _units(summary).first["kept"] == "SN1 PROC"
    assert summary.remarks == (KEPT.format("SN1"),)
    assert query(office, MOVES) == []


def test_a_copy_of_that_list_with_a_new_time_does_not_take_it_back_either(
    office: Engine, tmp_path: Path
) -> None:
    _book(office, "SN1", "BACK")
    summary = _import(office, tmp_path, COMPANY["serial_numbers"], NOW + timedelta(hours=1))
    assert ("SN1", "PROC", "BACK") in query(office, UNITS)
    assert _units(summary).counts["kept"] == 1
    assert summary.remarks == (KEPT.format("SN1"),)


def test_a_new_list_moves_a_unit_on_from_where_it_was_booked(office: Engine, tmp_path: Path) -> None:
    _book(office, "SN1", "BACK")
    summary = _import(office, tmp_path, LIST + "SN1,PROC,STOCK\n", NOW + timedelta(hours=1))
    assert ("SN1", "PROC", "STOCK") in query(office, UNITS)
    assert _units(summary).counts["changed"] == 1


@pytest.mark.parametrize("offset", [timedelta(0), timedelta(hours=1)])
def test_as_of_counts_instead_of_the_files_time(office: Engine, tmp_path: Path, offset: timedelta) -> None:
    _book(office, "SN1", "BACK", NOW + offset)
    summary = _import(office, tmp_path, LIST + "SN1,PROC,SOLD\n", NOW + timedelta(hours=2), as_of=NOW)
    assert _units(summary).counts["kept"] == 1


def test_a_list_made_after_a_booking_moves_the_unit_and_says_so(office: Engine, tmp_path: Path) -> None:
    _book(office, "SN1", "BACK")
    summary = _import(office, tmp_path, LIST + "SN1,PROC,SOLD\n", as_of=NOW + timedelta(minutes=1))
    assert ("SN1", "PROC", "SOLD") in query(office, UNITS)
    assert query(office, MOVES) == [(1, "Imported", "SN1", "PROC", None, "BACK", "SOLD", None)]
    assert summary.remarks == (
        "goes back to where it was before a station booked it: SN1; is the list older? see --as-of",
    )


def test_a_time_in_the_future_is_refused(office: Engine, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"2027-01-01T00:00:00.000Z is in the future"):
        _import(office, tmp_path, COMPANY["serial_numbers"], as_of=datetime(2027, 1, 1, tzinfo=UTC))


def test_a_unit_on_an_open_document_keeps_item_and_area(office: Engine, tmp_path: Path) -> None:
    """What was seen, 9: an import moved an attached unit without a word."""
    attach(office, "CM-1", 1, "SN2", "PROC")
    attach(office, "CM-1", 1, "SN1", "PROC")
    rows = "serial_number,item,stock_area,customer,retired\nSN2,MEM,STOCK,Acme,no\nSN1,PROC,SOLD,,yes\n"
    summary = _import(office, tmp_path, rows)
    assert query(office, UNITS) == [
        ("SN1", "MEM", "STOCK"),
        ("SN1", "PROC", "SOLD"),
        ("SN2", "PROC", "SOLD"),
    ]
    assert _units(summary).counts == {"new": 0, "changed": 0, "unchanged": 0, "kept": 0, "conflict": 2}
    assert summary.remarks == ("keeps item and area, being on an open document: SN2 and 1 more",)
    assert query(office, MOVES) == [
        (1, "Imported", "SN2", "PROC", None, "SOLD", "SOLD", "customer none -> Acme")
    ]
    assert query(office, "SELECT count(*) FROM serial_numbers WHERE retired") == [(0,)]


def test_a_unit_that_is_booked_on_a_backorder_is_not_held(office: Engine, tmp_path: Path) -> None:
    attach(office, "CM-1", 1, "SN2", "PROC")
    execute(office, "UPDATE documents SET status = 'backorder' WHERE number = 'CM-1'")
    execute(office, "UPDATE attachments SET receipt = 1")
    summary = _import(office, tmp_path, LIST + "SN2,PROC,STOCK\n")
    assert _units(summary).counts["changed"] == 1


def test_a_wrong_item_is_corrected_in_place(office: Engine, tmp_path: Path) -> None:
    """What was seen, 10: the correction made a second unit, and each scan of it asked a choice for ever."""
    summary = _import(office, tmp_path, LIST + "SN2,MEM,SOLD\n")
    assert query(office, "SELECT item, stock_area FROM serial_numbers WHERE serial_number = 'SN2'") == [
        ("MEM", "SOLD")
    ]
    assert _units(summary).counts["changed"] == 1
    assert summary.remarks == ("has another item now: SN2",)
    assert query(office, MOVES) == [(1, "Imported", "SN2", "MEM", "PROC", "SOLD", "SOLD", None)]


def test_a_generated_number_follows_its_units_item(office: Engine, tmp_path: Path) -> None:
    attach(office, "CM-2", 1, "SN2", "PROC")
    execute(office, "INSERT INTO number_series (prefix, last) VALUES ('R', 1)")
    execute(
        office,
        "INSERT INTO generated_numbers (prefix, number, serial_number, item, history_id) "
        "VALUES ('R', 1, 'SN2', 'PROC', 'id-1')",
    )
    _import(office, tmp_path, LIST + "SN2,MEM,SOLD\n")
    assert query(office, "SELECT serial_number, item FROM generated_numbers") == [("SN2", "MEM")]
    assert list(findings(office)) == []


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (LIST + "SN2,MEM,SOLD\nSN2,PROC,SOLD\n", "the file has both"),
        (
            "serial_number,item,stock_area,mfr_serial_number\nSN3,MEM,SOLD,M9\n",
            "another manufacturer's number",
        ),
        (LIST + "SN1,CABLE,SOLD\n", "several units have the number"),
    ],
)
def test_another_unit_of_the_same_number_is_new(office: Engine, tmp_path: Path, rows: str, why: str) -> None:
    _import(office, tmp_path, "serial_number,item,stock_area,mfr_serial_number\nSN3,PROC,SOLD,M8\n")
    summary = _import(office, tmp_path, rows)
    assert _units(summary).counts["new"] == 1, why
    assert query(office, "SELECT count(*) FROM serial_numbers") == [(5,)]


def test_a_correction_after_the_booking_does_not_make_the_list_newer(office: Engine, tmp_path: Path) -> None:
    _book(office, "SN2", "BACK")
    _import(office, tmp_path, "serial_number,item\nSN2,MEM\n", NOW - timedelta(days=1))
    summary = _import(office, tmp_path, LIST + "SN2,MEM,SOLD\n", NOW - timedelta(days=1))
    assert _units(summary).counts["kept"] == 1
    assert ("SN2", "MEM", "BACK") in query(office, UNITS)


def test_what_a_list_leaves_out_stays(office: Engine, tmp_path: Path) -> None:
    rows = "serial_number,customer,returnable_until\nSN2,Acme,2026-12-31\n"
    summary = _import(office, tmp_path, rows)
    assert contents(office)["serial_numbers"][2] == (
        *("SN2", "PROC", "SOLD", None, "Acme", "2026-12-31", False),
    )
    assert _units(summary).counts["changed"] == 1
    assert query(office, MOVES)[0][7] == "customer none -> Acme; returnable until none -> 2026-12-31"
    again = _import(office, tmp_path, rows)
    assert _units(again).counts == {"new": 0, "changed": 0, "unchanged": 1, "kept": 0, "conflict": 0}
    _import(office, tmp_path, "serial_number,item,stock_area,customer,returnable_until\nSN2,PROC,,,\n")
    assert contents(office)["serial_numbers"][2] == ("SN2", "PROC", "SOLD", None, "", None, False)
    assert query(office, MOVES)[1][7] == "customer Acme -> none; returnable until 2026-12-31 -> none"


def test_a_unit_is_retired_and_taken_back_into_use(office: Engine, tmp_path: Path) -> None:
    _import(office, tmp_path, "serial_number,retired\nSN2,yes\n")
    assert query(office, "SELECT serial_number FROM serial_numbers WHERE retired") == [("SN2",)]
    _import(office, tmp_path, "serial_number,retired\nSN2,no\n")
    assert [(row[1], row[7]) for row in query(office, MOVES)] == [
        ("Retired", None),
        ("Imported", "in use again"),
    ]
    assert query(office, "SELECT count(*) FROM serial_numbers WHERE retired") == [(0,)]


def test_a_document_that_ends_in_the_same_import_frees_its_units(office: Engine, tmp_path: Path) -> None:
    attach(office, "CM-1", 1, "SN2", "PROC")
    files = {
        "documents": "number,kind,location,status\nCM-1,credit_memo,MAIN,saved\n",
        "serial_numbers": LIST + "SN2,PROC,BACK\n",
    }
    assert _units(import_files(office, tmp_path, files)).counts["changed"] == 1


def test_a_dry_run_tells_the_same_and_stores_nothing(office: Engine, tmp_path: Path) -> None:
    attach(office, "CM-1", 1, "SN2", "PROC")
    changes = {
        "items": "code,description,tracking\nPROC,Chip,serialized\nDISK,Disk,serialized\n",
        "serial_numbers": LIST + "SN1,PROC,BACK\nSN9,DISK,SOLD\nSN2,PROC,BACK\n",
        "documents": "number,kind,location,status\nCO-1,credit_order,SHOP,saved\nCM-9,credit_memo,MAIN,\n",
        "lines": "document,item,requested\nCM-9,DISK,2\nCM-1,PROC,2\nCM-1,MEM,7\n",
        "expected": "document,item,serial_number\nCM-9,DISK,SN9\n",
        "reasons": "code,text\nDOA,Dead on arrival\n",
        "conditions": "code,text,stock_area\nSCRAP,To be scrapped,BACK\n",
    }
    before = contents(office)
    directory = write_files(tmp_path / "changes", changes)
    rehearsed = import_directory(office, directory, NOW, dry_run=True)
    assert contents(office) == before
    summary = import_directory(office, directory, NOW)
    assert summary == rehearsed
    shown = {name: [result.shown(kind) for kind in result.counts] for name, result in summary.files.items()}
    assert shown == {
        "reasons.csv": ["1 (DOA)", "0", "0"],
        "conditions.csv": ["1 (SCRAP)", "0", "0"],
        "items.csv": ["1 (DISK)", "1 (PROC)", "0"],
        "serial_numbers.csv": ["1 (SN1 PROC)", "0", "1 (SN2 PROC)", "1 (SN9 DISK)", "0"],
        "documents.csv": ["1 (CM-9)", "1 (CO-1)", "0"],
        "lines.csv": ["1 (CM-9 DISK)", "1 (CM-1 MEM)", "1 (CM-1 PROC)"],
        "expected.csv": ["1 (CM-9 DISK SN9)", "0", "0"],
    }
    stored = contents(office)
    assert stored["reasons"] == [("DOA", "Dead on arrival")]
    assert stored["conditions"] == [("SCRAP", "To be scrapped", "BACK")]
    assert stored["expected_units"] == [("CM-9", "DISK", "SN9")]
