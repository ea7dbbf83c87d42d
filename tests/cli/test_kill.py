"""``kill -9`` at any moment: a confirmed scan is stored once, an unconfirmed one completely or not at all."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from station.repository.checking import findings
from station.repository.database import open_engine
from station.repository.queries import serial_number_history
from tests.running import PATIENCE_S, Workplace, start, wait_until
from tests.stations import query

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from sqlalchemy import Engine

UNITS = 150
ROWS_BEFORE_A_KILL = 40
DOES_ATTACH = {"Assigned", "Added", "Negative"}


@pytest.mark.parametrize("kills", [6, pytest.param(40, marks=[pytest.mark.full, pytest.mark.timeout(1800)])])
def test_every_confirmed_scan_is_there_once_after_kills(tmp_path: Path, kills: int) -> None:
    randomness = random.Random(kills)
    killed = 0
    while killed < kills:
        killed += _scan_all(_company(tmp_path / str(killed)), randomness)


def _company(directory: Path) -> Workplace:
    """Units of three items: one on the document, one not on it, one in a stock area."""
    files = directory / "company"
    files.mkdir(parents=True)
    areas = {"A": "SOLD", "B": "SOLD", "C": "STOCK"}
    serials = "".join(f"{item}{n:04},{item},{areas[item]}\n" for item in "ABC" for n in range(UNITS // 3))
    for name, text in {
        "locations": "code,name,default\nMAIN,Main,yes\n",
        "stock_areas": "code,name,type,location\nSOLD,Sold,out,MAIN\nSTOCK,Stock,stock,MAIN\n",
        "items": "code,tracking\nA,serialized\nB,serialized\nC,serialized\n",
        "serial_numbers": f"serial_number,item,stock_area\n{serials}",
        "documents": "number,kind,location\nCM-1,credit_memo,MAIN\n",
        "lines": "document,item,requested\nCM-1,A,10\n",
    }.items():
        (files / f"{name}.csv").write_text(text)
    place = Workplace(directory)
    place.configure()
    place.run("import", files)
    return place


def _scan_all(place: Workplace, randomness: random.Random) -> int:
    """Scan every unit, with a kill now and then; return the number of kills."""
    todo = [f"{item}{n:04}" for n in range(UNITS // 3) for item in "ABC"]
    scans, confirmed, kills = list(todo), [], 0
    while todo:
        rows, was_killed = _replay(place, todo, randomness)
        assert [row["text"] for row in rows] == todo[: len(rows)]
        confirmed += rows
        todo = todo[len(rows) :]
        kills += was_killed
        _check(place, confirmed)
    booked = [row["serial_number"] for row in _history(place) if row["action"] in DOES_ATTACH]
    assert sorted(booked) == sorted(scans)
    return kills


def _replay(
    place: Workplace, scans: Sequence[str], randomness: random.Random
) -> tuple[list[dict[str, Any]], bool]:
    """Replay scans, and kill at a random row; return the confirmed rows, and whether it was killed."""
    # Counted in rows, not in seconds: on a slow machine it is killed as often as on a fast one.
    rows = randomness.randrange(ROWS_BEFORE_A_KILL)
    options = ("--document", "CM-1", "--answer", "yes", "--speed", "100")
    return _killed(place, randomness, rows, "replay", *options, place.recording(scans))


def _killed(
    place: Workplace, randomness: random.Random, rows: int, *command: str | Path, within_s: float = 1
) -> tuple[list[dict[str, Any]], bool]:
    """Run a command, and kill it a moment after its n-th row; return the rows, and whether it was killed.

    `within_s`: the longest such moment if it is not to wait for a row.
    """
    printed = place.directory / "rows.jsonl"
    with printed.open("w") as file:
        process = start(
            *command,
            env=place.environment(),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.PIPE,
        )
    wait_until(lambda: printed.read_bytes().count(b"\n") >= rows or process.poll() is not None, printed)
    time.sleep(randomness.uniform(0, 0.02 if rows else within_s))
    process.send_signal(signal.SIGKILL)
    _, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode in {0, -signal.SIGKILL}, err
    out = printed.read_text()
    # A kill can cut a line; then the scan counts as unconfirmed.
    whole = out[: out.rfind("\n") + 1]
    return [json.loads(line) for line in whole.splitlines()], process.returncode != 0


def _check(place: Workplace, confirmed: list[dict[str, Any]]) -> None:
    there = {row["id"]: row for row in _history(place)}
    for row in confirmed:
        assert there[row["id"]]["action"] == row["action"]
    attached = [row["serial_number"] for row in there.values() if row["action"] in DOES_ATTACH]
    assert len(set(attached)) == len(attached)


def _history(place: Workplace) -> list[dict[str, Any]]:
    """Return the document's history, from an intact database."""
    engine = open_engine(f"sqlite:///{place.database}")
    try:
        assert list(findings(engine)) == []
        return serial_number_history(engine, document="CM-1")
    finally:
        engine.dispose()


