"""What a scan costs from text to durable, beside the standard library doing the same writes.

Run: python tests/bench/scan_path.py [SCANS]

Prints milliseconds a scan (median) and their ratios to the floor of the same run: one at a time, and in
batches as a replay at full speed has them. Judges nothing.
"""

from __future__ import annotations

import os
import sqlite3
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from station.app.station import Station
from station.config.loading import from_table
from station.office.importer import import_directory
from station.source import now, stamp
from station.worker.entries import Scanned

if TYPE_CHECKING:
    from collections.abc import Callable

BATCH = 100


def _company(directory: Path, scans: int) -> Path:
    files = directory / "company"
    files.mkdir()
    serials = "".join(f"SN{number:07},ITEM,SOLD\n" for number in range(max(3 * scans, 100_000)))
    for name, text in {
        "locations": "code,name,default\nMAIN,Main,yes\n",
        "stock_areas": "code,name,type,location\nSOLD,Sold,out,MAIN\n",
        "items": "code,description,tracking\nITEM,An item,serialized\n",
        "serial_numbers": f"serial_number,item,stock_area\n{serials}",
        "documents": "number,kind,location\nCM-1,credit_memo,MAIN\n",
        "lines": "document,item,requested\nCM-1,ITEM,1000000\n",
    }.items():
        (files / f"{name}.csv").write_text(text)
    return files


def _timed(step: Callable[..., object], *arguments: object) -> float:
    """Milliseconds of one call."""
    start = time.perf_counter()
    step(*arguments)
    return (time.perf_counter() - start) * 1000


class Floor:
    """The same lookup and the same rows, with nothing around them."""

    def __init__(self, source: Path, directory: Path) -> None:
        target = directory / "floor.db"
        with sqlite3.connect(source) as whole, sqlite3.connect(target) as copy:
            whole.backup(copy)
        self._connection = sqlite3.connect(target, isolation_level=None)
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            self._connection.execute(f"PRAGMA {pragma}")

    def scans(self, first: int, count: int) -> None:
        run = self._connection.execute
        run("BEGIN IMMEDIATE")
        for number in range(first, first + count):
            serial, key = f"SN{number:07}", stamp("", "").id
            run("SELECT item, stock_area FROM serial_numbers WHERE serial_number = ?", [serial]).fetchone()
            run(
                "INSERT INTO attachments (document, serial_number, item, line, document_status, history_id)"
                " VALUES ('CM-1', ?, 'ITEM', 1, 'open', ?)",
                [serial, key],
            )
            run(
                "INSERT INTO history (station, number, id, at, session, document, action, serial_number,"
                " item, description, stock_area, scanner, text) VALUES ('bench',"
                " (SELECT coalesce(max(number), 0) + 1 FROM history WHERE station = 'bench'),"
                " ?, '2026-11-23T05:00:00.812Z', 1, 'CM-1', 'Assigned', ?, 'ITEM', 'An item',"
                " 'SOLD', 'x', ?)",
                [key, serial, serial],
            )
        run("COMMIT")


def main(scans: int) -> None:
    """Measure both, in turn, in one run."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        config = from_table(
            {"station": {"name": "bench", "state_directory": name}, "log": {"level": "error"}}, "bench"
        )
        with Station(config) as station:
            import_directory(station.engine, _company(directory, scans), now())
            station.command("open CM-1", "bench")
            floor = Floor(directory / "scanstation.db", directory)
            one_floor, one_station = [], []
            for block in range(scans // BATCH):
                numbers = range(block * BATCH, (block + 1) * BATCH)
                one_floor += [_timed(floor.scans, number, 1) for number in numbers]
                labels = [Scanned(stamp(f"SN{number:07}", "bench")) for number in numbers]
                one_station += [_timed(station.post_and_wait, scan) for scan in labels]
            _print("one at a time", statistics.median(one_station), statistics.median(one_floor))
            start = time.perf_counter()
            for first in range(scans, 2 * scans, BATCH):
                floor.scans(first, BATCH)
            middle = time.perf_counter()
            for number in range(scans, 2 * scans):
                station.desk.post(Scanned(stamp(f"SN{number:07}", "bench")))
            station.settle("bench", "done")
            end = time.perf_counter()
            _print("batches", (end - middle) / scans * 1000, (middle - start) / scans * 1000)


def _print(what: str, station_ms: float, floor_ms: float) -> None:
    print(f"{what}: station {station_ms:.3f} ms, floor {floor_ms:.3f} ms, ratio {station_ms / floor_ms:.2f}")


if __name__ == "__main__":
    print(f"load average {os.getloadavg()[0]:.1f}")
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
