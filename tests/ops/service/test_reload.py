"""SIGHUP during work: changes are applied where possible, and no scan is lost or booked twice."""

from __future__ import annotations

import os
import subprocess
from itertools import groupby
from typing import TYPE_CHECKING

import pytest

from tests.ops.service.reloading import (
    Scanner,
    all_serials,
    company,
    history,
    reload,
    reloaded,
    scanners,
    state,
)
from tests.running import COMMAND, PATIENCE_S, Workplace, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.running import Daemon

ROUNDS = 10
REFUSES, ALLOWS = '[preferences]\nover_quantity = "refuse"\n', '[preferences]\nover_quantity = "allow"\n'


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    place = Workplace(tmp_path)
    company(place)
    return place


@pytest.fixture
def left() -> Iterator[Scanner]:
    scanner = Scanner("left")
    yield scanner
    scanner.unplug()


@pytest.fixture
def right() -> Iterator[Scanner]:
    scanner = Scanner("right")
    yield scanner
    scanner.unplug()


def begin(daemon: Daemon, left: Scanner) -> None:
    """Wait for the left scanner and open the memo."""
    daemon.wait_for("scanner_changed")
    left.scan("CM-1")
    daemon.wait_for("session_opened")


def of_scanner(daemon: Daemon, name: str) -> list[str]:
    """The states of a scanner, in order."""
    return [line["state"] for line in daemon.events("scanner_changed") if line["scanner"] == name]


def test_every_scan_counts_once_and_in_order_while_everything_else_changes(
    place: Workplace, left: Scanner, right: Scanner
) -> None:
    serials = all_serials()
    half = len(serials) // (ROUNDS + 1) // 2
    tables = [left.table(), left.table() + right.table(), right.table("preamble = '>'") + left.table()]
    place.configure(left.table() + ALLOWS)
    with place.daemon() as daemon:
        begin(daemon, left)
        for number in range(ROUNDS):
            at = 2 * half * number
            left.scan(*serials[at : at + half])
            # At least one scan is booked before the next change; the others may or may not be.
            wait_until(lambda: len(daemon.events("history_added")) > at, daemon.log_path)  # noqa: B023
            preferences = ALLOWS if number % 2 else REFUSES
            place.configure(tables[(number + 1) % len(tables)] + preferences)
            reload(daemon)
            left.scan(*serials[at + half : at + 2 * half])
            daemon.wait_for("configuration_reloaded", number + 1)
        left.scan(*serials[2 * half * ROUNDS :])
        wait_until(lambda: len(daemon.events("history_added")) >= len(serials), daemon.log_path)

        assert of_scanner(daemon, "left") == ["connected"]
    rows = history(place)
    assert [row["text"] for row in rows] == serials
    # Each change of the preference takes effect once, between two scans.
    assert len([action for action, _ in groupby(row["action"] for row in rows)]) == ROUNDS + 1


def test_only_changed_scanners_are_stopped_and_started(
    place: Workplace, left: Scanner, right: Scanner
) -> None:
    place.configure(left.table())
    with place.daemon() as daemon:
        begin(daemon, left)

        place.configure(right.table() + left.table())
        assert reloaded(daemon)["changed"] == "scanner.right"
        daemon.wait_for("scanner_changed", 2)
        assert scanners(daemon) == [("right", "connected"), ("left", "connected")]
        right.scan("A00001")
        daemon.wait_for("history_added", 1)

        place.configure(right.table("preamble = '>'") + left.table())
        reloaded(daemon)
        daemon.wait_for("scanner_changed", 3)
        right.scan(">A00002")
        daemon.wait_for("history_added", 2)

        place.configure(left.table("preamble = '>'"))
        reloaded(daemon)
        daemon.wait_for("scanner_changed", 4)
        assert scanners(daemon) == [("left", "connected")]
    assert of_scanner(daemon, "right") == ["connected", "connected"]
    assert of_scanner(daemon, "left") == ["connected", "connected"]
    assert [(row["text"], row["scanner"]) for row in history(place)] == [
        ("A00001", "right"),
        ("A00002", "right"),
    ]


def test_two_scanners_swap_their_ports(place: Workplace, left: Scanner, right: Scanner) -> None:
    place.configure(left.table() + right.table())
    with place.daemon() as daemon:
        daemon.wait_for("scanner_changed", 2)

        left.name, right.name = right.name, left.name
        place.configure(left.table() + right.table())
        reloaded(daemon)
        daemon.wait_for("scanner_changed", 4)

        left.scan("CM-1", "A00001")
        (row,) = daemon.wait_for("history_added")
        assert row["scanner"] == "right"


