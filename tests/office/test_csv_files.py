from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from station.errors import ImportFailedError
from station.office.columns import FORMATS
from station.office.csv_files import MAX_LINE_BYTES, CsvFile

if TYPE_CHECKING:
    from pathlib import Path

    from station.office.columns import CellValue

AREAS = b"code,name,type,location\n"
ITEMS = b"code,gtin,tracking\n"
UNITS = b"serial_number,item,stock_area\n"
DOCUMENTS = b"number,kind,location,status\n"
LINES = b"document,item,requested\n"
NOT_TRACKING = "is not allowed; write serialized, auto_serialized or none"
NEVER_ENDS = 'a cell starts with a quote and never ends; close it, and write a quote inside a cell as ""'
NO_QUANTITY = "is not a valid quantity; write a whole number from 1 to 1000000"


def read(tmp_path: Path, name: str, content: bytes) -> list[tuple[CellValue, ...]]:
    path = tmp_path / name
    path.write_bytes(content)
    file = CsvFile(path, next(each for each in FORMATS if each.name == name))
    try:
        return list(file.rows())
    finally:
        file.close()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("operators.csv", b"", "line 1: the header is missing; start the file with code,name"),
        ("operators.csv", b"\ncode,name\n", "line 1: the header is missing; start the file with code,name"),
        (
            "operators.csv",
            b"code,name,badge\n",
            'line 1: unknown column "badge"; the columns are code,name',
        ),
        ("operators.csv", b"code, name\n", 'line 1: unknown column " name"; the columns are code,name'),
        (
            "operators.csv",
            b"code;name\nE1;Ines\n",
            'line 1: unknown column "code;name"; the columns are code,name; put commas between the columns',
        ),
        (
            "operators.csv",
            b"code,\x00name\n",
            'line 1: unknown column "\\u0000name"; the columns are code,name',
        ),
        ("operators.csv", b"code\n", "line 1: column name is missing; add it"),
        ("operators.csv", b"code,name,code\n", "line 1: column code is a duplicate; remove one"),
        (
            "operators.csv",
            b"code,name\nE1,Ines\nE2\n",
            'line 3: has 1 cells, but the header has 2; correct the row, and put cells with commas in "…"',
        ),
        (
            "operators.csv",
            b"code,name\nE1,Wolter, Ines\n",
            'line 2: has 3 cells, but the header has 2; correct the row, and put cells with commas in "…"',
        ),
        ("operators.csv", b"code,name\nE1,Ines\n\nE2,Jo\n", "line 3: is empty; remove the line"),
        (
            "operators.csv",
            b"code,name\nE1,In\xebs\n",
            "line 2: is not UTF-8: byte 6 is 0xEB; save the file as CSV UTF-8",
        ),
        (
            "operators.csv",
            "code,name\n".encode("utf-16"),
            "line 1: is not UTF-8: byte 1 is 0xFF; save the file as CSV UTF-8",
        ),
        (
            "operators.csv",
            b'code,name\nE1,"Ines\nE2,Jo\n',
            f"line 2: {NEVER_ENDS}",
        ),
        (
            "operators.csv",
            b'code,name\nE1,"Ines"x\n',
            'line 2: a quoted cell continues after its closing quote; write a quote inside a cell as ""',
        ),
        (
            "operators.csv",
            b"code,name\nE1," + b"x" * MAX_LINE_BYTES + b"\n",
            "line 2: is longer than 65536 bytes; is this a CSV file with one row per line?",
        ),
        (
            "operators.csv",
            b'code,name\nE1,"' + b"x\n" * 70_000,
            f"line 2: {NEVER_ENDS}",
        ),
        (
            "operators.csv",
            b"code,name\nE1,Ines\rE2,Jo\n",
            "line 2: contains a carriage return inside the line; end lines with LF or CR LF",
        ),
        (
            "operators.csv",
            b"code,name\nE1,\n",
            'line 2, column name: value "": must not be empty; fill it in',
        ),
        (
            "operators.csv",
            b"code,name\nE1 ,Ines\n",
            'line 2, column code: value "E1 ": starts or ends with a blank; remove the blank',
        ),
        (
            "operators.csv",
            "code,name\nE1,\u00a0Ines\n".encode(),
            'line 2, column name: value "\\u00A0Ines": starts or ends with a blank; remove the blank',
        ),
        (
            "operators.csv",
            b"code,name\nE1,In\x00es\n",
            'line 2, column name: value "In\\u0000es": contains the invisible character U+0000; remove it',
        ),
        (
            "operators.csv",
            b'code,name\nE1,"Ines\nWolter"\nE 2,Jo\n',
            (
                'line 2, column name: value "Ines\\u000AWolter": '
                "contains the invisible character U+000A; remove it"
            ),
        ),
        (
            "operators.csv",
            "code,name\nE\u200b1,Ines\n".encode(),
            'line 2, column code: value "E\\u200B1": contains the invisible character U+200B; remove it',
        ),
        (
            "operators.csv",
            b"code,name\n" + b"E" * 65 + b",Ines\n",
            (
                f'line 2, column code: value "{"E" * 60}…": '
                "has 65 characters, at most 64 are allowed; shorten it"
            ),
        ),
        (
            "operators.csv",
            b"code,name\nE1," + b"x" * 501 + b"\n",
            (
                f'line 2, column name: value "{"x" * 60}…": '
                "has 501 characters, at most 500 are allowed; shorten it"
            ),
        ),
        (
            "locations.csv",
            b"code,name,default\nMAIN,Main,true\n",
            'line 2, column default: value "true": is neither yes nor no; write yes or no',
        ),
        (
            "stock_areas.csv",
            AREAS + b"A,Area,Stock,MAIN\n",
            'line 2, column type: value "Stock": is not allowed; write stock or out',
        ),
        (
            "stock_areas.csv",
            AREAS + b"A,Area,out,\n",
            'line 2, column location: value "": must not be empty; fill it in',
        ),
        ("items.csv", b"code,gtin\n", "line 1: column tracking is missing; add it"),
        ("items.csv", ITEMS + b"A,,lot\n", f'line 2, column tracking: value "lot": {NOT_TRACKING}'),
        ("items.csv", ITEMS + b"A,,\n", f'line 2, column tracking: value "": {NOT_TRACKING}'),
        (
            "items.csv",
            ITEMS + b"A,9521000001016,none\n",
            (
                'line 2, column gtin: value "9521000001016": '
                "has the check digit 6 instead of 5; correct the GTIN"
            ),
        ),
        (
            "items.csv",
            ITEMS + b"A,96385074,none\nB,012345678906,none\n",
            (
                'line 3, column gtin: value "012345678906": '
                "has the check digit 6 instead of 5; correct the GTIN"
            ),
        ),
        (
            "items.csv",
            ITEMS + b"A,9.521E+12,none\n",
            'line 2, column gtin: value "9.521E+12": is not a GTIN; write its 8, 12, 13 or 14 digits',
        ),
        (
            "items.csv",
            ITEMS + b"A,00000,none\n",
            'line 2, column gtin: value "00000": is not a GTIN; write its 8, 12, 13 or 14 digits',
        ),
        (
            "serial_numbers.csv",
            UNITS + b"," * 2 + b"\n",
            'line 2, column serial_number: value "": must not be empty; fill it in',
        ),
        (
            "serial_numbers.csv",
            UNITS + b"S" * 129 + b",A,B\n",
            (
                f'line 2, column serial_number: value "{"S" * 60}…": '
                "has 129 characters, at most 128 are allowed; shorten it"
            ),
        ),
        (
            "serial_numbers.csv",
            b"mfr_serial_number," + UNITS + b"M\x1d1,SN1,A,B\n",
            (
                'line 2, column mfr_serial_number: value "M\\u001D1": '
                "contains the invisible character U+001D; remove it"
            ),
        ),
        (
            "documents.csv",
            DOCUMENTS + b"CM-1,invoice,MAIN,open\n",
            ('line 2, column kind: value "invoice": is not allowed; write credit_order or credit_memo'),
        ),
        (
            "documents.csv",
            DOCUMENTS + b"CM-1,credit_memo,MAIN,closed\n",
            ('line 2, column status: value "closed": is not allowed; write open, saved or cancelled'),
        ),
        *(
            (
                "lines.csv",
                LINES + f"CM-1,A,{value}\n".encode(),
                f'line 2, column requested: value "{value}": {NO_QUANTITY}',
            )
            for value in ("0", "-1", "1.5", "+1", " 1", "1000001", "00000001", "٣", "one")
        ),
    ],
)
def test_a_wrong_file_is_refused_with_line_column_value_and_what_to_do(
    tmp_path: Path,
    name: str,
    content: bytes,
    message: str,
) -> None:
    with pytest.raises(ImportFailedError) as caught:
        read(tmp_path, name, content)
    assert str(caught.value) == f"{tmp_path / name}: {message}"


