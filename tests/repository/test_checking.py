"""`db check`: finds nothing on a good database, and names each kind of damage."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from station.office.exporter import export_document
from station.repository.checking import findings
from station.repository.database import is_sqlite, transaction
from tests.stations import attached, execute, fill, query, station

if TYPE_CHECKING:
    from sqlalchemy import Engine


@pytest.fixture
def good(engine: Engine) -> Engine:
    """CM-1 is saved, CM-2 cancelled, CM-3 open; each with units of all kinds, some of them detached again."""
    fill(engine)
    with station(engine, auto_answer=True) as here:
        for memo, start in (("CM-1", 0), ("CM-2", 10), ("CM-3", 20)):
            here.command(f"open {memo}")
            here.scan(f"NO-{memo}")
            here.scan("$$GENERATE A")
            here.command("undo")
            for item in "ABC":
                here.scan(f"{item}{start:04}")
                here.scan(f"{item}{start + 1:04}")
                here.command("undo")
            if memo == "CM-1":
                here.command("save")
            elif memo == "CM-2":
                here.command("cancel-document CM-2")
    return engine


def damage(engine: Engine, *statements: str) -> None:
    """Change rows despite foreign keys and triggers, and leave those in place."""
    if not is_sqlite(engine):
        with transaction(engine) as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            for statement in statements:
                connection.execute(text(statement))
        return
    with closing(sqlite3.connect(str(engine.url.database))) as past, past:
        past.execute("PRAGMA ignore_check_constraints = ON")
        triggers = past.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            past.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            past.execute(statement)
        for _, sql in triggers:
            past.execute(sql)


def test_nothing_is_found_in_a_database_that_only_stations_have_written(good: Engine) -> None:
    assert attached(good) == [
        (memo, f"{item}{start:04}") for memo, start in (("CM-1", 0), ("CM-3", 20)) for item in "ABC"
    ]
    events = query(good, "SELECT document, event, count(*) FROM moves GROUP BY 1, 2 ORDER BY 1")
    assert events == [("CM-1", "Booked", 3), ("CM-2", "Released", 3)]
    assert list(findings(good)) == []


def test_nothing_is_found_in_an_empty_database(engine: Engine) -> None:
    assert list(findings(engine)) == []


ROW_AGAIN = """
INSERT INTO history
    (station, number, id, at, session, document, action, serial_number, item, scanner, text)
VALUES
    ('dock-1', (SELECT max(number) + 1 FROM history), 'again', '2026', 9, 'CM-4', 'Assigned', 'A0020', 'A',
     'left', 'A0020')
