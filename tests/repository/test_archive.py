from __future__ import annotations

import gzip
import json
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs
from sqlalchemy import select, text

from station.errors import DatabaseError, StationError
from station.office.exporter import export_document
from station.office.importer import import_directory
from station.office.release import release
from station.repository.archive import files
from station.repository.archive.checking import archive_findings
from station.repository.archive.choosing import document_entry
from station.repository.archive.files import ArchiveFiles, read_text
from station.repository.archive.looking import _descriptions, with_archived
from station.repository.archive.removing import remove
from station.repository.archive.running import Archive, only_one
from station.repository.database import open_engine, reading, transaction
from station.repository.queries import list_documents, serial_number_history
from station.repository.schema import NEWEST, upgrade
from station.repository.tables import documents, metadata
from tests.repository.ended import (
    START,
    PastStation,
    all_findings,
    archive,
    assert_each_row_is_in_one_place,
    days_later,
    in_archive,
    in_database,
)
from tests.stations import attached, execute, fill, query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Engine

    from tests.repository.ended import Deed

MEMOS = ["CM-1", "CM-2", "CM-3", "CM-4"]
NUMBERS = [f"{item}{number:04}" for item in "ABC" for number in range(4)]
LONG = 100
"""Days after which everything here has ended."""


@pytest.fixture
def dock(company: Engine) -> Iterator[PastStation]:
    station = PastStation(company)
    yield station
    station.close()


MORNING: list[Deed] = [
    ("scan", "A0001"),  # no document open
    ("open", "CM-1"),
    *(("scan", number) for number in ("A0001", "A0002", "C0001", "B0001", "A0001", "nobody's")),
    ("undo", ""),
    ("make", "A"),
    ("post", "one"),
    ("save", ""),
    ("open", "CM-2"),
    ("scan", "A0003"),
    ("close", ""),
    ("cancel", "CM-2"),
]
AFTERNOON: list[Deed] = [("wait", 50), ("open", "CM-3"), ("scan", "A0009"), ("save", "")]


def test_what_ended_before_the_day_is_archived_and_the_rest_stays(
    company: Engine, dock: PastStation, tmp_path: Path
) -> None:
    dock.do(*MORNING, *AFTERNOON)
    before = in_database(company)

    tally = archive(company, tmp_path / "archive", days_later(20))

    assert [due.document for due in tally.documents] == ["CM-1", "CM-2"]
    assert (tally.rows, tally.posts, tally.unsent) == (1, 1, 0)
    assert [path.name for path in (tmp_path / "archive").iterdir() if path.name != ".lock"] == [
        "2020-01.jsonl.gz"
    ]
    assert attached(company) == [("CM-3", "A0009")]
    assert query(company, "SELECT DISTINCT document FROM history") == [("CM-3",)]
    assert_each_row_is_in_one_place(company, tmp_path / "archive", before)
    assert archive(company, tmp_path / "archive", days_later(20)).documents == []
    assert_each_row_is_in_one_place(company, tmp_path / "archive", before)


def test_rows_of_another_database_with_the_same_numbers_are_not_mistaken_for_archived_ones(
    company: Engine, dock: PastStation
) -> None:
    """The files of a killed run meet a newly created database."""
    dock.do(("scan", "A0001"), ("open", "CM-1"), ("scan", "A0001"), ("save", ""), *AFTERNOON)
    before = in_database(company)
    with reading(company) as connection:
        entry = document_entry(connection, "CM-1")
    assert entry is not None
    others = structs.replace(
        entry,
        document=None,
        lines=(),
        history=tuple({**row, "id": f"other-{row['id']}"} for row in entry.history),
        moves=tuple({**row, "at": "2019-01-01T05:00:00.000Z"} for row in entry.moves),
        attachments=(),
        sessions=(),
    )

    remove(company, "2020-01", [others], lambda _s: None)

    assert in_database(company) == before
    assert query(company, "SELECT * FROM archived_rows") == []


