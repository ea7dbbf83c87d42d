"""Mistakes that only several rows together show; none of them may leave a trace."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from station.errors import ImportFailedError
from tests.office.office import COMPANY, contents, import_files

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

MISTAKES = [
    (
        {"operators": "code,name\nE1,A\nE2,B\nE1,C\n"},
        'operators.csv: line 4, column code: value "E1": is already in line 2; remove one of the two',
    ),
    (
        {"locations": "code,name\nX,A\nX,B\n"},
        'locations.csv: line 3, column code: value "X": is already in line 2; remove one of the two',
    ),
    (
        {"stock_areas": "code,name,type,location\nX,A,out,MAIN\nX,A,out,MAIN\n"},
        'stock_areas.csv: line 3, column code: value "X": is already in line 2; remove one of the two',
    ),
    (
        {"items": "code,tracking\nX,none\nY,none\nX,none\n"},
        'items.csv: line 4, column code: value "X": is already in line 2; remove one of the two',
    ),
    (
        {"items": "code,gtin,tracking\nX,96385074,none\nY,00000096385074,none\n"},
        'items.csv: line 3, column gtin: value "00000096385074": is already in line 2; remove one of the two',
    ),
    (
        {"items": "code,gtin,tracking\nX,9521000001015,none\n"},
        (
            'items.csv: line 2, column gtin: value "09521000001015": is already the GTIN of item PROC; '
            "correct it, or change that item in the same file"
        ),
    ),
    (
        {"serial_numbers": "serial_number,item,stock_area\nS1,PROC,SOLD\nS1,MEM,SOLD\nS1,PROC,STOCK\n"},
        (
            'serial_numbers.csv: line 4, column serial_number: value "S1": '
            "is already in line 2 with item PROC; remove one of the two"
        ),
    ),
    (
        {"documents": "number,kind,location\nCM-9,credit_memo,MAIN\nCM-9,credit_memo,MAIN\n"},
        'documents.csv: line 3, column number: value "CM-9": is already in line 2; remove one of the two',
    ),
    (
        {"locations": "code,name,default\nX,A,yes\nY,B,no\nZ,C,yes\n"},
        (
            'locations.csv: line 4, column default: value "yes": '
            "line 2 already has yes, and only one location can be the default; write no"
        ),
    ),
    (
        {"stock_areas": "code,name,type,location\nX,A,out,NONE\n"},
        (
            'stock_areas.csv: line 2, column location: value "NONE": '
            "there is no such location; correct it, or add it to locations.csv"
        ),
    ),
    (
        {"locations": "code,name,returned_area\nX,A,\nY,B,NONE\n"},
        (
            'locations.csv: line 3, column returned_area: value "NONE": '
            "there is no such stock area; correct it, or add it to stock_areas.csv"
        ),
    ),
    (
        {"locations": "code,name,sold_area\nY,B,NONE\n"},
        (
            'locations.csv: line 2, column sold_area: value "NONE": '
            "there is no such stock area; correct it, or add it to stock_areas.csv"
        ),
    ),
    (
        {"locations": "code,name,credit_order_area\nY,B,NONE\n"},
        (
            'locations.csv: line 2, column credit_order_area: value "NONE": '
            "there is no such stock area; correct it, or add it to stock_areas.csv"
        ),
    ),
    (
        {"serial_numbers": "serial_number,item,stock_area\nS1,PROC,SOLD\nS2,NONE,SOLD\n"},
        (
            'serial_numbers.csv: line 3, column item: value "NONE": '
            "there is no such item; correct it, or add it to items.csv"
        ),
    ),
    (
        {"serial_numbers": "serial_number,item,stock_area\nS1,PROC,sold\n"},
        (
            'serial_numbers.csv: line 2, column stock_area: value "sold": '
            "there is no such stock area; correct it, or add it to stock_areas.csv"
        ),
    ),
    (
        {"documents": "number,kind,location\nCM-9,credit_memo,NONE\n"},
        (
            'documents.csv: line 2, column location: value "NONE": '
            "there is no such location; correct it, or add it to locations.csv"
        ),
    ),
    (
        {"lines": "document,item\nCM-9,PROC\n"},
        (
            'lines.csv: line 2, column document: value "CM-9": '
            "there is no such document; correct it, or add it to documents.csv"
        ),
    ),
    (
        {"lines": "document,item\nCM-1,NONE\n"},
        (
            'lines.csv: line 2, column item: value "NONE": '
            "there is no such item; correct it, or add it to items.csv"
        ),
    ),
    (
        {"locations": "code,name,returned_area\nSHOP,Shop,SOLD\n"},
        (
            'locations.csv: line 2, column returned_area: value "SOLD": '
            "the stock area is of type out, but a returned_area must be of type stock; name another"
        ),
    ),
    (
        {"locations": "code,name,sold_area\nSHOP,Shop,STOCK\n"},
        (
            'locations.csv: line 2, column sold_area: value "STOCK": '
            "the stock area is of type stock, but a sold_area must be of type out; name another"
        ),
    ),
    (
        {
            "locations": "code,name,credit_order_area\nSHOP,Shop,NEW\n",
            "stock_areas": "code,name,type,location\nNEW,A,stock,SHOP\n",
        },
        (
            'locations.csv: line 2, column credit_order_area: value "NEW": '
            "the stock area is of type stock, but a credit_order_area must be of type out; name another"
        ),
    ),
    (
        {"stock_areas": "code,name,type,location\nSTOCK,A,stock,MAIN\nBACK,A,out,MAIN\n"},
        (
            'stock_areas.csv: line 3, column type: value "out": '
            "the stock area is the returned_area of location MAIN, so it must be of type stock; "
            "name another area there first"
        ),
    ),
    (
        {
            "locations": "code,name\nMAIN,Main\n",
            "stock_areas": "code,name,type,location\nSOLD,A,stock,MAIN\n",
        },
        (
            'stock_areas.csv: line 2, column type: value "stock": '
            "the stock area is the sold_area of location MAIN, so it must be of type out; "
            "name another area there first"
        ),
    ),
    (
        {"documents": "number,kind,location,status\nCM-2,credit_memo,MAIN,open\n"},
        (
            'documents.csv: line 2, column status: value "open": '
            "CM-2 is saved, which is final; write saved or leave the cell empty"
        ),
    ),
    (
        {"documents": "number,kind,location,status\nCM-2,credit_memo,MAIN,cancelled\n"},
        (
            'documents.csv: line 2, column status: value "cancelled": '
            "CM-2 is saved, which is final; write saved or leave the cell empty"
        ),
    ),
    (
        {"documents": "number,kind,location,status\nCM-3,credit_memo,MAIN,open\n"},
        (
            'documents.csv: line 2, column status: value "open": '
            "CM-3 is cancelled, which is final; write cancelled or leave the cell empty"
        ),
    ),
    (
        {"documents": "number,kind,location,status\nCM-3,credit_memo,MAIN,saved\n"},
        (
            'documents.csv: line 2, column status: value "saved": '
            "CM-3 is cancelled, which is final; write cancelled or leave the cell empty"
        ),
    ),
    (
        {"lines": "document,item,requested\nCM-1,PROC,9\nCM-2,PROC,2\n"},
        (
            'lines.csv: line 3, column document: value "CM-2": '
            "the document is saved, so its lines can't change; remove the row"
        ),
    ),
    (
        {"lines": "document,item,requested\nCM-3,PROC,1\n"},
        (
            'lines.csv: line 2, column document: value "CM-3": '
            "the document is cancelled, so its lines can't change; remove the row"
        ),
    ),
]

_ADD = "correct it, or add it to"
MISTAKES += [
    (
        {"serial_numbers": "serial_number\nSN1\n"},
        'serial_numbers.csv: line 2, column item: value "": SN1 is a unit of MEM and of PROC; fill in which',
    ),
    (
        {"serial_numbers": "serial_number,stock_area\nSN9,SOLD\n"},
        (
            'serial_numbers.csv: line 2, column item: value "": '
            "SN9 is a new unit, which needs an item; fill it in"
        ),
    ),
    (
        {"serial_numbers": "serial_number,item\nSN2,PROC\nSN9,PROC\n"},
        (
            'serial_numbers.csv: line 3, column stock_area: value "": '
            "SN9 is a new unit, which needs a stock area; fill it in"
        ),
    ),
    (
        {"serial_numbers": "serial_number,item\nSN2,PROC\nSN2,\n"},
        (
            'serial_numbers.csv: line 3, column serial_number: value "SN2": '
            "is already in line 2 with item PROC; remove one of the two"
        ),
    ),
    *(
        (
            {"serial_numbers": f"serial_number,item,returnable_until\nSN2,PROC,{day}\n"},
            (
                f'serial_numbers.csv: line 2, column returnable_until: value "{day}": '
                "is not a date; write year, month and day as 2026-11-23"
            ),
        )
        for day in ("2026-02-30", "20261123", "2026-W48-1", "23.11.2026", "2026-11-23T05:00")
    ),
    (
        {"serial_numbers": "serial_number,item,retired\nSN2,PROC,1\n"},
        'serial_numbers.csv: line 2, column retired: value "1": is neither yes nor no; write yes or no',
    ),
    (
        {"serial_numbers": "serial_number,item,customer\nSN2,PROC, Acme\n"},
        (
            'serial_numbers.csv: line 2, column customer: value " Acme": '
            "starts or ends with a blank; remove the blank"
        ),
    ),
    (
        {"documents": "number,kind,location,reference\nCM-1,credit_memo,MAIN,A \n"},
        (
            'documents.csv: line 2, column reference: value "A ": '
            "starts or ends with a blank; remove the blank"
        ),
    ),
    (
        {"lines": "document,item,requested,reference\nCM-2,PROC,1,10\n"},
        (
            'lines.csv: line 2, column document: value "CM-2": '
            "the document is saved, so its lines can't change; remove the row"
        ),
    ),
    (
        {"expected": "document,item,serial_number\nCM-9,PROC,SN9\n"},
        (
            'expected.csv: line 2, column document: value "CM-9": '
            f"there is no such document; {_ADD} documents.csv"
        ),
    ),
    (
        {"expected": "document,item,serial_number\nCM-1,NONE,SN9\n"},
        f'expected.csv: line 2, column item: value "NONE": there is no such item; {_ADD} items.csv',
    ),
    (
        {"expected": "document,item,serial_number\nCM-1,PROC,SN9\nCM-1,CABLE,SN9\n"},
        (
            'expected.csv: line 3, column item: value "CABLE": '
            f"CM-1 has no line of this item; {_ADD} lines.csv"
        ),
    ),
    (
        {"expected": "document,item,serial_number\nCM-2,PROC,SN9\n"},
        (
            'expected.csv: line 2, column document: value "CM-2": '
            "the document is saved, so its expected units can't change; remove the row"
        ),
    ),
    (
        {"reasons": "code,text\nDOA,\n"},
        'reasons.csv: line 2, column text: value "": must not be empty; fill it in',
    ),
    (
        {"conditions": "code,text,stock_area\nSCRAP,Scrap,NONE\n"},
        (
            'conditions.csv: line 2, column stock_area: value "NONE": '
            f"there is no such stock area; {_ADD} stock_areas.csv"
        ),
    ),
    (
        {"conditions": "code,text,stock_area\nSCRAP,Scrap,SOLD\n"},
        (
            'conditions.csv: line 2, column stock_area: value "SOLD": the stock area is of type out, '
            "but a condition's stock_area must be of type stock; name another"
        ),
    ),
]


@pytest.mark.parametrize(("files", "message"), MISTAKES)
def test_a_mistake_is_named_and_nothing_of_the_import_stays(
    engine: Engine,
    tmp_path: Path,
    files: dict[str, str],
    message: str,
) -> None:
    import_files(engine, tmp_path, COMPANY)
    cancelled = {"documents": "number,kind,location,status\nCM-3,credit_memo,MAIN,cancelled\n"}
    import_files(engine, tmp_path, cancelled)
    before = contents(engine)
    good = {"operators": "code,name\nE1,Changed\nE9,New\n"}
    with pytest.raises(ImportFailedError) as caught:
        import_files(engine, tmp_path, good | files)
    assert str(caught.value) == f"{tmp_path / 'office'}/{message}"
    assert contents(engine) == before


def test_an_area_that_a_condition_names_stays_a_stock_area(engine: Engine, tmp_path: Path) -> None:
    import_files(engine, tmp_path, COMPANY)
    import_files(engine, tmp_path, {"conditions": "code,text,stock_area\nB,Opened,STOCK\n"})
    before = contents(engine)
    with pytest.raises(
        ImportFailedError, match="is the stock_area of condition B, so it must be of type stock"
    ):
        import_files(engine, tmp_path, {"stock_areas": "code,name,type,location\nSTOCK,A,out,MAIN\n"})
    assert contents(engine) == before


def test_a_wrong_cell_in_the_last_file_leaves_nothing_of_the_first(engine: Engine, tmp_path: Path) -> None:
    before = contents(engine)
    with pytest.raises(ImportFailedError, match=r"operators\.csv: line 3, column name"):
        import_files(engine, tmp_path, COMPANY | {"operators": "code,name\nE1,Ines\nE2, Jo\n"})
    assert contents(engine) == before
