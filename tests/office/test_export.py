from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from station.errors import StationError
from station.office.exporter import export_document
from tests.office.office import COMPANY, attach, execute, import_files
from tests.stations import execute as execute_all

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Engine:
    """CM-1 with two units returned and one taken away."""
    import_files(engine, tmp_path, COMPANY)
    execute(
        engine,
        "INSERT INTO lines (document, number, item, requested, negative, added) "
        "VALUES ('CM-1', 4, 'MEM', 0, true, true)",
    )
    attach(engine, "CM-1", 1, "SN2", "PROC")
    attach(engine, "CM-1", 1, "SN1", "PROC")
    attach(engine, "CM-1", 4, "SN1", "MEM")
    return engine


def unit(serial_number: str, mfr: str | None, area: str, history_id: str, **details: Any) -> dict[str, Any]:
    return {
        "serial_number": serial_number,
        "mfr_serial_number": mfr,
        "stock_area": area,
        "history_id": history_id,
        "receipt": None,
        "reason_code": None,
        "condition": None,
    } | details


def test_a_document_is_exported_as_json_with_its_lines_and_serial_numbers(office: Engine) -> None:
    document = json.loads(export_document(office, "CM-1").to_json())
    lines = document.pop("lines")
    assert document == {
        "number": "CM-1",
        "kind": "credit_memo",
        "customer": "Bergholt",
        "location": "MAIN",
        "status": "open",
        "reference": "",
        "unannounced": False,
        "receipts": [],
    }
    assert [(line["number"], line["requested"], line["credited"]) for line in lines] == [
        (1, 2, 2),
        (2, 1, 0),
        (3, 3, 0),
        (4, 0, -1),
    ]
    assert lines[0]["serial_numbers"] == [
        unit("SN1", "M1", "SOLD", "id-2"),
        unit("SN2", None, "SOLD", "id-1"),
    ]
    assert lines[3] == {
        "number": 4,
        "item": "MEM",
        "description": "Memory",
        "requested": 0,
        "credited": -1,
        "negative": True,
        "added": True,
        "serial_numbers": [unit("SN1", "M1", "STOCK", "id-3")],
        "counted": 0,
        "counts": [],
        "reference": "",
        "expected": [],
    }


def test_r14_a_line_names_the_units_it_expects(office: Engine) -> None:
    execute(
        office,
        "INSERT INTO expected_units (document, item, serial_number) "
        "SELECT 'CM-1', item, 'X2' FROM lines WHERE document = 'CM-1' AND number = 1",
    )
    document = json.loads(export_document(office, "CM-1").to_json())
    assert [line["expected"] for line in document["lines"]] == [["X2"], [], ["X2"], []]


def test_a_document_is_exported_as_csv_with_a_row_per_serial_number(office: Engine) -> None:
    assert export_document(office, "CM-1").to_csv().splitlines() == [
        (
            "document,kind,customer,location,status,line,item,requested,credited,negative,"
            "serial_number,mfr_serial_number,stock_area,"
            "reference,unannounced,line_reference,quantity,receipt,reason_code,condition"
        ),
        "CM-1,credit_memo,Bergholt,MAIN,open,1,PROC,2,2,no,SN1,M1,SOLD,,no,,1,,,",
        "CM-1,credit_memo,Bergholt,MAIN,open,1,PROC,2,2,no,SN2,,SOLD,,no,,1,,,",
        "CM-1,credit_memo,Bergholt,MAIN,open,2,MEM,1,0,no,,,,,no,,0,,,",
        "CM-1,credit_memo,Bergholt,MAIN,open,3,PROC,3,0,no,,,,,no,,0,,,",
        "CM-1,credit_memo,Bergholt,MAIN,open,4,MEM,0,-1,yes,SN1,M1,STOCK,,no,,1,,,",
    ]


@pytest.fixture
def booked(office: Engine) -> Engine:
    """A backorder: SN1 and three MEM, counted, are on receipt 2; receipt 1 is undone."""
    execute_all(
        office,
        "UPDATE documents SET status = 'backorder', reference = 'RMA-7' WHERE number = 'CM-1'",
        "UPDATE lines SET reference = 'ERP-10' WHERE document = 'CM-1' AND number = 1",
        "UPDATE attachments SET receipt = 2, reason_code = 'R1', condition = 'C1' "
        "WHERE serial_number = 'SN1' AND item = 'PROC'",
        "INSERT INTO receipts (document, number, at, station, session, operator, final, reopened_at) "
        "VALUES "
        "('CM-1', 1, '2026-11-23T05:00:00.000Z', 'dock', 1, 'E1', true, '2026-11-23T06:00:00.000Z'), "
        "('CM-1', 2, '2026-11-23T07:00:00.000Z', 'dock', 2, NULL, false, NULL)",
        "INSERT INTO counts (document, line, item, history_id, quantity, stated, receipt, condition) "
        "SELECT 'CM-1', 3, item, 'id-1', 3, true, 2, 'C1' FROM lines WHERE document = 'CM-1' AND number = 3",
    )
    return office


def test_d7_receipts_are_exported_with_what_they_booked(booked: Engine) -> None:
    document = json.loads(export_document(booked, "CM-1").to_json())
    item = document["lines"][2]["item"]
    assert (document["reference"], document["lines"][0]["reference"]) == ("RMA-7", "ERP-10")
    assert document["receipts"] == [
        {
            "number": 1,
            "at": "2026-11-23T05:00:00.000Z",
            "station": "dock",
            "operator": "E1",
            "final": True,
            "reopened_at": "2026-11-23T06:00:00.000Z",
            "serial_numbers": [],
            "counted": [],
        },
        {
            "number": 2,
            "at": "2026-11-23T07:00:00.000Z",
            "station": "dock",
            "operator": None,
            "final": False,
            "reopened_at": None,
            "serial_numbers": ["SN1"],
            "counted": [{"item": item, "quantity": 3}],
        },
    ]
    assert document["lines"][0]["serial_numbers"][0] == unit(
        "SN1", "M1", "SOLD", "id-2", receipt=2, reason_code="R1", condition="C1"
    )
    assert (document["lines"][2]["credited"], document["lines"][2]["counted"]) == (3, 3)
    assert document["lines"][2]["counts"] == [
        {"quantity": 3, "history_id": "id-1", "receipt": 2, "reason_code": None, "condition": "C1"}
    ]


def test_m6_what_was_counted_has_a_row_of_its_own_in_csv(booked: Engine) -> None:
    rows = export_document(booked, "CM-1").to_csv().splitlines()
    assert rows[1] == (
        "CM-1,credit_memo,Bergholt,MAIN,backorder,1,PROC,2,2,no,SN1,M1,SOLD,RMA-7,no,ERP-10,1,2,R1,C1"
    )
    assert rows[4].endswith(",3,3,no,,,,RMA-7,no,,3,2,,C1")


def test_a_document_without_lines_is_only_its_head(office: Engine) -> None:
    document = export_document(office, "CO-1")
    assert document.lines == ()
    assert len(document.to_csv().splitlines()) == 1


def test_an_unknown_document_is_named(office: Engine) -> None:
    with pytest.raises(StationError, match=r'^document "cm-1" is unknown; scanstation memo list shows'):
        export_document(office, "cm-1")
