"""What counting a scan costs beside booking it durably, and what a scrape costs.

Run: python tests/bench/metrics.py [SCANS]

Books scans one at a time, in turn with and without the metrics' watcher; judges nothing.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

from station.app.station import Station
from station.config.loading import from_table
from station.outputs.display.keeper import DisplayStateKeeper
from station.outputs.metrics.gauges import Sources
from station.outputs.metrics.registry import Metrics
from station.repository.view import View
from station.source import stamp
from station.worker.entries import Scanned
from tests.stations import fill, serials

BLOCK = 50


def main(scans: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        config = from_table(
            {"station": {"name": "bench", "state_directory": name}, "log": {"level": "error"}},
            str(Path(name)),
        )
        with Station(config) as station:
            fill(station.engine, scans + 1)
            station.command("open CM-1", "bench")
            metrics = Metrics(Sources(lambda: 0, lambda: 0, lambda: True, dict), ["bench"])
            spent_ms: dict[bool, list[float]] = {False: [], True: []}
            for number, serial in enumerate(serials("A", scans)):
                is_watched = number // BLOCK % 2 == 1
                station.desk.watch(metrics.on_entry if is_watched else lambda *_: None)
                start = time.perf_counter()
                station.post_and_wait(Scanned(stamp(serial, "bench")))
                spent_ms[is_watched].append((time.perf_counter() - start) * 1000)
            plain, watched = (statistics.median(spent_ms[each]) for each in (False, True))
            print(f"a scan: {plain:.3f} ms, with metrics {watched:.3f} ms, ratio {watched / plain:.3f}")
            _counting(metrics, station, plain)
            _scraping(metrics, DisplayStateKeeper(View(station.engine, "bench"), "bench", ""))


def _counting(metrics: Metrics, station: Station, scan_ms: float) -> None:
    """The same entry again and again, as the desk tells of it."""
    entry = Scanned(stamp("A0000", "bench"))
    outcome = station.post_and_wait(entry)
    count = 20_000
    start = time.perf_counter()
    for _ in range(count):
        metrics.on_entry(entry, outcome, 0.002)
    each_us = (time.perf_counter() - start) / count * 1e6
    print(f"counting it: {each_us:.1f} µs, {each_us / scan_ms / 10:.2f} % of booking it")


def _scraping(metrics: Metrics, keeper: DisplayStateKeeper) -> None:
    spent = []
    for _ in range(200):
        start = time.perf_counter()
        text = metrics.text(keeper.state(1))
        spent.append((time.perf_counter() - start) * 1000)
    print(f"a scrape: {statistics.median(spent):.2f} ms, {len(text) / 1000:.1f} kB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