def test_a_post_stays_as_long_as_the_row_of_its_scan(
    company: Engine, dock: PastStation, tmp_path: Path
) -> None:
    dock.do(*MORNING, *AFTERNOON)
    ids = query(company, "SELECT id, document FROM history WHERE document IN ('CM-1', 'CM-3') ORDER BY at")
    for row_id in (ids[0][0], ids[-1][0]):
        execute(
            company,
            f"INSERT INTO posts VALUES ('{row_id}', 'dock-1', '2020-01-02T05:00:00.000Z', 'asked', 'told')",
        )

    archive(company, tmp_path, days_later(20))

    assert query(company, "SELECT id FROM posts") == [(ids[-1][0],)]


def test_rows_stamped_by_a_clock_that_lost_its_time_stay(
    company: Engine, dock: PastStation, tmp_path: Path
) -> None:
    dock.now = datetime(1970, 1, 1, tzinfo=UTC)
    dock.do(*MORNING)
    dock.now = START + timedelta(days=LONG)
    dock.do(("open", "CM-4"), ("scan", "A0003"), ("save", ""))
    assert archive(company, tmp_path, days_later(20)).documents == []


def test_an_empty_file_is_a_damaged_one(tmp_path: Path) -> None:
    (tmp_path / "2020-01.jsonl.gz").touch()
    with pytest.raises(StationError, match="is damaged"):
        read_text(tmp_path / "2020-01.jsonl.gz")


def test_a_station_continues_its_numbers_and_can_credit_the_units_again(
    company: Engine, dock: PastStation, tmp_path: Path
) -> None:
    dock.do(*MORNING, *AFTERNOON)
    archive(company, tmp_path, days_later(20))
    (newest,) = query(company, "SELECT max(number), count(*) FROM history")

    dock.do(("open", "CM-4"), ("scan", "A0003"), ("make", "A"), ("save", ""))

    assert query(company, "SELECT max(number), count(*) FROM history") == [(newest[0] + 2, newest[1] + 2)]
    assert ("CM-4", "A0003") in attached(company)
    assert all_findings(company, tmp_path) == []


def test_an_archived_document_keeps_its_number_its_lines_and_what_was_credited(
    company: Engine, dock: PastStation, tmp_path: Path
) -> None:
    dock.do(*MORNING, *AFTERNOON)
    listed, shown = list_documents(company), export_document(company, "CM-1")

    archive(company, tmp_path, days_later(20))

    assert list_documents(company) == listed
    archived = export_document(company, "CM-1")
    assert archived.archived == "2020-01"
    assert [(line.item, line.requested, line.credited) for line in archived.lines] == [
        (line.item, line.requested, line.credited) for line in shown.lines
    ]
    assert shown.lines[0].credited == 3
    assert [line.serial_numbers for line in archived.lines] == [()] * len(shown.lines)


def test_an_archived_document_can_not_be_opened_or_be_made_open_by_an_import(
    company: Engine, dock: PastStation, tmp_path: Path
) -> None:
    dock.do(*MORNING, *AFTERNOON)
    archive(company, tmp_path / "archive", days_later(20))
    directory = tmp_path / "office"
    directory.mkdir()
    (directory / "documents.csv").write_text("number,kind,location\nCM-1,credit_memo,MAIN\n")
    (directory / "lines.csv").write_text("document,item,requested\nCM-1,A,5\n")

    import_directory(company, directory, START)
    dock.do(("open", "CM-1"))

    assert query(company, "SELECT status FROM documents WHERE number = 'CM-1'") == [("saved",)]
    assert dock.repository.state().session is None
    (directory / "documents.csv").write_text("number,kind,location,status\nCM-1,credit_memo,MAIN,open\n")
    with pytest.raises(StationError, match="CM-1 is saved, which is final"):
        import_directory(company, directory, START)


