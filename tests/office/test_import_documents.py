"""Documents and lines: stations may have worked on them since the office's last export."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, text

from station.errors import ImportFailedError
from station.repository.database import open_engine, transaction
from station.repository.scan_path import SqlRepository
from station.repository.tables import attachments, history
from tests.office.office import COMPANY, NOW, attach, contents, execute, import_files, query
from tests.running import PATIENCE_S

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

STATUS = "number,kind,location,status\n"


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Engine:
    """The company, with a line for CABLE that retrieval added and a negative one for PROC on CM-1."""
    import_files(engine, tmp_path, COMPANY)
    execute(
        engine,
        "INSERT INTO lines (document, number, item, requested, negative, added) "
        "VALUES ('CM-1', 4, 'CABLE', 0, false, true)",
    )
    execute(
        engine,
        "INSERT INTO lines (document, number, item, requested, negative, added) "
        "VALUES ('CM-1', 5, 'PROC', 0, true, true)",
    )
    return engine


def _lines(engine: Engine, document: str) -> list[tuple[object, ...]]:
    return query(
        engine,
        "SELECT number, item, requested, negative, added FROM lines "
        f"WHERE document = '{document}' ORDER BY number",
    )


def test_rows_of_one_item_go_to_its_lines_in_order(office: Engine, tmp_path: Path) -> None:
    import_files(office, tmp_path, {"lines": "document,item,requested\nCM-1,PROC,7\nCM-1,PROC,8\n"})
    assert [line[:3] for line in _lines(office, "CM-1")][:3] == [
        (1, "PROC", 7),
        (2, "MEM", 1),
        (3, "PROC", 8),
    ]


def test_further_rows_become_lines_after_the_last(office: Engine, tmp_path: Path) -> None:
    rows = "CM-1,MEM,5\nCM-1,MEM,6\nCM-1,PROC,2\nCM-1,MEM,\nCO-1,MEM,4\nCO-1,PROC,1\n"
    import_files(office, tmp_path, {"lines": "document,item,requested\n" + rows})
    assert _lines(office, "CM-1") == [
        (1, "PROC", 2, False, False),
        (2, "MEM", 5, False, False),
        (3, "PROC", 3, False, False),
        (4, "CABLE", 0, False, True),
        (5, "PROC", 0, True, True),
        (6, "MEM", 6, False, False),
        (7, "MEM", 1, False, False),
    ]
    assert [line[:3] for line in _lines(office, "CO-1")] == [(1, "MEM", 4), (2, "PROC", 1)]


def test_a_line_that_retrieval_added_becomes_the_offices_own(office: Engine, tmp_path: Path) -> None:
    import_files(office, tmp_path, {"lines": "document,item,requested\nCM-1,CABLE,2\n"})
    assert _lines(office, "CM-1")[3] == (4, "CABLE", 2, False, False)


def test_a_negative_line_is_never_matched(office: Engine, tmp_path: Path) -> None:
    import_files(office, tmp_path, {"lines": "document,item,requested\n" + "CM-1,PROC,2\n" * 3})
    assert _lines(office, "CM-1")[4:] == [(5, "PROC", 0, True, True), (6, "PROC", 2, False, False)]


def test_lines_of_a_saved_document_that_stay_the_same_may_be_in_the_file(
    office: Engine,
    tmp_path: Path,
) -> None:
    import_files(office, tmp_path, {"lines": "document,item,requested\nCM-2,PROC,1\n"})
    assert _lines(office, "CM-2") == [(1, "PROC", 1, False, False)]


def test_an_empty_status_keeps_the_documents_status(office: Engine, tmp_path: Path) -> None:
    import_files(office, tmp_path, {"documents": STATUS + "CM-2,credit_memo,SHOP,\n"})
    assert query(office, "SELECT location, status FROM documents WHERE number = 'CM-2'") == [
        ("SHOP", "saved"),
    ]


def test_a_list_that_calls_a_backorder_open_leaves_it_a_backorder(office: Engine, tmp_path: Path) -> None:
    execute(office, "UPDATE documents SET status = 'backorder' WHERE number = 'CM-1'")
    import_files(office, tmp_path, {"documents": STATUS + "CM-1,credit_memo,MAIN,open\n"})
    assert query(office, "SELECT status FROM documents WHERE number = 'CM-1'") == [("backorder",)]


def test_a_cancelled_document_releases_what_was_counted(office: Engine, tmp_path: Path) -> None:
    attach(office, "CM-1", 1, "SN1", "PROC")
    execute(
        office,
        "INSERT INTO counts (document, line, item, history_id, quantity, stated) "
        "SELECT 'CM-1', 1, 'PROC', id, 4, true FROM history",
    )
    import_files(office, tmp_path, {"documents": STATUS + "CM-1,credit_memo,MAIN,cancelled\n"})
    assert query(office, "SELECT event, serial_number, quantity FROM moves ORDER BY number") == [
        ("Released", "", 4),
        ("Released", "SN1", 1),
    ]
    assert query(office, "SELECT * FROM counts") == []


def test_a_document_booked_elsewhere_keeps_its_units_where_they_are(office: Engine, tmp_path: Path) -> None:
    attach(office, "CM-1", 1, "SN1", "PROC")
    units = contents(office)["serial_numbers"]
    import_files(office, tmp_path, {"documents": STATUS + "CM-1,credit_memo,MAIN,saved\n"})
    stored = contents(office)
    assert stored["serial_numbers"] == units
    assert stored["moves"] == []
    assert query(office, "SELECT document, serial_number, document_status FROM attachments") == [
        ("CM-1", "SN1", "saved"),
    ]


def test_changing_a_document_and_its_lines_keeps_attachments(office: Engine, tmp_path: Path) -> None:
    attach(office, "CM-1", 1, "SN1", "PROC")
    attach(office, "CM-1", 2, "SN1", "MEM")
    before = contents(office)["attachments"]
    changes = {
        "documents": "number,kind,customer,location,reference\nCM-1,credit_memo,Bergholt,MAIN,RMA-7\n",
        "lines": "document,item,requested,reference\nCM-1,PROC,9,10\nCM-1,MEM,9,20\nCM-1,PROC,9,30\n",
        "items": "code,tracking\nPROC,none\n",
        "serial_numbers": "serial_number,item,stock_area\nSN1,PROC,STOCK\n",
    }
    import_files(office, tmp_path, changes)
    assert contents(office)["attachments"] == before


@pytest.mark.parametrize(
    ("row", "column", "value", "counts"),
    [
        ("CM-1,credit_memo,Birch,MAIN", "customer", "Birch", False),
        ("CM-1,credit_memo,,MAIN", "customer", "", True),
        ("CM-1,credit_order,Bergholt,MAIN", "kind", "credit_order", False),
        ("CM-1,credit_memo,Bergholt,SHOP", "location", "SHOP", True),
    ],
)
def test_d9_a_document_with_units_keeps_its_head(  # noqa: PLR0913 - the row, and what is said about it
    office: Engine, tmp_path: Path, *, row: str, column: str, value: str, counts: bool
) -> None:
    """What was seen, 9."""
    attach(office, "CM-1", 1, "SN1", "PROC")
    if counts:
        _count(office)
    before = contents(office)
    with pytest.raises(ImportFailedError) as caught:
        import_files(office, tmp_path, {"documents": f"number,kind,customer,location\n{row}\n"})
    assert str(caught.value).endswith(
        f'documents.csv: line 2, column {column}: value "{value}": CM-1 has units, so its {column} '
        "can't change; let the dock detach them, cancel it (scanstation memo cancel), or send it over HTTP "
        "with release=true"
    )
    assert contents(office) == before


def test_d9_a_list_names_the_customer_of_an_unannounced_return(office: Engine, tmp_path: Path) -> None:
    attach(office, "CM-1", 1, "SN1", "PROC")
    execute(office, "UPDATE documents SET unannounced = true, customer = '' WHERE number = 'CM-1'")
    row = "number,kind,customer,location\nCM-1,credit_memo,{},MAIN\n"
    import_files(office, tmp_path, {"documents": row.format("Birch")})
    assert "Birch" in contents(office)["documents"][0]
    with pytest.raises(ImportFailedError, match="its customer can't change"):
        import_files(office, tmp_path, {"documents": row.format("Cedar")})


def _count(engine: Engine) -> None:
    """Count three cables instead of the unit that is attached."""
    execute(engine, "DELETE FROM attachments")
    execute(
        engine,
        "INSERT INTO counts (document, line, item, history_id, quantity, stated) "
        "VALUES ('CM-1', 4, 'CABLE', 'id-1', 3, true)",
    )


def test_d4_cancelling_takes_off_what_was_counted(office: Engine, tmp_path: Path) -> None:
    attach(office, "CM-1", 1, "SN1", "PROC")
    _count(office)
    import_files(office, tmp_path, {"documents": STATUS + "CM-1,credit_memo,MAIN,cancelled\n"})
    assert query(office, "SELECT * FROM counts") == []
    rows = "SELECT document, event, serial_number, item, quantity FROM moves WHERE station = 'import'"
    assert query(office, rows) == [
        ("CM-1", "Released", "", "CABLE", 3),
    ]


def test_d7_a_backorder_stays_one_while_the_office_calls_it_open(office: Engine, tmp_path: Path) -> None:
    execute(office, "UPDATE documents SET status = 'backorder' WHERE number = 'CM-1'")
    import_files(office, tmp_path, {"documents": STATUS + "CM-1,credit_memo,MAIN,open\n"})
    status = "SELECT status FROM documents WHERE number = 'CM-1'"
    assert query(office, status) == [("backorder",)]
    with pytest.raises(ImportFailedError, match="a part of CM-1 is booked; write saved, or reopen it first"):
        import_files(office, tmp_path, {"documents": STATUS + "CM-1,credit_memo,MAIN,cancelled\n"})
    import_files(office, tmp_path, {"documents": STATUS + "CM-1,credit_memo,MAIN,saved\n"})
    assert query(office, status) == [("saved",)]


@pytest.mark.parametrize(("requested", "becomes"), [(2, (4, 2)), (3, (4, 1)), (4, (4, 0)), (6, (6, 0))])
def test_r9_a_quantity_that_retrieval_raised_is_not_lowered(
    office: Engine, tmp_path: Path, requested: int, becomes: tuple[int, int]
) -> None:
    execute(office, "UPDATE lines SET requested = 4, raised = 2 WHERE document = 'CM-1' AND number = 1")
    import_files(office, tmp_path, {"lines": f"document,item,requested\nCM-1,PROC,{requested}\n"})
    assert query(office, "SELECT requested, raised FROM lines WHERE document = 'CM-1' AND number = 1") == [
        becomes
    ]


def test_d4_cancelling_releases_each_unit_with_a_row_in_its_history(office: Engine, tmp_path: Path) -> None:
    attach(office, "CM-1", 1, "SN2", "PROC")
    attach(office, "CM-1", 1, "SN1", "PROC")
    attach(office, "CO-1", _line_of(office, "CO-1"), "SN1", "MEM")
    changes = {
        "documents": STATUS + "CM-1,credit_memo,MAIN,cancelled\n",
        "serial_numbers": "serial_number,item,stock_area\nSN2,PROC,BACK\n",
    }
    import_files(office, tmp_path, changes)
    stored = contents(office)
    at, nothing = "2026-11-23T05:00:00.812Z", (None,) * 7
    assert stored["moves"] == [
        ("import", 1, at, "CM-1", "Released", "SN1", "PROC", "SOLD", "SOLD", *nothing, 1),
        ("import", 2, at, "CM-1", "Released", "SN2", "PROC", "SOLD", "SOLD", *nothing, 1),
        ("import", 3, at, None, "Imported", "SN2", "PROC", "SOLD", "BACK", *nothing, 1),
    ]
    assert query(office, "SELECT document, serial_number FROM attachments") == [("CO-1", "SN1")]
    assert query(office, "SELECT status FROM documents WHERE number = 'CM-1'") == [("cancelled",)]


def _line_of(engine: Engine, document: str) -> int:
    execute(
        engine,
        "INSERT INTO lines (document, number, item, requested, negative, added) "
        f"VALUES ('{document}', 1, 'MEM', 1, false, false)",
    )
    return 1


def test_moves_of_imports_are_numbered_on_without_gaps(office: Engine, tmp_path: Path) -> None:
    attach(office, "CM-1", 1, "SN1", "PROC")
    import_files(office, tmp_path, {"documents": STATUS + "CM-1,credit_memo,MAIN,cancelled\n"})
    import_files(office, tmp_path, {"documents": STATUS + "CM-1,credit_memo,MAIN,cancelled\n"})
    _line_of(office, "CO-1")
    attach(office, "CO-1", 1, "SN1", "MEM")
    import_files(office, tmp_path, {"documents": STATUS + "CO-1,credit_order,SHOP,cancelled\n"})
    assert query(office, "SELECT number, document FROM moves ORDER BY number") == [(1, "CM-1"), (2, "CO-1")]


def test_a_released_unit_can_be_attached_again(office: Engine, tmp_path: Path) -> None:
    attach(office, "CM-1", 1, "SN1", "PROC")
    changes = {
        "documents": STATUS + "CM-1,credit_memo,MAIN,cancelled\n",
        "lines": "document,item\nCO-1,PROC\n",
    }
    import_files(office, tmp_path, changes)
    attach(office, "CO-1", 1, "SN1", "PROC")
    assert query(office, "SELECT document FROM attachments") == [("CO-1",)]


def test_the_station_that_had_the_document_open_finds_it_cancelled(office: Engine, tmp_path: Path) -> None:
    repository = SqlRepository(office, "dock-1")
    repository.open()
    repository.begin()
    repository.begin_session("CM-1", NOW, None)
    repository.commit()
    import_files(office, tmp_path, {"documents": STATUS + "CM-1,credit_memo,MAIN,cancelled\n"})
    session = repository.state().session
    repository.close()
    assert session is not None
    assert session.document.status == "cancelled"


def test_a_concurrent_scan_is_also_released_when_its_document_is_cancelled(
    postgres_url: str,
    tmp_path: Path,
) -> None:
    engine = open_engine(postgres_url)
    import_files(engine, tmp_path, COMPANY)
    attach(engine, "CM-1", 1, "SN1", "PROC")
    cancel = {"documents": STATUS + "CM-1,credit_memo,MAIN,cancelled\n"}
    with ThreadPoolExecutor() as threads:
        with transaction(engine) as scan:
            scan.execute(insert(history).values(_ROW))
            scan.execute(insert(attachments).values(_ATTACHMENT))
            importing = threads.submit(import_files, engine, tmp_path, cancel)
            with pytest.raises(TimeoutError):
                importing.result(timeout=0.5)
        importing.result(timeout=PATIENCE_S)
    assert query(engine, "SELECT serial_number FROM moves ORDER BY number") == [("SN1",), ("SN2",)]
    assert query(engine, "SELECT count(*) FROM attachments") == [(0,)]
    engine.dispose()


_ROW = {
    "station": "dock-1",
    "number": 2,
    "id": "id-2",
    "at": "2026-11-23T04:00:00.000Z",
    "action": "Assigned",
    "scanner": "left",
    "text": "SN2",
}
_ATTACHMENT = {
    "document": "CM-1",
    "serial_number": "SN2",
    "item": "PROC",
    "line": 1,
    "document_status": "open",
    "history_id": "id-2",
}


def test_the_database_agrees_that_every_key_has_its_row(office: Engine, tmp_path: Path) -> None:
    attach(office, "CM-1", 1, "SN1", "PROC")
    import_files(office, tmp_path, COMPANY | {"lines": "document,item,requested\nCM-1,PROC,8\n"})
    if office.dialect.name == "sqlite":
        with office.connect() as connection:
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
            assert connection.execute(text("PRAGMA integrity_check")).scalars().all() == ["ok"]
    assert query(office, "SELECT count(*) FROM attachments") == [(1,)]
