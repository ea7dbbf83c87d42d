"""The office's side: a small company's files, and the resulting rows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, text

from station.office.importer import import_directory
from station.repository.database import reading, transaction
from station.repository.tables import attachments, documents, history, metadata, stations

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from station.office.result import ImportSummary

NOW = datetime(2026, 11, 23, 5, 0, 0, 812_000, tzinfo=UTC)

COMPANY = {
    "locations": "code,name,default,returned_area,sold_area\nMAIN,Main,yes,BACK,SOLD\nSHOP,Shop,no,,\n",
    "stock_areas": (
        "code,name,type,location\nSTOCK,Shelves,stock,MAIN\nBACK,Returns,stock,MAIN\nSOLD,Sold,out,MAIN\n"
    ),
    "items": (
        "code,description,gtin,tracking\n"
        "PROC,Processor,09521000001015,serialized\nMEM,Memory,,serialized\nCABLE,Cable,,none\n"
    ),
    "serial_numbers": (
        "serial_number,item,stock_area,mfr_serial_number\nSN1,PROC,SOLD,M1\nSN2,PROC,SOLD,\nSN1,MEM,STOCK,M1\n"
    ),
    "documents": (
        "number,kind,customer,location,status\n"
        "CM-1,credit_memo,Bergholt,MAIN,open\nCM-2,credit_memo,,MAIN,saved\nCO-1,credit_order,,SHOP,\n"
    ),
    "lines": "document,item,requested\nCM-1,PROC,2\nCM-1,MEM,1\nCM-1,PROC,3\nCM-2,PROC,1\n",
    "operators": "code,name\nE1,Ines\n",
}


def write_files(directory: Path, files: dict[str, str]) -> Path:
    """Write the files, named without their extension."""
    directory.mkdir(exist_ok=True)
    for name, content in files.items():
        (directory / f"{name}.csv").write_text(content, encoding="utf-8", newline="")
    return directory


def import_files(engine: Engine, base: Path, files: dict[str, str]) -> ImportSummary:
    """Import only these files."""
    directory = base / "office"
    for old in directory.glob("*.csv"):
        old.unlink()
    return import_directory(engine, write_files(directory, files), NOW)


def contents(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table."""
    with reading(engine) as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
        }


def query(engine: Engine, sql: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query."""
    with reading(engine) as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


def execute(engine: Engine, sql: str) -> None:
    """Change something without the import."""
    with transaction(engine) as connection:
        connection.execute(text(sql))


def attach(engine: Engine, document: str, line: int, serial_number: str, item: str) -> None:
    """Attach a unit, with its row of history, as a scan at station dock-1 does."""
    with transaction(engine) as connection:
        if connection.execute(select(stations)).first() is None:
            connection.execute(insert(stations).values(name="dock-1"))
        number = len(connection.execute(select(history)).all()) + 1
        row_id = f"id-{number}"
        connection.execute(
            insert(history).values(
                station="dock-1",
                number=number,
                id=row_id,
                at="2026-11-23T04:00:00.000Z",
                document=document,
                action="Assigned",
                serial_number=serial_number,
                item=item,
                scanner="left",
                text=serial_number,
            ),
        )
        status = connection.execute(
            select(documents.c.status).where(documents.c.number == document),
        ).scalar_one()
        connection.execute(
            insert(attachments).values(
                document=document,
                serial_number=serial_number,
                item=item,
                line=line,
                document_status=status,
                history_id=row_id,
            ),
        )
