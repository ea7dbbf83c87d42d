"""What reading a label costs in each format, beside the commit of the scan, in one run.

Run: python tests/bench/labels.py [SCANS]

Prints microseconds a label (median of blocks) and how many times the commit is that: a transaction of SQLite
(WAL, synchronous FULL) with the lookup and the rows of each of the label's serial numbers, without anything
around it. Judges nothing.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import biip

from station.app.station import Station
from station.config.loading import from_table
from station.config.settings import HouseFormat, LabelSettings, Preferences
from station.labels.interpret import interpret
from station.labels.normalise import normalise
from station.office.importer import import_directory
from station.source import now
from tests.bench.scan_path import Floor, _company, _timed

PREFERENCES = Preferences()
PLAIN = LabelSettings()
HOUSE = LabelSettings(
    house_format=(
        HouseFormat(prefix="S/N:"),
        HouseFormat(pattern="(?P<item>[A-Z0-9-]+)/(?P<serial>[0-9]+)", check="luhn"),
    )
)
GTIN = "09521000001015"
LABELS: dict[str, tuple[bytes, LabelSettings]] = {
    "plain text": (b"SN0001234", PLAIN),
    "plain text, 2 house formats tried": (b"SN0001234", HOUSE),
    "house format with Luhn": (b"PROC-8C/79927398713", HOUSE),
    "EAN-13": (b"]E04006381333931", PLAIN),
    "GS1, GTIN and serial number": (f"]C101{GTIN}21SN0001234".encode(), PLAIN),
    "GS1, six element strings": (
        f"]d201{GTIN}1726123110LOT7\x1d21SN0001234\x1d240X-1\x1d91INTERNAL".encode(),
        PLAIN,
    ),
    "GS1 Digital Link": (f"]Q1https://id.gs1.org/01/{GTIN}/10/LOT7/21/SN0001234?17=261231".encode(), PLAIN),
    "ISO/IEC 15434 format 06": (b"]d1[)>\x1e06\x1d1PPROC-8C\x1dSSN0001234\x1d1TLOT7\x1dQ1\x1e\x04", PLAIN),
    "ISO/IEC 15434, 20 serial numbers": (
        b"]d1[)>\x1e06\x1d1PPROC-8C\x1d" + b"\x1d".join(b"SSN%07d" % n for n in range(20)) + b"\x1e\x04",
        PLAIN,
    ),
    "GS1, rejected": (b"]C10109521000001014", PLAIN),
}
SEVERAL = {"ISO/IEC 15434, 20 serial numbers": 20}
"""Serial numbers of the labels that bear more than one."""
BLOCK = 200
BLOCKS = 25


def _label_us(data: bytes, settings: LabelSettings) -> float:
    """From the frame's bytes to what the label means."""
    blocks = []
    for _ in range(BLOCKS):
        start = time.perf_counter()
        for _ in range(BLOCK):
            label = normalise(data, encoding="utf-8", aim="auto")
            interpret(label, PREFERENCES, settings)  # type: ignore[arg-type]
        blocks.append((time.perf_counter() - start) / BLOCK * 1e6)
    return statistics.median(blocks)


def _library_us(text: str) -> float:
    start = time.perf_counter()
    for _ in range(BLOCK):
        biip.parse(text)
    return (time.perf_counter() - start) / BLOCK * 1e6


def _commits_us(scans: int) -> dict[int, float]:
    """The floor of the scan path: lookups and writes of a label with so many serial numbers, durable."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        raw = {"station": {"name": "bench", "state_directory": name}, "log": {"level": "error"}}
        with Station(from_table(raw, "bench")) as station:
            import_directory(station.engine, _company(directory, scans), now())
            station.command("open CM-1", "bench")
        floor = Floor(directory / "scanstation.db", directory)
        one, twenty = range(scans), range(scans, 2 * scans, 20)
        return {
            count: statistics.median(_timed(floor.scans, number, count) * 1e3 for number in numbers)
            for count, numbers in ((1, one), (20, twenty))
        }


def main(scans: int) -> None:
    """Measure both in one run."""
    commits_us = _commits_us(scans)
    for count, each_us in commits_us.items():
        print(f"commit of a label with {count} serial numbers: {each_us:.0f} µs")
    for name, (data, settings) in LABELS.items():
        label_us, commit_us = _label_us(data, settings), commits_us[SEVERAL.get(name, 1)]
        print(f"{name}: {label_us:.1f} µs, the commit is {commit_us / label_us:.0f} times that")
    print(f"for comparison, biip on the GS1 label: {_library_us(f']C101{GTIN}21SN0001234'):.0f} µs")


if __name__ == "__main__":
    print(f"load average {os.getloadavg()[0]:.1f}")
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