def test_the_history_of_a_serial_number_includes_the_archive(
    company: Engine, dock: PastStation, tmp_path: Path
) -> None:
    dock.do(*MORNING, *AFTERNOON)
    of_unit = serial_number_history(company, serial_number="A0001")
    of_memo = serial_number_history(company, document="CM-1")

    archive(company, tmp_path, days_later(20))

    assert serial_number_history(company, serial_number="A0001") == []
    assert with_archived(company, tmp_path, [], serial_number="A0001") == of_unit
    assert with_archived(company, tmp_path, [], document="CM-1") == of_memo
    # A row that is just being archived is in both places, but shown once.
    assert with_archived(company, tmp_path, of_unit, serial_number="A0001") == of_unit


def test_of_a_long_list_of_items_only_those_of_the_moves_are_read(company: Engine) -> None:
    assert _descriptions(company, {"A", "C"}).keys() == {"A", "C"}


@pytest.mark.parametrize(
    "change", [(b'"reason":', b'"raison":'), (b'"history":', b'"history":7,"x":')], ids=["column", "list"]
)
def test_a_damaged_line_is_reported_with_its_file(
    company: Engine, dock: PastStation, tmp_path: Path, change: tuple[bytes, bytes]
) -> None:
    dock.do(*MORNING, *AFTERNOON)
    archive(company, tmp_path, days_later(20))
    (path,) = tmp_path.glob("*.gz")
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()).replace(*change)))

    with pytest.raises(StationError, match=f"{path}: contains an invalid line"):
        with_archived(company, tmp_path, [], serial_number="A0001")


