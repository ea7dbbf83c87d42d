"""Counting, with a real desk on a real database."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from station.events import LabelNotPrinted, ScannerChanged, ScannerState, ScanRejected
from station.outputs.metrics.gauges import Sources
from station.outputs.metrics.registry import Metrics
from station.repository.database import open_engine
from station.repository.schema import upgrade
from station.source import stamp
from station.worker.entries import Commanded, IdempotencyKey, Scanned
from tests.outputs.metrics.exposing import samples
from tests.stations import at_work, fill, seat

if TYPE_CHECKING:
    from collections.abc import Iterator

    from station.worker.entries import Entry
    from tests.outputs.metrics.exposing import Samples
    from tests.stations import Seat

SOURCES = Sources(queued=lambda: 0, held=lambda: 0, is_healthy=lambda: True, clients=dict)


@dataclass
class Watched:
    seat: Seat
    metrics: Metrics

    @property
    def samples(self) -> Samples:
        return samples(self.metrics.text(None).decode())

    def post(self, *entries: Entry) -> None:
        for entry in entries:
            self.seat._post(entry).outcome()
        # The watcher is called after the poster's callback; the next entry is processed after both.
        self.seat.command("history")

    def count(self, outcome: str, scanner: str = "left") -> float:
        return self.samples["scanstation_scans_total", (outcome, scanner)]

    def rows(self, action: str) -> float:
        return self.samples["scanstation_history_rows_total", (action, "left")]

    @property
    def outcomes(self) -> dict[str, float]:
        """Return the scanner's counts that are not 0."""
        return {
            labels[0]: value
            for (name, labels), value in self.samples.items()
            if name == "scanstation_scans_total" and labels[1] == "left" and value
        }


@contextmanager
def _watched(url: str) -> Iterator[Watched]:
    engine = open_engine(url)
    upgrade(engine)
    fill(engine)
    working = seat(engine)
    metrics = Metrics(SOURCES, ["left"])
    working.desk.watch(metrics.on_entry)
    with at_work(working):
        working.command("open CM-1")
        yield Watched(working, metrics)
    engine.dispose()


@pytest.fixture
def here(sqlite_url: str) -> Iterator[Watched]:
    with _watched(sqlite_url) as here:
        yield here


def _scan(text: str, scanner: str = "left") -> Scanned:
    return Scanned(stamp(text, scanner))


def _rejected(reason: str, scanner: str = "left") -> ScanRejected:
    return ScanRejected(datetime.now(UTC), scanner, reason, b"")


def test_before_the_first_scan_all_counters_of_a_scanner_are_0(here: Watched) -> None:
    zeros = [
        labels
        for (name, labels), value in here.samples.items()
        if name == "scanstation_scans_total" and labels[1] == "left" and value == 0
    ]
    assert sorted(labels[0] for labels in zeros) == [
        *("added", "assigned", "command", "command_refused", "counted", "detached", "failed"),
        *("negative", "question", "refused", "rejected", "repeated", "skipped"),
    ]
    assert here.samples["scanstation_rejected_scans_total", ("incomplete", "left")] == 0
    assert here.samples["scanstation_scanner_reconnects_total", ("left",)] == 0


