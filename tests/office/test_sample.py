"""The sample company and its morning, as the demo uses them."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from drivers.recording import check
from station.office.importer import import_directory
from tests.office.office import NOW, contents, query
from tests.pipeline import decode

if TYPE_CHECKING:
    from sqlalchemy import Engine

SAMPLE = Path(str(files("station.sample")))


def test_the_sample_company_is_imported_and_again_without_change(engine: Engine) -> None:
    summary = import_directory(engine, SAMPLE / "company", NOW)
    assert len(summary.rows) == 10
    before = contents(engine)
    import_directory(engine, SAMPLE / "company", NOW)
    assert contents(engine) == before
    assert query(engine, "SELECT code FROM locations WHERE is_default") == [("MAIN",)]


def test_the_recorded_morning_has_complete_scans_and_at_most_ten_minutes() -> None:
    path = SAMPLE / "morning.rec.jsonl"
    assert check(path).options == {"terminator": "\r"}
    scans = decode(path)
    assert len(scans) == 75
    assert {scan.outcome for scan in scans} == {"scan"}
    assert {scan.kind for scan in scans} == {"serial", "command", "document", "operator"}
    assert scans[-1].t < 600
