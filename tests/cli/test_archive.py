"""``db archive`` as IT and the timer run it, while the station runs."""

from __future__ import annotations

import json
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from station.repository.database import open_engine, transaction
from station.repository.schema import upgrade
from station.source import now, timestamp
from tests.repository.ended import PastStation, in_archive, in_database
from tests.running import PATIENCE_S, start
from tests.stations import fill, query

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from tests.running import Workplace

DOCUMENTS = 30
UNITS = 6
"""Units on each document."""
ARCHIVES = "[archive]\nafter_days = 730\n"


@pytest.fixture
def old(workplace: Workplace) -> Workplace:
    """A station that was used in 2020 and idle since, until a post today."""
    workplace.configure(ARCHIVES + "[preferences]\nprompt_when_not_on_document = false")
    engine = open_engine(f"sqlite:///{workplace.database}")
    upgrade(engine)
    fill(engine, units=1000)
    with transaction(engine) as connection:
        connection.execute(
            text(
                "INSERT INTO documents (number, kind, location, status) "
                "VALUES (:number, 'credit_memo', 'MAIN', 'open')"
            ),
            [{"number": f"CM-{1000 + number}"} for number in range(DOCUMENTS)],
        )
    dock = PastStation(engine)
    dock.do(("scan", "A0001"))
    for number in range(DOCUMENTS):
        units = range(number * UNITS, (number + 1) * UNITS)
        dock.do(("open", f"CM-{1000 + number}"), *(("scan", f"A{unit:04}") for unit in units), ("save", ""))
        dock.do(("wait", 3))
    dock.do(("open", "CM-2"), ("scan", "B0000"), ("save", ""))
    dock.close()
    with transaction(engine) as connection:
        execute = text("INSERT INTO posts VALUES ('today', 'dock-1', :at, 'asked', 'told')")
        connection.execute(execute, {"at": timestamp(now())})
    engine.dispose()
    return workplace


def test_a_dry_run_prints_what_the_next_run_archives(old: Workplace) -> None:
    directory = old.directory / "state/archive"

    dry_run = old.run("db", "archive", "--dry-run")
    assert (
        f"30 documents, 1 scans without a document and 0 Idempotency-Keys would go into {directory}"
        in dry_run.err
    )
    assert dry_run.out.splitlines()[0].startswith("CM-1000  2020-01-01T")
    assert not directory.exists()

    gone = old.run("db", "archive")
    assert (
        f"30 documents, 1 scans without a document and 0 Idempotency-Keys are now in {directory}" in gone.err
    )
    assert gone.out == dry_run.out
    assert "0 documents" in old.run("db", "archive").err
    old.run("db", "check")


def test_archived_documents_are_still_shown(old: Workplace) -> None:
    before = old.run("history", "--serial", "A0001", "--json").rows
    assert [row["action"] for row in before] == ["Assigned", "Booked"]
    old.run("db", "archive")

    bare = old.run("history", "--serial", "A0001", "--json")
    assert bare.rows == []
    assert "add --archived to include it" in bare.err
    assert old.run("history", "--archived", "--serial", "A0001", "--json").rows == before

    assert "CM-1000" in old.run("memo", "list", "--status", "saved").out
    shown = old.run("memo", "show", "CM-1000")
    assert "scanstation history --archived --document CM-1000" in shown.err
    assert json.loads(old.run("export", "CM-1000").out)["archived"] == "2020-01"


def test_after_zero_days_is_never(old: Workplace) -> None:
    old.configure("[archive]\nafter_days = 0\nposts_after_days = 0")
    assert "nothing is archived" in old.run("db", "archive").err
    assert "30 documents" in old.run("db", "archive", "--dry-run", "--after-days", "365").err


def test_unsent_entries_stay_until_their_publisher_is_forgotten(old: Workplace) -> None:
    engine = open_engine(f"sqlite:///{old.database}")
    with transaction(engine) as connection:
        connection.execute(
            text(
                "INSERT INTO publishers (station, name, sent_row, sent_session) "
                "VALUES ('dock-1', 'old-erp', 0, 0)"
            )
        )
    engine.dispose()
    waiting = old.run("db", "archive").err
    assert waiting.startswith("0 documents, 0 scans")
    assert "documents and scans stay until a publisher (old-erp of dock-1) has sent them" in waiting
    assert "known are: old-erp of dock-1" in old.run("db", "forget-publisher", "new-erp", code=1).err

    old.configure('[[publish]]\nname = "old-erp"\nkind = "webhook"\nurl = "https://erp.example.com/"')
    assert (
        "is configured; remove its [[publish]] table"
        in old.run("db", "forget-publisher", "old-erp", code=1).err
    )

    old.configure(ARCHIVES)
    old.run("db", "forget-publisher", "old-erp")
    assert "30 documents" in old.run("db", "archive").err


def test_a_clock_that_runs_years_ahead_archives_nothing_of_today(old: Workplace) -> None:
    engine = open_engine(f"sqlite:///{old.database}")
    with transaction(engine) as connection:
        connection.execute(text("UPDATE posts SET at = '2020-12-24T05:00:00.000Z'"))
    engine.dispose()
    # As if it were years after the newest row.
    assert old.run("db", "archive").err.startswith(
        "0 documents, 0 scans without a document and 0 Idempotency"
    )


def test_a_station_scans_while_it_is_archived(old: Workplace) -> None:
    engine = open_engine(f"sqlite:///{old.database}")
    before = in_database(engine)
    with old.daemon() as daemon:
        old.run("memo", "open", "CM-3")
        archiving = start("db", "archive", env=old.environment(), cwd=old.directory)
        actions: list[str] = []
        while archiving.poll() is None or not actions:
            (row,) = post(f"{daemon.url}/api/v1/scans", {"text": f"B{len(actions) + 1:04}"})["rows"]
            actions.append(row["action"])
        assert archiving.wait(PATIENCE_S) == 0
        old.run("memo", "save", "--yes")
    assert actions == ["Added", *["Assigned"] * (len(actions) - 1)]
    assert_all_is_there(engine, old.directory / "state/archive", before, len(actions))
    old.run("db", "check")
    engine.dispose()


def assert_all_is_there(engine: Engine, directory: Path, before: Any, scans: int) -> None:
    here, there = in_database(engine), in_archive(directory)
    assert not here & there
    assert not before - (here + there)
    assert len([row for row in there if row[0] == "history"]) == DOCUMENTS * UNITS + 1
    assert query(engine, "SELECT max(number) FROM history") == [(DOCUMENTS * UNITS + 2 + scans,)]


def post(url: str, body: dict[str, str]) -> Any:
    request = urllib.request.Request(  # noqa: S310 - the daemon's own address
        url, json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:  # noqa: S310
        return json.load(answer)