# A morning of receipts, counts, reasons and reopens


@pytest.mark.parametrize("kills", [5, pytest.param(30, marks=[pytest.mark.full, pytest.mark.timeout(1800)])])
def test_receipts_counts_reasons_and_reopens_are_there_once_and_whole_after_kills(
    tmp_path: Path, kills: int
) -> None:
    randomness = random.Random(kills)
    killed = 0
    while killed < kills:
        killed += _work(_returns(tmp_path / str(killed)), randomness)


@dataclass(frozen=True)
class Step:
    """What the worker scans, or the office does, and how to see that it is done."""

    text: str
    is_done: Callable[[Look], bool]
    rows: int = 0
    """History rows that it gives."""
    is_of_office: bool = False


class Look:
    """A look at the database, which must be intact."""

    def __init__(self, place: Workplace) -> None:
        self._engine: Engine = open_engine(f"sqlite:///{place.database}")

    def close(self) -> None:
        self._engine.dispose()

    def of(self, sql: str) -> list[tuple[Any, ...]]:
        return query(self._engine, sql)

    def findings(self) -> list[str]:
        return list(findings(self._engine))

    def rows(self) -> list[tuple[str, str, str]]:
        """Id, action and text of each row of history, in order."""
        return [
            (row[0], row[1], row[2])
            for row in self.of("SELECT id, action, text FROM history ORDER BY number")
        ]

    def has_row(self, text: str, times: int = 1) -> bool:
        return [row[2] for row in self.rows()].count(text) >= times

    def receipts(self) -> int:
        return len(self.of("SELECT number FROM receipts"))

    def is_asked(self) -> bool:
        return bool(self.of("SELECT 1 FROM questions"))

    def mode(self) -> str:
        return str(self.of("SELECT mode FROM stations WHERE name = 'dock-1'")[0][0])


def _unit(number: str) -> Step:
    return Step(number, lambda look: look.has_row(number), 1)


def _detail(command: str, column: str, code: str, number: str) -> Step:
    sql = f"SELECT 1 FROM attachments WHERE serial_number = '{number}' AND {column} = '{code}'"
    return Step(f"$${command} {code}", lambda look: bool(look.of(sql)))


def _save(receipt: int, answer: str) -> list[Step]:
    return [
        Step("$$SAVE", lambda look: look.receipts() >= receipt or look.is_asked()),
        Step(answer, lambda look: look.receipts() >= receipt),
    ]


def _reopen(receipt: int) -> Step:
    sql = f"SELECT 1 FROM receipts WHERE number = {receipt} AND reopened_at IS NOT NULL"
    return Step("CM-1", lambda look: bool(look.of(sql)), is_of_office=True)


RANGE = 4
"""Units of the range."""
STEPS = [
    _unit("A01"),
    _unit("A02"),
    _detail("CONDITION", "condition", "SCRAP", "A02"),
    _unit("A03"),
    _detail("REASON", "reason_code", "DOA", "A03"),
    Step("$$RANGE", lambda look: look.mode().startswith("range") or look.has_row("R04")),
    Step("R01", lambda look: look.mode() == "range_last" or look.has_row("R04")),
    Step("R04", lambda look: look.has_row("R04"), RANGE),
    Step("CABLE", lambda look: look.has_row("CABLE"), 1),
    Step("$$QTY 5", lambda look: look.has_row("$$QTY 5"), 1),
    *_save(1, "$$LATER"),
    _reopen(1),
    _unit("A04"),
    *_save(2, "$$LATER"),
    _unit("A05"),
    _detail("CONDITION", "condition", "SCRAP", "A05"),
    Step("CABLE", lambda look: look.has_row("CABLE", 2), 1),
    *_save(3, "$$YES"),
    _reopen(3),
    _unit("A06"),
    *_save(4, "$$YES"),
]


