from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from station.errors import StationError
from station.office.exporter import export_document
from tests.office.office import COMPANY, attach, execute, import_files

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


def test_a_document_is_exported_as_json_with_its_lines_and_serial_numbers(office: Engine) -> None:
    document = json.loads(export_document(office, "CM-1").to_json())
    lines = document.pop("lines")
    assert document == {
        "number": "CM-1",
        "kind": "credit_memo",
        "customer": "Bergholt",
        "location": "MAIN",
        "status": "open",
    }
    assert [(line["number"], line["requested"], line["credited"]) for line in lines] == [
        (1, 2, 2),
        (2, 1, 0),
        (3, 3, 0),
        (4, 0, -1),
    ]
    assert lines[0]["serial_numbers"] == [
        {"serial_number": "SN1", "mfr_serial_number": "M1", "stock_area": "SOLD", "history_id": "id-2"},
        {"serial_number": "SN2", "mfr_serial_number": None, "stock_area": "SOLD", "history_id": "id-1"},
    ]
    assert lines[3] == {
        "number": 4,
        "item": "MEM",
        "description": "Memory",
        "requested": 0,
        "credited": -1,
        "negative": True,
        "added": True,
        "serial_numbers": [
            {"serial_number": "SN1", "mfr_serial_number": "M1", "stock_area": "STOCK", "history_id": "id-3"},
        ],
    }


def test_a_document_is_exported_as_csv_with_a_row_per_serial_number(office: Engine) -> None:
    assert export_document(office, "CM-1").to_csv().splitlines() == [
        (
            "document,kind,customer,location,status,line,item,requested,credited,negative,"
            "serial_number,mfr_serial_number,stock_area"
        ),
        "CM-1,credit_memo,Bergholt,MAIN,open,1,PROC,2,2,no,SN1,M1,SOLD",
        "CM-1,credit_memo,Bergholt,MAIN,open,1,PROC,2,2,no,SN2,,SOLD",
        "CM-1,credit_memo,Bergholt,MAIN,open,2,MEM,1,0,no,,,",
        "CM-1,credit_memo,Bergholt,MAIN,open,3,PROC,3,0,no,,,",
        "CM-1,credit_memo,Bergholt,MAIN,open,4,MEM,0,-1,yes,SN1,M1,STOCK",
    ]


def test_a_document_without_lines_is_only_its_head(office: Engine) -> None:
    document = export_document(office, "CO-1")
    assert document.lines == ()
    assert len(document.to_csv().splitlines()) == 1


def test_an_unknown_document_is_named(office: Engine) -> None:
    with pytest.raises(StationError, match=r'^document "cm-1" is unknown; scanstation memo list shows'):
        export_document(office, "cm-1")
