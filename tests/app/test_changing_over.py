"""Failures while a station applies another configuration."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from station.app.daemon import Daemon
from station.app.station import Station
from station.config.loading import from_table
from station.events import Event, ScannerChanged, ScannerState
from station.outputs.paper.printer import LabelPrinting
from station.source import stamp
from station.worker.entries import Scanned
from tests.running import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from station.config.schema import Config


def config(directory: Path, **tables: Any) -> Config:
    return from_table(
        {
            "station": {"state_directory": str(directory)},
            "display": {"listen": "127.0.0.1:0"},
            **tables,
        },
        "test",
    )


def test_a_stop_does_not_wait_for_a_database_that_is_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("station.app.station.PATIENCE_S", 1e9)
    with Station(config(tmp_path)) as station, closing(sqlite3.connect(tmp_path / "scanstation.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        station.desk.post(Scanned(stamp("CM-1", "left")))
        changed = config(tmp_path, preferences={"over_quantity": "refuse"})

        station.reconfigure(changed, lambda: True)

        assert station.config == changed
        other.rollback()


def test_scanners_are_read_even_if_a_part_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, scanners = os.openpty()
    seen: list[Event] = []
    monkeypatch.setattr(LabelPrinting, "reconfigure", _fail)

    def connected() -> int:
        return sum(isinstance(each, ScannerChanged) and each.state is ScannerState.CONNECTED for each in seen)

    def with_scanner(**more: str) -> Config:
        left = {"name": "left", "driver": "serial", "match": {"path": os.ttyname(scanners)}, **more}
        return config(tmp_path, scanner=[left])

    with Daemon(with_scanner()) as daemon:
        daemon.station.bus.subscribe(seen.append)
        with pytest.raises(ZeroDivisionError):
            daemon.reconfigure(with_scanner(preamble=">"), lambda: False)
        wait_until(lambda: connected() == 1, "the scanner's new settings")
    os.close(ours)
    os.close(scanners)


def _fail(_printing: LabelPrinting, _config: Config) -> None:
    raise ZeroDivisionError
