"""How long an import of many serial numbers takes, beside the standard library writing the same rows.

Run: python tests/bench/import_million.py [ROWS] [--shuffled] [--keep DIRECTORY]

Prints seconds, seconds that others could not write, peak memory, bytes a serial number on disk, and the
ratio to sqlite3's own `executemany` of the same rows in one transaction, in the same run. It never fails.
"""

from __future__ import annotations

import argparse
import csv
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from station.office.result import ImportSummary

ITEMS = 200
AREAS = 20


def write_files(directory: Path, rows: int, *, shuffled: bool = False) -> None:
    """A company of `rows` serial numbers, a tenth of them with the manufacturer's number."""
    _write(directory, "locations.csv", ["code", "name"], [("MAIN", "Main")])
    areas = [(f"AREA-{n}", f"Area {n}", "out" if n % 2 else "stock", "MAIN") for n in range(AREAS)]
    _write(directory, "stock_areas.csv", ["code", "name", "type", "location"], areas)
    items = [(f"ITEM-{n:03d}", "serialized") for n in range(ITEMS)]
    _write(directory, "items.csv", ["code", "tracking"], items)
    numbers = list(range(rows))
    chance = random.Random(1)
    if shuffled:
        chance.shuffle(numbers)
    units = (
        (
            f"SN{n:09d}",
            f"ITEM-{n * ITEMS // rows:03d}",
            f"AREA-{n % AREAS}",
            f"M{chance.getrandbits(40):010X}" if n % 10 == 0 else "",
        )
        for n in numbers
    )
    header = ["serial_number", "item", "stock_area", "mfr_serial_number"]
    with (directory / "serial_numbers.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(units)


def _write(directory: Path, name: str, header: list[str], rows: Sequence[tuple[str, ...]]) -> None:
    with (directory / name).open("w", newline="") as file:
        csv.writer(file).writerows([tuple(header), *rows])


def run_import(directory: Path, database: Path) -> None:
    """Import once in this process and print what it took."""
    from station.office import importer  # noqa: PLC0415 - the parent process stays small
    from station.repository.database import open_engine  # noqa: PLC0415
    from station.repository.schema import upgrade  # noqa: PLC0415

    engine = open_engine(f"sqlite:///{database}")
    upgrade(engine)
    write = importer._write
    writing = 0.0

    def timed_write(*arguments: Any) -> ImportSummary:
        nonlocal writing
        start = time.perf_counter()
        summary = write(*arguments)
        writing = time.perf_counter() - start
        return summary

    start = time.perf_counter()
    with mock.patch.object(importer, "_write", timed_write):
        summary = importer.import_directory(engine, directory, datetime.now(UTC))
    seconds = time.perf_counter() - start
    engine.dispose()
    rows = summary.rows["serial_numbers.csv"]
    # Not ru_maxrss: that counts what the parent held before this program was started in its place.
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    peak_mb = int(status["VmHWM"].split()[0]) / 1024
    _say(
        f"import    {rows:,} rows  {seconds:6.2f} s  (writing {writing:.2f} s)  peak {peak_mb:.0f} MB  "
        f"{database.stat().st_size / rows:.1f} bytes a serial number",
    )


def run_raw(directory: Path, database: Path) -> None:
    """The floor: the same table and index, no checks, no merging."""
    start = time.perf_counter()
    with (
        closing(sqlite3.connect(database, isolation_level=None)) as connection,
        (directory / "serial_numbers.csv").open(newline="") as file,
    ):
        for statement in (
            "PRAGMA journal_mode = WAL",
            "CREATE TABLE s (n TEXT, i TEXT, a TEXT, m TEXT, PRIMARY KEY (n, i)) WITHOUT ROWID",
            "CREATE INDEX x ON s (m) WHERE m IS NOT NULL",
            "BEGIN IMMEDIATE",
        ):
            connection.execute(statement).close()
        rows = csv.reader(file)
        next(rows)
        connection.executemany("INSERT INTO s VALUES (?, ?, ?, nullif(?, ''))", rows)
        connection.execute("COMMIT")
    _say(f"raw       {time.perf_counter() - start:6.2f} s")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> None:
    """Write the files, then measure each way in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--shuffled", action="store_true", help="serial numbers in no order")
    parser.add_argument("--only", choices=["import", "raw"], help=argparse.SUPPRESS)
    parser.add_argument("--directory", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        run = run_import if options.only == "import" else run_raw
        run(options.directory, options.directory / f"{options.only}.db")
        return
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        write_files(directory, options.rows, shuffled=options.shuffled)
        seconds = {}
        for way in ("import", "raw"):
            start = time.perf_counter()
            command = [sys.executable, __file__, "--only", way, "--directory", name]
            subprocess.run(command, check=True, env={"PYTHONPATH": str(Path(__file__).parents[2])})
            seconds[way] = time.perf_counter() - start
        _say(f"ratio     {seconds['import'] / seconds['raw']:.1f}")


if __name__ == "__main__":
    main()