def test_columns_come_in_any_order_and_may_be_left_out_where_cells_may_be_empty(tmp_path: Path) -> None:
    assert read(tmp_path, "items.csv", b"tracking,code\r\nnone,A\r\n") == [(2, "none", "A")]


def test_a_byte_order_mark_is_fine(tmp_path: Path) -> None:
    assert read(tmp_path, "operators.csv", "\ufeffcode,name\nE1,Inês\n".encode()) == [(2, "E1", "Inês")]


def test_a_last_line_without_its_end_counts(tmp_path: Path) -> None:
    assert read(tmp_path, "operators.csv", b'code,name\nE1,"Wolter, ""Ines"""') == [
        (2, "E1", 'Wolter, "Ines"')
    ]


def test_a_name_may_contain_a_no_break_space(tmp_path: Path) -> None:
    assert read(tmp_path, "operators.csv", "code,name\nE1,I\u00a0W\n".encode()) == [(2, "E1", "I\u00a0W")]


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("96385074", "00000096385074"),
        ("012345678905", "00012345678905"),
        ("9521000001015", "09521000001015"),
        ("19521000001050", "19521000001050"),
        ("", None),
    ],
)
def test_a_gtin_of_any_length_is_stored_with_14_digits(
    tmp_path: Path,
    given: str,
    stored: str | None,
) -> None:
    assert read(tmp_path, "items.csv", ITEMS + f"A,{given},none\n".encode()) == [(2, "A", stored, "none")]


@pytest.mark.parametrize("value", ["1", "1000000", "007"])
def test_quantities_go_from_one_to_a_million(tmp_path: Path, value: str) -> None:
    assert read(tmp_path, "lines.csv", LINES + f"CM-1,A,{value}\n".encode()) == [(2, "CM-1", "A", int(value))]


def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "operators.csv").mkdir()
    with pytest.raises(ImportFailedError, match=r"operators\.csv: can't be read: Is a directory; check the"):
        CsvFile(tmp_path / "operators.csv", FORMATS[-1])


def test_a_file_that_fails_while_being_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "operators.csv").symlink_to("/proc/self/mem")
    with pytest.raises(ImportFailedError, match=r"operators\.csv: can't be read: Input/output error; check"):
        CsvFile(tmp_path / "operators.csv", FORMATS[-1])