@pytest.mark.parametrize(
    ("texts", "outcomes", "rows"),
    [
        (["A0001"], {"assigned": 1}, {"assigned": 1}),
        (["A0001", "A0001"], {"assigned": 1, "skipped": 1}, {"assigned": 1, "skipped": 1}),
        (["A0001", "$$UNDO"], {"assigned": 1, "detached": 1}, {"assigned": 1, "detached": 1}),
        (["C0001"], {"question": 1}, {}),
        (["B0001", "$$YES"], {"question": 1, "added": 1}, {"added": 1}),
        (["B0001", "$$NO"], {"question": 1, "refused": 1}, {"refused": 1}),
        (["NOBODYS"], {"refused": 1}, {"refused": 1}),
        (["CM-2", "CM-99", "$$WHAT"], {"command": 1, "command_refused": 2}, {}),
        (["A\rB"], {"rejected": 1}, {}),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else "",
)
def test_a_scan_is_counted_once_by_its_outcome(
    here: Watched, texts: list[str], outcomes: dict[str, float], rows: dict[str, float]
) -> None:
    here.post(*map(_scan, texts))
    assert here.outcomes == outcomes
    assert {action: here.rows(action) for action in rows} == rows
    assert here.samples["scanstation_scan_duration_seconds_count", ()] == len(texts) + 2


def test_a_range_is_two_scans_and_many_rows(here: Watched) -> None:
    here.post(*map(_scan, ["$$RANGE", "A0001", "A0005"]))
    assert here.rows("assigned") == 5
    assert here.count("assigned") == 1


def test_rejected_scans_are_counted_by_the_kind_of_reason(here: Watched) -> None:
    here.post(_rejected("longer than 4096 bytes"), _rejected("longer than 12 bytes"), _scan("A\rB"))
    assert here.outcomes == {"rejected": 3}
    rejected = {
        labels: value
        for (name, labels), value in here.samples.items()
        if name == "scanstation_rejected_scans_total" and value
    }
    assert rejected == {("too_long", "left"): 2, ("label", "left"): 1}


def test_a_repeated_post_is_not_counted_as_a_scan(here: Watched) -> None:
    entry = Scanned(stamp("A0001", "left"), once=IdempotencyKey("digest", lambda _outcome: "response"))
    here.post(entry, entry)
    assert here.outcomes == {"assigned": 1, "repeated": 1}
    assert here.rows("assigned") == 1


def test_a_scan_that_can_not_be_booked_counts_as_failed_and_takes_no_time(
    here: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_arguments: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("station.rules.commands.scan", break_down)
    here.post(_scan("A0001"))
    assert here.outcomes == {"failed": 1}
    assert here.samples["scanstation_scan_duration_seconds_count", ()] == 2


def test_scanner_names_in_posts_create_no_series(here: Watched) -> None:
    here.post(_scan("A0001", "phone 1"), _scan("A0002", "phone 2"), Commanded(stamp("yes", "display")))
    assert here.count("assigned", "other") == 2
    assert here.count("command_refused", "display") == 1
    assert {labels[-1] for name, labels in here.samples if name == "scanstation_scans_total"} == {
        *("left", "display", "other")
    }


def test_a_reconnected_scanner_is_counted_and_a_new_one_starts_at_0(here: Watched) -> None:
    here.post(
        ScannerChanged("left", ScannerState.CONNECTED, ""),
        ScannerChanged("left", ScannerState.DISCONNECTED, "gone"),
        ScannerChanged("left", ScannerState.CONNECTED, ""),
        ScannerChanged("new", ScannerState.DISCONNECTED, "not there"),
    )
    assert here.samples["scanstation_scanner_reconnects_total", ("left",)] == 1
    assert here.samples["scanstation_scanner_reconnects_total", ("new",)] == 0
    assert here.count("assigned", "new") == 0


def test_a_label_that_was_not_printed_is_counted(here: Watched) -> None:
    here.post(LabelNotPrinted("the label of X could not be printed"))
    assert here.samples["scanstation_labels_not_printed_total", ()] == 1


def test_a_failing_watcher_does_not_end_the_desk(here: Watched) -> None:
    def fail(*_arguments: object) -> None:
        raise RuntimeError

    here.seat.desk.watch(fail)
    here.post(_scan("A0001"))
    assert [row.serial_number for row in here.seat.rows] == ["A0001"]


def test_the_duration_of_a_scan_is_from_its_arrival_to_the_disk(here: Watched) -> None:
    here.post(_scan("A0001"))
    found = here.samples
    assert 0 < found["scanstation_scan_duration_seconds_sum", ()] < 60
    assert found["scanstation_scan_duration_seconds_bucket", ("+Inf",)] == 3


def test_there_are_no_created_series(here: Watched) -> None:
    assert "_created" not in here.metrics.text(None).decode()