def _returns(directory: Path) -> Workplace:
    """A memo over units and counted goods, of which some don't come."""
    files = directory / "company"
    files.mkdir(parents=True)
    serials = [f"A{n:02},A" for n in range(1, 10)] + [f"R{n:02},R" for n in range(1, 1 + RANGE)]
    for name, text in {
        "locations": "code,name,default,returned_area,sold_area\nMAIN,Main,yes,BACK,SOLD\n",
        "stock_areas": (
            "code,name,type,location\nSOLD,Sold,out,MAIN\nBACK,Back,stock,MAIN\nSCRAP,Scrap,stock,MAIN\n"
        ),
        "items": "code,tracking\nA,serialized\nR,serialized\nCABLE,none\n",
        "reasons": "code,text\nDOA,Dead on arrival\n",
        "conditions": "code,text,stock_area\nSCRAP,Beyond repair,SCRAP\n",
        "serial_numbers": "serial_number,item,stock_area\n" + "".join(f"{each},SOLD\n" for each in serials),
        "documents": "number,kind,location\nCM-1,credit_memo,MAIN\n",
        "lines": f"document,item,requested\nCM-1,A,9\nCM-1,R,{RANGE}\nCM-1,CABLE,10\n",
    }.items():
        (files / f"{name}.csv").write_text(text)
    place = Workplace(directory)
    place.configure()
    place.run("import", files)
    return place


def _work(place: Workplace, randomness: random.Random) -> int:
    """Do every step, with kills; return the number of kills."""
    look = Look(place)
    confirmed: dict[str, str] = {}
    kills, within_s = 0, 1.0
    while todo := _todo(look):
        if todo[0].is_of_office:
            command: tuple[str | Path, ...] = ("memo", "reopen", todo[0].text)
            rows, was_killed = _killed(place, randomness, 0, *command, within_s=within_s)
            # It prints no row to wait for: each time it gets longer, as slow machines need.
            within_s *= 2
        else:
            command = ("replay", "--document", "CM-1", "--speed", "100", place.recording(_until_saved(todo)))
            rows, was_killed = _killed(place, randomness, randomness.randrange(8), *command)
            within_s = 1.0
        confirmed |= {row["id"]: row["action"] for row in rows}
        kills += was_killed
        _check_returns(look, confirmed)
    assert dict(look.of("SELECT item, sum(quantity) FROM counts GROUP BY 1")) == {"CABLE": 6}
    areas = dict(look.of("SELECT serial_number, stock_area FROM serial_numbers"))
    scrapped = {"A02", "A05"}
    came = {f"A{n:02}" for n in range(1, 7)} | {f"R{n:02}" for n in range(1, 1 + RANGE)}
    assert areas == {
        number: "SCRAP" if number in scrapped else "BACK" if number in came else "SOLD" for number in areas
    }
    assert look.of("SELECT status FROM documents") == [("saved",)]
    look.close()
    return kills


def _todo(look: Look) -> list[Step]:
    """Return the steps from the first one on that is not done."""
    done = next((place for place, step in enumerate(STEPS) if not step.is_done(look)), len(STEPS))
    return STEPS[done:]


def _until_saved(todo: Sequence[Step]) -> list[str]:
    """Return what is scanned until the document is saved, which closes it."""
    texts = [step.text for step in todo]
    end = next(place for place, text in enumerate(texts, 1) if text in {"$$LATER", "$$YES"})
    return texts[:end]


def _check_returns(look: Look, confirmed: dict[str, str]) -> None:
    """Nothing twice, nothing half."""
    assert look.findings() == []
    rows = look.rows()
    assert confirmed.items() <= {(row_id, action) for row_id, action, _ in rows}
    # Each step's rows are there once, all or none, and in order.
    expected = [step.text for step in STEPS for _ in range(step.rows)]
    assert [text for _, _, text in rows] == expected[: len(rows)]
    assert look.of("SELECT count(*) FROM history WHERE text = 'R04'") in ([(0,)], [(RANGE,)])
    assert {action for _, action, _ in rows} <= {"Assigned", "Counted"}
    # A unit is where the last move put it, and no Save of the document moved it twice.
    balance = look.of(
        "SELECT a.serial_number, a.receipt IS NOT NULL, u.stock_area <> 'SOLD', "
        "coalesce(sum(CASE m.event WHEN 'Booked' THEN 1 WHEN 'Reopened' THEN -1 END), 0) "
        "FROM attachments a JOIN serial_numbers u USING (serial_number, item) "
        "LEFT JOIN moves m ON m.serial_number = a.serial_number AND m.document = a.document GROUP BY 1, 2, 3"
    )
    for number, has_receipt, is_back, moved in balance:
        assert (has_receipt, is_back) == (moved, moved), number
    # A receipt has moved each of its units once.
    twice = look.of(
        "SELECT receipt, serial_number FROM moves WHERE event = 'Booked' GROUP BY 1, 2 HAVING count(*) > 1"
    )
    assert twice == []