"""
ATTACHED_AGAIN = """
INSERT INTO attachments (document, serial_number, item, line, document_status, history_id)
VALUES ('CM-4', 'A0020', 'A', 1, 'open', 'again')
"""


@pytest.mark.parametrize(
    ("statements", "says"),
    [
        pytest.param(
            ("DROP INDEX one_open_document", ROW_AGAIN, ATTACHED_AGAIN),
            ["I1: serial number A0020 of A is attached to 2 open documents"],
            id="a unit on two open documents",
        ),
        pytest.param(
            ("DELETE FROM attachments WHERE serial_number = 'B0020'",),
            ["I2: CM-3 has 0 units of B attached, its history says 1"],
            id="an attachment that went missing",
        ),
        pytest.param(
            ("UPDATE attachments SET history_id = 'none' WHERE serial_number = 'A0020'",),
            ["I3: serial number A0020 is attached to CM-3 without its row of history"],
            id="an attachment without history",
        ),
        pytest.param(
            (
                (
                    "UPDATE attachments SET history_id = (SELECT id FROM history WHERE text = 'NO-CM-3')"
                    " WHERE serial_number = 'A0020'"
                ),
            ),
            ["I3: serial number A0020 is attached to CM-3 without its row of history"],
            id="an attachment with another scan's history",
        ),
        pytest.param(
            ("DELETE FROM history WHERE text IN ('NO-CM-1', 'NO-CM-2')",),
            ["I5: 2 rows of history of station dock-1 are missing"],
            id="rows of history that went missing",
        ),
        pytest.param(
            ("DELETE FROM moves WHERE number = 1",),
            ["I5: 1 rows of moves of station dock-1 are missing"],
            id="a move that went missing",
        ),
        pytest.param(
            ("UPDATE number_series SET last = 1",),
            ["M5: the serial numbers MAIN-… are counted to 1, but 3 was assigned"],
            id="a count that was put back",
        ),
        pytest.param(
            ("UPDATE generated_numbers SET history_id = 'none' WHERE number = 2",),
            ["M5: serial number MAIN-000002 was generated without its row of history"],
            id="a generated number without history",
        ),
        pytest.param(
            ("DELETE FROM serial_numbers WHERE serial_number = 'MAIN-000001'",),
            ["serial number MAIN-000001, generated here, does not exist"],
            id="a generated unit that went missing",
        ),
        pytest.param(
            ("DELETE FROM serial_numbers WHERE serial_number = 'C0000'",),
            ["serial number C0000 on CM-1 does not exist"],
            id="a unit that went missing",
        ),
        pytest.param(
            ("UPDATE serial_numbers SET stock_area = 'GONE' WHERE serial_number = 'A0005'",),
            ["1 rows of serial_numbers name a stock_area that does not exist"],
            id="a unit in no stock area",
        ),
        pytest.param(
            ("UPDATE lines SET item = 'GONE' WHERE document = 'CM-4'",),
            ["1 rows of lines name a item that does not exist"],
            id="a line of no item",
        ),
        pytest.param(
            ("UPDATE attachments SET receipt = 2 WHERE serial_number = 'A0000'",),
            ["D7: 1 rows of attachments of CM-1 are booked with receipt 2, which does not stand"],
            id="a unit that was booked without a receipt",
        ),
        pytest.param(
            ("UPDATE receipts SET document = 'CM-3'",),
            [
                "D7: 3 rows of attachments of CM-1 are booked with receipt 1, which does not stand",
                "D7: CM-3 is of status open, but a part of it is booked",
            ],
            id="a receipt of an open document",
        ),
        pytest.param(
            ("UPDATE documents SET status = 'backorder' WHERE number = 'CM-4'",),
            ["D7: CM-4 is of status backorder, but nothing of it is booked"],
            id="a backorder without a receipt",
        ),
        pytest.param(
            (
                (
                    "INSERT INTO counts (document, line, item, history_id, quantity, stated) "
                    "SELECT 'CM-3', 1, 'A', id, 4, true FROM history WHERE text = 'NO-CM-3'"
                ),
            ),
            [
                "I2: CM-3 has 5 units of A attached, its history says 1",
                "I3: A is counted on CM-3 without its row of history",
            ],
            id="a count without history",
        ),
    ],
)
def test_damage_is_found(good: Engine, statements: tuple[str, ...], says: list[str]) -> None:
    damage(good, *statements)
    assert [each for each in findings(good) if not each.startswith("integrity: ")] == says


def test_a_booked_unit_whose_item_was_corrected_is_no_damage(good: Engine) -> None:
    damage(
        good,
        "UPDATE serial_numbers SET item = 'B' WHERE serial_number = 'A0000'",
        "INSERT INTO stations (name) VALUES ('import')",
        "INSERT INTO moves (station, number, at, event, serial_number, item, from_item, from_area, to_area) "
        "VALUES ('import', 1, '2026', 'Imported', 'A0000', 'B', 'A', 'BACK', 'BACK')",
    )
    assert list(findings(good)) == []
    (line,) = (line for line in export_document(good, "CM-1").lines if line.item == "A")
    assert [(unit.serial_number, unit.stock_area) for unit in line.serial_numbers] == [("A0000", "BACK")]


def test_missing_triggers_of_history_are_found(good: Engine) -> None:
    if is_sqlite(good):
        triggers = [f"{table}_no_{verb}" for table in ("history", "moves") for verb in ("update", "delete")]
        execute(good, *(f"DROP TRIGGER {name}" for name in triggers))
    else:
        triggers = ["history_keep", "moves_keep"]
        execute(good, "DROP TRIGGER history_keep ON history", "ALTER TABLE moves DISABLE TRIGGER moves_keep")
    assert list(findings(good)) == [
        f"I5: the trigger {name} is gone, history can be changed" for name in triggers
    ]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_dangling_reference_or_violated_check_is_found_on_sqlite(good: Engine) -> None:
    damage(
        good,
        "INSERT INTO lines (document, number, item, requested, negative, added) "
        "VALUES ('CM-9', 1, 'A', 1, 0, 0)",
        "UPDATE items SET tracking = 'odd' WHERE code = 'B'",
    )
    assert list(findings(good)) == [
        "integrity: CHECK constraint failed in items",
        "integrity: a row of lines points to a missing row of documents",
    ]
