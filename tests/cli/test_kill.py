"""``kill -9`` at any moment: a confirmed scan is stored once, an unconfirmed one completely or not at all."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest

from station.repository.checking import findings
from station.repository.database import open_engine
from station.repository.queries import serial_number_history
from tests.running import PATIENCE_S, Workplace, start, wait_until

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

UNITS = 150
ROWS_BEFORE_A_KILL = 40
DOES_ATTACH = {"Assigned", "Added", "Negative"}


@pytest.mark.parametrize("kills", [6, pytest.param(200, marks=[pytest.mark.full, pytest.mark.timeout(1800)])])
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
    command = ["replay", "--document", "CM-1", "--answer", "yes", "--speed", "100"]
    printed = place.directory / "rows.jsonl"
    with printed.open("w") as file:
        process = start(
            *command,
            place.recording(scans),
            env=place.environment(),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.PIPE,
        )
    # Counted in rows, not in seconds: on a slow machine it is killed as often as on a fast one.
    rows = randomness.randrange(ROWS_BEFORE_A_KILL)
    wait_until(lambda: printed.read_bytes().count(b"\n") >= rows or process.poll() is not None, printed)
    time.sleep(randomness.uniform(0, 0.02 if rows else 1))
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