def _rewrite(directory: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """Each line of the archive's one file, changed as another version would have written it."""
    (path,) = directory.glob("*.gz")
    lines = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    for line in lines:
        change(line)
    path.write_bytes(gzip.compress(b"".join(json.dumps(line).encode() + b"\n" for line in lines)))
    return path


def _of_before_operators(line: dict[str, Any]) -> None:
    line["schema"] = "0004"
    for row in line.get("history", ()):
        del row["operator"]


def test_a_file_older_than_a_field_is_read_with_that_field_empty(
    company: Engine, dock: PastStation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dock.do(*MORNING, *AFTERNOON)
    of_unit = serial_number_history(company, serial_number="A0001")
    archive(company, tmp_path, days_later(20))
    monkeypatch.setitem(files.SINCE, "operator", "0005")
    _rewrite(tmp_path, _of_before_operators)

    assert with_archived(company, tmp_path, [], serial_number="A0001") == of_unit
    assert {row["operator"] for row in of_unit} == {None}
    assert all_findings(company, tmp_path) == []


def test_a_file_without_a_field_of_its_version_is_damaged(
    company: Engine, dock: PastStation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dock.do(*MORNING, *AFTERNOON)
    archive(company, tmp_path, days_later(20))
    monkeypatch.setitem(files.SINCE, "operator", "0004")
    path = _rewrite(tmp_path, _of_before_operators)

    with pytest.raises(StationError, match=rf"{path}: contains an invalid line \('operator'\)"):
        with_archived(company, tmp_path, [], serial_number="A0001")


def test_a_file_of_a_newer_version_is_refused_with_a_clear_message(
    company: Engine, dock: PastStation, tmp_path: Path
) -> None:
    dock.do(*MORNING, *AFTERNOON)
    archive(company, tmp_path, days_later(20))
    # A newer version's rows may have a different type altogether.
    path = _rewrite(tmp_path, lambda line: line.update(schema="0099", moves={"as": "columns"}))
    sentence = (
        f'{path}: was written by a newer scanstation (schema "0099", this program knows up to "{NEWEST}"); '
        "install that version"
    )

    with pytest.raises(StationError) as refused:
        with_archived(company, tmp_path, [], serial_number="A0001")
    assert str(refused.value) == sentence
    assert f"archive: {sentence}" in list(archive_findings(company, tmp_path))
    path.rename(tmp_path / f"pending-{path.name}")
    with pytest.raises(StationError, match="was written by a newer scanstation"):
        archive(company, tmp_path, days_later(20))


def test_a_document_that_was_being_archived_when_a_column_was_added_is_archived(
    company: Engine, dock: PastStation, tmp_path: Path
) -> None:
    dock.do(*MORNING, *AFTERNOON)
    before = in_database(company)
    with reading(company) as connection:
        written = document_entry(connection, "CM-1")
    assert written is not None
    sessions = tuple({name: row[name] for name in row if name != "operator"} for row in written.sessions)
    older = structs.replace(written, schema="0004", sessions=sessions)
    ArchiveFiles(tmp_path).begin("2020-01", [files.line_of(older)])

    archive(company, tmp_path, days_later(0))

    assert query(company, "SELECT count(*) FROM history WHERE document = 'CM-1'") == [(0,)]
    assert in_database(company).keys() < before.keys()
    assert all_findings(company, tmp_path) == []


def test_what_a_publisher_has_not_sent_stays(company: Engine, dock: PastStation, tmp_path: Path) -> None:
    dock.do(*MORNING, *AFTERNOON)
    begun = "INSERT INTO publishers (station, name, sent_row, sent_session) VALUES ('dock-1', 'office', 0, 0)"
    execute(company, begun)

    tally = archive(company, tmp_path, days_later(20))
    assert (tally.documents, tally.rows, tally.unsent) == ([], 0, 3)

    # All rows are sent, but no move.
    execute(company, "UPDATE publishers SET sent_row = 1000, sent_session = 1000")
    tally = archive(company, tmp_path, days_later(20))
    assert (tally.documents, tally.rows, tally.unsent) == ([], 1, 2)

    # All rows and moves are sent, but not the end of the second session.
    execute(company, "UPDATE publishers SET sent_move = 1000, sent_session = 1")
    tally = archive(company, tmp_path, days_later(20))
    assert [due.document for due in tally.documents] == ["CM-1"]
    assert (tally.rows, tally.unsent) == (0, 1)


def test_counts_go_into_the_archive_and_are_credited_on_their_line(
    company: Engine, dock: PastStation, tmp_path: Path
) -> None:
    dock.do(("open", "CM-1"), ("scan", "A0001"))
    execute(
        company,
        "INSERT INTO history "
        "(station, number, id, at, session, document, action, item, scanner, text, quantity) "
        "SELECT 'dock-1', number + 1, 'count', at, 1, 'CM-1', 'Counted', 'A', 'left', 'A', 3 FROM history",
        "INSERT INTO counts (document, line, item, history_id, quantity, stated) "
        "VALUES ('CM-1', 1, 'A', 'count', 3, true)",
    )
    dock.do(("save", ""), *AFTERNOON)
    before, shown = in_database(company), list_documents(company)

    archive(company, tmp_path, days_later(20))

    assert query(company, "SELECT * FROM counts") == []
    assert query(company, "SELECT units FROM archived_lines") == [(4,)]
    assert list_documents(company) == shown
    exported = export_document(company, "CM-1")
    assert [line.credited for line in exported.lines] == [4]
    assert [receipt.number for receipt in exported.receipts] == [1]
    assert_each_row_is_in_one_place(company, tmp_path, before)


def test_what_a_publisher_has_not_sent_of_the_office_stays(
    company: Engine, dock: PastStation, tmp_path: Path
) -> None:
    for memo, unit in (("CM-1", "A0001"), ("CM-2", "A0002")):
        dock.do(("open", memo), ("scan", unit), ("close", ""))
    dock.do(*AFTERNOON)
    with transaction(company) as connection:
        for memo in ("CM-1", "CM-2"):
            its_number = select(documents.c.number).where(documents.c.number == memo)
            release(connection, its_number, "2020-01-01T07:00:00.000Z")
    execute(
        company,
        "UPDATE documents SET status = 'cancelled' WHERE number IN ('CM-1', 'CM-2')",
        "INSERT INTO publishers (station, name, sent_row, sent_session, sent_move) "
        "VALUES ('dock-1', 'office', 1000, 1000, 1000)",
    )
    assert archive(company, tmp_path, days_later(20)).unsent == 2
    execute(company, "UPDATE publishers SET sent_office_move = 1000")
    # The office's newest move stays.
    assert [due.document for due in archive(company, tmp_path, days_later(20)).documents] == ["CM-1"]


def test_a_document_that_a_session_is_open_on_stays_whatever_its_status(
    company: Engine, dock: PastStation, tmp_path: Path
) -> None:
    dock.do(("open", "CM-1"), ("scan", "A0001"))
    execute(company, "UPDATE documents SET status = 'saved' WHERE number = 'CM-1'")
    other = PastStation(company, "dock-2")
    other.do(*AFTERNOON)
    other.close()

    assert archive(company, tmp_path, days_later(40)).documents == []


def test_the_newest_rows_of_a_station_stay_so_that_no_number_is_used_twice(
    company: Engine, dock: PastStation, tmp_path: Path
) -> None:
    dock.do(*MORNING, ("scan", "A0009"))

    tally = archive(company, tmp_path, days_later(LONG))

    # The second session is the last one; the scan after it has the newest row.
    assert ([due.document for due in tally.documents], tally.rows) == (["CM-1"], 1)
    assert all_findings(company, tmp_path) == []


def test_a_rehearsal_reports_the_same_and_changes_nothing(
    company: Engine, dock: PastStation, tmp_path: Path
) -> None:
    dock.do(*MORNING, *AFTERNOON)
    before = in_database(company)

    rehearsed = Archive(company, tmp_path / "archive", days_later(20)).rehearse()

    assert in_database(company) == before
    assert not (tmp_path / "archive").exists()
    assert archive(company, tmp_path / "archive", days_later(20)) == rehearsed


def test_history_that_the_archive_does_not_have_can_still_not_be_deleted(
    company: Engine, dock: PastStation, tmp_path: Path
) -> None:
    dock.do(*MORNING, *AFTERNOON)
    archive(company, tmp_path, days_later(20))

    for table in ("history", "moves"):
        dock.do(("open", "CM-4"), ("scan", "B0002"), ("save", ""))
        with pytest.raises(DatabaseError, match=f"{table} is only ever added to"), transaction(company) as c:
            c.execute(text(f"DELETE FROM {table}"))


def test_only_one_run_at_a_time(company: Engine, tmp_path: Path) -> None:
    files = ArchiveFiles(tmp_path / "archive")
    files.make_directory()
    with (
        only_one(company, files.directory),
        pytest.raises(StationError, match="another archive run is in progress"),
    ):
        archive(company, files.directory, days_later(LONG))


def test_machines_that_share_a_database_do_not_archive_at_once(postgres_url: str, tmp_path: Path) -> None:
    engine = open_engine(postgres_url)
    files = ArchiveFiles(tmp_path / "here")
    files.make_directory()
    with (
        only_one(engine, files.directory),
        pytest.raises(StationError, match="another archive run is in progress"),
    ):
        archive(engine, tmp_path / "there", days_later(LONG))
    engine.dispose()


def test_nothing_is_added_to_a_damaged_file_and_nothing_leaves_the_database(
    company: Engine, dock: PastStation, tmp_path: Path
) -> None:
    dock.do(*MORNING, *AFTERNOON)
    whole = bytearray(gzip.compress(b"{}\n" * 100))
    whole[-8] ^= 1
    (tmp_path / "2020-01.jsonl.gz").write_bytes(whole)
    before = in_database(company)

    with pytest.raises(StationError, match=r"2020-01\.jsonl\.gz: is damaged"):
        archive(company, tmp_path, days_later(20))

    assert in_database(company) == before
    assert any("2020-01.jsonl.gz: is damaged" in finding for finding in all_findings(company, tmp_path))


def test_the_check_reports_a_missing_file(sqlite_url: str, tmp_path: Path) -> None:
    engine = open_engine(sqlite_url)
    upgrade(engine)
    fill(engine)
    dock = PastStation(engine)
    dock.do(*MORNING, *AFTERNOON)
    archive(engine, tmp_path / "archive", days_later(20))

    directory = tmp_path / "archive"
    (directory / "2020-01.jsonl.gz").unlink()

    assert [finding for finding in all_findings(engine, directory) if "history" in finding] == [
        f"I5: 10 rows of history of station dock-1 were archived, but no file in {directory} has them"
    ]
    dock.close()
    engine.dispose()


deeds = st.one_of(
    st.tuples(st.just("scan"), st.sampled_from(NUMBERS)),
    st.tuples(st.just("scan"), st.sampled_from(NUMBERS)),
    st.tuples(st.just("open"), st.sampled_from(MEMOS)),
    st.tuples(st.sampled_from(["save", "close", "undo"]), st.just("")),
    st.tuples(st.just("cancel"), st.sampled_from(MEMOS)),
    st.tuples(st.just("make"), st.sampled_from("ABC")),
    st.tuples(st.just("post"), st.integers(0, 9)),
    st.tuples(st.just("wait"), st.integers(1, 40)),
    st.tuples(st.just("archive"), st.integers(0, 60)),
    st.tuples(st.just("send"), st.integers(0, 30)),
)


def _random_histories(engine: Engine, directory: Path, work: list[tuple[int, Deed]]) -> None:
    """Whatever two stations did, and whenever it was archived: each row is in exactly one place."""
    fill(engine)
    docks = [PastStation(engine, f"dock-{number}") for number in (1, 2)]
    for who, (deed, what) in work:
        if deed == "archive":
            late = (max(dock.now for dock in docks) - START).days
            before = in_database(engine) + in_archive(directory)
            archive(engine, directory, days_later(late - what))
            assert_each_row_is_in_one_place(engine, directory, before)
        elif deed == "send":
            execute(
                engine,
                "INSERT INTO publishers (station, name, sent_row, sent_session) "
                f"VALUES ('dock-1', 'office', {what}, {what}) ON CONFLICT (station, name) DO UPDATE "
                f"SET sent_row = {what}, sent_session = {what}, sent_move = {what}",
            )
        else:
            docks[who].do((deed, what))
    for days in (30, 10_000):
        before = in_database(engine) + in_archive(directory)
        archive(engine, directory, days_later(days))
        assert_each_row_is_in_one_place(engine, directory, before)
    for dock in docks:
        dock.close()


work = st.lists(st.tuples(st.integers(0, 1), deeds), max_size=60)


@given(work)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_stations_did_and_whenever_it_is_archived_each_row_is_in_one_place(
    tmp_path: Path, work: list[tuple[int, Deed]]
) -> None:
    directory = Path(tempfile.mkdtemp(dir=tmp_path))
    shutil.copyfile(_template(tmp_path), directory / "scanstation.db")
    engine = open_engine(f"sqlite:///{directory / 'scanstation.db'}")
    _random_histories(engine, directory / "archive", work)
    engine.dispose()
    shutil.rmtree(directory)


def _template(directory: Path) -> Path:
    """An empty database, created once."""
    path = directory / "template.db"
    if not path.exists():
        engine = open_engine(f"sqlite:///{path}")
        upgrade(engine)
        engine.dispose()
    return path


@given(work)
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_same_on_postgresql(tmp_path: Path, shared: Engine, work: list[tuple[int, Deed]]) -> None:
    names = ", ".join(table.name for table in metadata.sorted_tables)
    with transaction(shared) as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.exec_driver_sql(f"TRUNCATE {names} CASCADE")
    directory = Path(tempfile.mkdtemp(dir=tmp_path))
    _random_histories(shared, directory, work)


@pytest.fixture
def shared(postgres_url: str) -> Iterator[Engine]:
    engine = open_engine(postgres_url)
    yield engine
    engine.dispose()
