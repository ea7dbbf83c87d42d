"""What a returns dock asks of each unit and each document, through the installed command."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from station.outputs.display.client import StationLink
from tests.running import Workplace

if TYPE_CHECKING:
    from collections.abc import Mapping

YESTERDAY = 1_767_225_600
ALL_ALLOWED = Path(__file__).parent / "all_allowed"
"""A company and a morning of before the station asked whose a unit is, and what is missing."""

ALLOW = """[preferences]
negative = "allow"
other_customer = "allow"
late_return = "allow"
unexpected = "allow"
save_incomplete = "allow"
switch_document = "allow"
reason = "off"
condition = "off"
count_items = false
signed_commands = false
"""

COMPANY = {
    "locations": "code,name,default,returned_area,sold_area\nMAIN,Main,yes,BACK,SOLD\n",
    "stock_areas": (
        "code,name,type,location\nSTOCK,Stock,stock,MAIN\nBACK,Returned,stock,MAIN\nSOLD,Sold,out,MAIN\n"
    ),
    "items": "code,tracking\nDISK,serialized\nCASE,serialized\nCABLE,none\n",
    "serial_numbers": (
        "serial_number,item,stock_area,customer\n"
        + "".join(f"SD{number},DISK,SOLD,Acme\n" for number in range(100011, 100017) if number != 100014)
        + "".join(f"D{number},DISK,SOLD,\n" for number in range(1, 5))
        + "B1,DISK,SOLD,Birch\nC1,CASE,SOLD,\n"
    ),
    "documents": (
        "number,kind,customer,location\nCM-1,credit_memo,Acme,MAIN\nCM-2,credit_memo,Birch,MAIN\n"
        "CM-3,credit_memo,,MAIN\n"
    ),
    "lines": "document,item,requested\nCM-1,DISK,3\nCM-2,DISK,3\nCM-3,CABLE,2\n",
    "operators": "code,name\nE1,Ines\nBOSS,The boss\n",
}


@pytest.fixture
def dock(tmp_path: Path) -> Workplace:
    """A workplace with a company of six disks from SD100011 to SD100016, of which one is unknown."""
    place = Workplace(tmp_path)
    place.configure()
    _import(place, COMPANY)
    return place


def _import(
    place: Workplace, files: Mapping[str, str], *options: str, written: int | None = None
) -> list[dict[str, Any]]:
    """Import files; `written`: when, in seconds of the epoch, None: now."""
    return place.run("import", _files(place, files, written), "--json", *options).rows


def _files(place: Workplace, files: Mapping[str, str], written: int | None = None) -> Path:
    directory = place.directory / "files"
    directory.mkdir(exist_ok=True)
    for each in directory.iterdir():
        each.unlink()
    for name, text in files.items():
        path = directory / f"{name}.csv"
        path.write_text(text)
        if written is not None:
            os.utime(path, (written, written))
    return directory


def _scan(place: Workplace, *scans: str, answer: str = "no", document: str = "") -> list[dict[str, Any]]:
    opens = ("--document", document) if document else ()
    return place.run("replay", *opens, "--answer", answer, place.recording(scans)).rows


def _outcomes(rows: list[dict[str, Any]]) -> list[tuple[str, str | None]]:
    return [(row["action"], row["reason"] or row["note"]) for row in rows]


def _area(place: Workplace, serial: str) -> str:
    (unit,) = place.run("unit", "show", serial, "--json").rows
    return str(unit["stock_area"])


def test_the_first_morning_gives_the_very_same_rows_when_everything_is_allowed(workplace: Workplace) -> None:
    workplace.configure(ALLOW)
    workplace.run("import", ALL_ALLOWED / "company")
    workplace.run(
        "replay", ALL_ALLOWED / "morning.rec.jsonl", "--expect", ALL_ALLOWED / "morning.expected.jsonl"
    )


def test_1_a_unit_that_came_back_is_not_booked_out_to_another_customer_by_one_scan(dock: Workplace) -> None:
    _scan(dock, "D1", "$$SAVE", document="CM-1", answer="yes")
    assert _area(dock, "D1") == "BACK"
    assert _outcomes(_scan(dock, "D1", document="CM-2")) == [("Refused", "declined")]
    (row,) = _scan(dock, "D1", document="CM-2", answer="yes")
    assert (row["action"], row["note"]) == ("Negative", "came back on CM-1")


def test_2_yesterdays_list_does_not_credit_a_unit_twice(dock: Workplace) -> None:
    _scan(dock, "D1", "$$SAVE", document="CM-1", answer="yes")
    units = {"serial_numbers": COMPANY["serial_numbers"]}
    for (file,) in (
        _import(dock, units, "--as-of", "2026-01-01T00:00:00Z"),
        # Without a time, the list is as old as its file.
        _import(dock, units, written=YESTERDAY),
    ):
        assert (file["kept"], file["first"]["kept"]) == (1, "D1 DISK")
        assert _area(dock, "D1") == "BACK"
    assert _outcomes(_scan(dock, "D1", document="CM-2")) == [("Refused", "declined")]


def test_3_a_range_says_which_number_is_missing(dock: Workplace) -> None:
    with dock.daemon() as daemon, closing(StationLink(daemon.url)) as link:
        link.command("open CM-1")
        link.command("range")
        link.scan("SD100011")
        answer = link.scan("SD100016")
    assert [row.serial_number for row in answer.rows] == [
        f"SD{number}" for number in (100011, 100012, 100013, 100015, 100016)
    ]
    assert answer.messages[-1] == "5 of 6 retrieved; SD100014 is unknown"
    assert answer.tone == "attention"


def test_4_and_5_a_save_says_what_is_missing_and_too_many(dock: Workplace) -> None:
    _scan(dock, "D1", document="CM-1")
    refused = dock.run("memo", "save", code=1)
    assert "CM-1: 1 of 3 are here. Missing: 2 DISK" in refused.err
    _scan(dock, "D2", "D3", "D4", document="CM-1")
    assert "Too many: 1 DISK" in dock.run("memo", "save", code=1).err
    dock.run("memo", "save", "--yes")
    assert _area(dock, "D4") == "BACK"


def test_6_a_save_is_undone_by_the_office(dock: Workplace) -> None:
    _scan(dock, "D1", document="CM-1")
    # Not in the recording: its times run ahead, and history is in the order of times.
    dock.run("memo", "save", "--yes")
    dock.run("memo", "reopen", "CM-1")
    assert _area(dock, "D1") == "SOLD"
    document = dock.run("memo", "show", "CM-1", "--json").rows[0]
    assert document["status"] == "open"
    events = [row["action"] for row in dock.run("history", "--serial", "D1", "--json").rows]
    assert events == ["Assigned", "Booked", "Reopened"]


def test_7_a_unit_of_another_customer_asks(dock: Workplace) -> None:
    assert _outcomes(_scan(dock, "SD100011", document="CM-2")) == [("Refused", "declined")]
    (row,) = _scan(dock, "SD100011", document="CM-2", answer="yes")
    assert (row["action"], row["note"]) == ("Assigned", "other customer: Acme")


def test_8_goods_without_serial_numbers_are_counted(dock: Workplace) -> None:
    rows = _scan(dock, "CABLE", "$$QTY 2", document="CM-3")
    assert [(row["action"], row["item"], row["quantity"]) for row in rows] == [
        ("Counted", "CABLE", 1),
        ("Counted", "CABLE", 1),
    ]
    document = dock.run("memo", "show", "CM-3", "--json").rows[0]
    assert [line["credited"] for line in document["lines"]] == [2]


def test_9_an_import_changes_no_document_with_units_and_moves_no_attached_unit(dock: Workplace) -> None:
    _scan(dock, "D1", document="CM-1")
    changed = "number,kind,customer,location\nCM-1,credit_memo,Birch,MAIN\n"
    refused = dock.run("import", _files(dock, {"documents": changed}), code=1)
    assert "CM-1" in refused.err
    assert dock.run("memo", "show", "CM-1", "--json").rows[0]["customer"] == "Acme"
    moved = "serial_number,item,stock_area\nD1,DISK,STOCK\n"
    (file,) = _import(dock, {"serial_numbers": moved})
    assert (file["conflict"], file["first"]["conflict"]) == (1, "D1 DISK")
    assert _area(dock, "D1") == "SOLD"


def test_10_a_corrected_item_makes_no_second_unit(dock: Workplace) -> None:
    _import(dock, {"serial_numbers": "serial_number,item,stock_area\nC1,DISK,SOLD\n"})
    assert _outcomes(_scan(dock, "C1", document="CM-1")) == [("Assigned", None)]


def test_11_a_badge_is_signed_off(dock: Workplace) -> None:
    rows = _scan(dock, "$$BADGE E1", "D1", "$$SIGNOFF", "D2", document="CM-1")
    assert [row["operator"] for row in rows] == ["E1", None]
