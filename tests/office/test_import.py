from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event

from station.errors import ImportFailedError, UsageError
from station.office.importer import import_directory
from station.repository.database import open_engine, transaction
from station.repository.schema import upgrade
from tests.office.office import COMPANY, NOW, contents, import_files, query, write_files

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine


def test_a_whole_company_is_imported(engine: Engine, tmp_path: Path) -> None:
    summary = import_files(engine, tmp_path, COMPANY)
    assert summary.rows == {
        "locations.csv": 2,
        "stock_areas.csv": 3,
        "items.csv": 3,
        "serial_numbers.csv": 3,
        "documents.csv": 3,
        "lines.csv": 4,
        "operators.csv": 1,
    }
    stored = contents(engine)
    assert stored["locations"] == [
        ("MAIN", "Main", True, "BACK", "SOLD", ""),
        ("SHOP", "Shop", False, "", "", ""),
    ]
    assert stored["items"] == [
        ("CABLE", "Cable", None, "none"),
        ("MEM", "Memory", None, "serialized"),
        ("PROC", "Processor", "09521000001015", "serialized"),
    ]
    assert stored["serial_numbers"] == [
        ("SN1", "MEM", "STOCK", "M1", "", None, False),
        ("SN1", "PROC", "SOLD", "M1", "", None, False),
        ("SN2", "PROC", "SOLD", None, "", None, False),
    ]
    assert stored["documents"] == [
        ("CM-1", "credit_memo", "Bergholt", "MAIN", "open", "", False),
        ("CM-2", "credit_memo", "", "MAIN", "saved", "", False),
        ("CO-1", "credit_order", "", "SHOP", "open", "", False),
    ]
    assert stored["lines"] == [
        ("CM-1", 1, "PROC", 2, False, False, "", 0),
        ("CM-1", 2, "MEM", 1, False, False, "", 0),
        ("CM-1", 3, "PROC", 3, False, False, "", 0),
        ("CM-2", 1, "PROC", 1, False, False, "", 0),
    ]
    assert stored["operators"] == [("E1", "Ines")]


def test_importing_the_same_again_changes_nothing(engine: Engine, tmp_path: Path) -> None:
    import_files(engine, tmp_path, COMPANY)
    before = contents(engine)
    import_files(engine, tmp_path, COMPANY)
    assert contents(engine) == before


def test_rows_are_updated_by_key_and_columns_left_out_stay(engine: Engine, tmp_path: Path) -> None:
    import_files(engine, tmp_path, COMPANY)
    changes = {
        "locations": "code,name\nMAIN,Warehouse\n",
        "items": "code,tracking\nCABLE,serialized\nDOCK,none\n",
        "serial_numbers": "serial_number,item,stock_area\nSN1,PROC,STOCK\n",
        "documents": "number,kind,location\nCM-1,credit_memo,SHOP\n",
        "operators": "code,name\nE1,Ines W\nE2,Jo\n",
    }
    import_files(engine, tmp_path, changes)
    stored = contents(engine)
    assert stored["locations"][0] == ("MAIN", "Warehouse", True, "BACK", "SOLD", "")
    assert stored["items"][:2] == [("CABLE", "Cable", None, "serialized"), ("DOCK", "", None, "none")]
    assert stored["serial_numbers"][1] == ("SN1", "PROC", "STOCK", "M1", "", None, False)
    assert stored["documents"][0] == ("CM-1", "credit_memo", "Bergholt", "SHOP", "open", "", False)
    assert stored["operators"] == [("E1", "Ines W"), ("E2", "Jo")]


def test_an_empty_cell_clears_what_was_there(engine: Engine, tmp_path: Path) -> None:
    import_files(engine, tmp_path, COMPANY)
    changes = {
        "items": "code,description,gtin,tracking\nPROC,,,serialized\n",
        "serial_numbers": "serial_number,item,stock_area,mfr_serial_number\nSN1,PROC,SOLD,\n",
    }
    import_files(engine, tmp_path, changes)
    stored = contents(engine)
    assert stored["items"][2] == ("PROC", "", None, "serialized")
    assert stored["serial_numbers"][1] == ("SN1", "PROC", "SOLD", None, "", None, False)


def test_another_location_becomes_the_default(engine: Engine, tmp_path: Path) -> None:
    import_files(engine, tmp_path, COMPANY)
    import_files(engine, tmp_path, {"locations": "code,name,default\nSHOP,Shop,yes\n"})
    assert query(engine, "SELECT code FROM locations WHERE is_default") == [("SHOP",)]
    import_files(engine, tmp_path, {"locations": "code,name,default\nSHOP,Shop,no\nMAIN,Main,yes\n"})
    assert query(engine, "SELECT code FROM locations WHERE is_default") == [("MAIN",)]