def test_a_failed_scanner_is_retried(place: Workplace, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    place.configure(f'[[scanner]]\nname = "left"\ndriver = "serial"\nmatch = {{ path = "{path}" }}\n')
    with place.daemon() as daemon:
        daemon.wait_for("scanner_changed")
        assert of_scanner(daemon, "left") == ["failed"]
        path.unlink()

        assert reloaded(daemon)["changed"] == "nothing"
        daemon.wait_for("scanner_changed", 2)

        assert of_scanner(daemon, "left") == ["failed", "disconnected"]


def test_half_a_scan_of_a_reconfigured_scanner_is_rejected(place: Workplace, left: Scanner) -> None:
    place.configure(left.table("frame_timeout_ms = 60000"))
    with place.daemon() as daemon:
        begin(daemon, left)
        left.scan("A00001")
        daemon.wait_for("history_added")
        left.send(b"A000")
        wait_until(lambda: left.is_read, "half a scan")

        place.configure(left.table())
        reloaded(daemon)

        (rejected,) = daemon.wait_for("scan_rejected")
        assert (rejected["scanner"], bytes.fromhex(rejected["data"])) == ("left", b"A000")
        assert [row["text"] for row in history(place)] == ["A00001"]


def test_what_a_scanner_sent_before_it_is_configured_no_longer_is_booked(
    place: Workplace, left: Scanner
) -> None:
    place.configure(left.table())
    with place.daemon() as daemon:
        begin(daemon, left)
        place.configure()
        left.scan(*all_serials()[:500])
        reloaded(daemon)
        assert scanners(daemon) == []
    # The terminal holds no more than some 4000 bytes: what was read is booked, in order and whole.
    assert [row["text"] for row in history(place)] == list(all_serials()[:500])


def test_a_question_goes_on_standing_and_is_answered_by_the_new_settings(
    place: Workplace, left: Scanner
) -> None:
    preferences = "[preferences]\nsigned_commands = false\n"
    place.configure(left.table() + preferences)
    with place.daemon() as daemon:
        begin(daemon, left)
        left.scan("B1")
        daemon.wait_for("question_raised")

        place.configure(left.table() + preferences + 'command_prefix = "##"\n')
        reloaded(daemon)
        assert state(daemon)["question"]["kind"] == "add_item"
        left.scan("$$YES", "##YES")
        daemon.wait_for("question_answered")
    assert [(row["text"], row["action"]) for row in history(place)] == [
        ("$$YES", "Refused"),
        ("B1", "Added"),
    ]


def test_a_wrong_configuration_changes_nothing_and_the_log_says_what_is_wrong(
    place: Workplace, left: Scanner, right: Scanner
) -> None:
    place.configure(left.table())
    with place.daemon() as daemon:
        begin(daemon, left)

        place.configure(right.table() + '[preferences]\nnegative = "maybe"\n')
        refused = reloaded(daemon)

        assert refused["event"] == "configuration_refused"
        assert f"{place.config}: preferences.negative = 'maybe': must be" in refused["reason"]
        left.scan("A00001")
        daemon.wait_for("history_added")
        assert scanners(daemon) == [("left", "connected")]
        assert of_scanner(daemon, "left") == ["connected"]


def test_a_location_that_the_database_does_not_have_is_refused(place: Workplace) -> None:
    with place.daemon() as daemon:
        place.config.write_text(place.config.read_text().replace("[station]", '[station]\nlocation = "MIAN"'))
        refused = reloaded(daemon)

        assert refused["event"] == "configuration_refused"
        assert 'station.location = "MIAN": is not a location in the database' in refused["reason"]
        assert state(daemon)["location"] == ""

        place.config.write_text(place.config.read_text().replace("MIAN", "MAIN"))
        assert reloaded(daemon)["changed"] == "station.location"
        assert state(daemon)["location"] == "MAIN"


def test_changes_that_need_a_restart_are_named_and_all_others_applied(place: Workplace) -> None:
    with place.daemon() as daemon:
        place.config.write_text(
            place.config.read_text().replace("dock-1", "dock-2").replace("127.0.0.1:0", "127.0.0.1:1")
            + "[generate]\ndigits = 7\n"
        )
        assert reloaded(daemon)["changed"] == "generate.digits"

        (kept,) = daemon.wait_for("configuration_kept")
        assert kept["reason"] == "needs a restart: station.name, display.listen"
        assert state(daemon)["station"] == "dock-1"


def test_a_new_log_level_is_applied(place: Workplace, left: Scanner) -> None:
    place.configure(left.table())
    with place.daemon() as daemon:
        begin(daemon, left)
        quiet = (
            place.config.read_text().replace("[log]", '[log]\nlevel = "warning"').replace("dock-1", "dock-2")
        )
        place.config.write_text(quiet)
        reload(daemon)
        daemon.wait_for("configuration_kept")
        left.scan("A00001")
        wait_until(lambda: state(daemon)["counts"], "a scan")

        place.configure(left.table())
        reloaded(daemon)
        left.scan("A00002")
        daemon.wait_for("history_added")
        assert [row["text"] for row in daemon.events("history_added")] == ["A00002"]
    assert [row["text"] for row in history(place)] == ["A00001", "A00002"]


def test_a_station_whose_terminal_is_closed_ends(place: Workplace) -> None:
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        ["setsid", "--ctty", COMMAND, "run"],
        env=place.environment(),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    while b"station_started" not in shown:
        shown += os.read(ours, 4096)

    os.close(ours)

    assert process.wait(PATIENCE_S) == 0