def test_two_items_can_exchange_their_gtins(engine: Engine, tmp_path: Path) -> None:
    before = "code,gtin,tracking\nA,96385074,none\nB,9521000001015,none\n"
    import_files(engine, tmp_path, {"items": before})
    after = "code,gtin,tracking\nA,9521000001015,none\nB,96385074,none\n"
    import_files(engine, tmp_path, {"items": after})
    assert query(engine, "SELECT code, gtin FROM items ORDER BY code") == [
        ("A", "09521000001015"),
        ("B", "00000096385074"),
    ]


def test_serial_numbers_that_differ_in_case_are_different_units(engine: Engine, tmp_path: Path) -> None:
    files = COMPANY | {"serial_numbers": "serial_number,item,stock_area\nsn1,PROC,SOLD\nSN1,PROC,SOLD\n"}
    assert import_files(engine, tmp_path, files).rows["serial_numbers.csv"] == 2


def test_more_rows_than_one_batch_all_arrive(engine: Engine, tmp_path: Path) -> None:
    units = "".join(f"S{n:06d},PROC,SOLD\n" for n in range(12_345))
    files = COMPANY | {"serial_numbers": "serial_number,item,stock_area\n" + units}
    import_files(engine, tmp_path, files)
    assert query(engine, "SELECT count(*) FROM serial_numbers") == [(12_345,)]


def test_progress_counts_the_bytes_of_all_files(sqlite_url: str, tmp_path: Path) -> None:
    engine = open_engine(sqlite_url)
    upgrade(engine)
    reports: list[tuple[str, int, int]] = []
    directory = write_files(tmp_path / "office", COMPANY)
    import_directory(engine, directory, NOW, lambda *progress: reports.append(progress))
    engine.dispose()
    total = sum(len(content) for content in COMPANY.values())
    assert [name for name, _done, _total in reports] == [
        "locations.csv",
        "stock_areas.csv",
        "items.csv",
        "serial_numbers.csv",
        "documents.csv",
        "lines.csv",
        "operators.csv",
    ]
    assert [done for _name, done, _total in reports] == sorted(done for _name, done, _total in reports)
    assert reports[-1] == ("operators.csv", total, total)


def test_a_station_can_write_while_files_are_read(sqlite_url: str, tmp_path: Path) -> None:
    engine = open_engine(sqlite_url)
    upgrade(engine)
    station = open_engine(sqlite_url)
    wrote = []

    def scan(name: str, _done: int, _total: int) -> None:
        with transaction(station) as connection:
            connection.exec_driver_sql(f"INSERT INTO stations (name) VALUES ('{name}')")
        wrote.append(name)

    import_directory(engine, write_files(tmp_path / "office", COMPANY), NOW, scan)
    engine.dispose()
    station.dispose()
    assert len(wrote) == 7


def test_the_log_of_the_embedded_database_is_empty_after_an_import(sqlite_url: str, tmp_path: Path) -> None:
    engine = open_engine(sqlite_url)
    upgrade(engine)
    with engine.connect() as running_station:
        running_station.exec_driver_sql("SELECT code FROM items").all()
        import_files(engine, tmp_path, COMPANY)
        assert (tmp_path / "scanstation.db-wal").stat().st_size == 0
    engine.dispose()


def test_nothing_stays_when_the_very_last_step_fails(engine: Engine, tmp_path: Path) -> None:
    import_files(engine, tmp_path, COMPANY)
    before = contents(engine)

    commits: list[object] = []

    def fail(connection: object) -> None:
        """Fail at the second commit: the first one ends the reading, the second one the writing."""
        commits.append(connection)
        if len(commits) == 2:
            raise RuntimeError("the power goes")

    event.listen(engine, "commit", fail)
    changes = {"operators": "code,name\nE1,Other\n", "items": "code,tracking\nPROC,none\n"}
    with pytest.raises(RuntimeError, match="the power goes"):
        import_files(engine, tmp_path, changes)
    event.remove(engine, "commit", fail)
    assert contents(engine) == before


def test_a_missing_directory_is_a_usage_error(
    engine: Engine,
    tmp_path: Path,
) -> None:
    with pytest.raises(UsageError) as caught:
        import_directory(engine, tmp_path / "none", NOW)
    assert str(caught.value) == (
        f"{tmp_path / 'none'}: can't be read: No such file or directory; name a directory with CSV files"
    )


def test_a_directory_without_files_is_refused(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(ImportFailedError, match=r"there is nothing to import; put one of locations\.csv, "):
        import_files(engine, tmp_path, {})


@pytest.mark.parametrize("name", ["item", "Items", "documents (1)"])
def test_a_csv_file_of_another_name_is_refused_by_name(engine: Engine, tmp_path: Path, name: str) -> None:
    with pytest.raises(ImportFailedError, match="is not one of the known files") as caught:
        import_files(engine, tmp_path, {"operators": COMPANY["operators"], name: "code\n"})
    assert f"{name}.csv: " in str(caught.value)


def test_a_dangling_link_is_named(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "operators.csv").symlink_to(tmp_path / "gone")
    with pytest.raises(ImportFailedError, match=r"operators\.csv: can't be read: No such file or directory"):
        import_directory(engine, tmp_path, NOW)
