"""``doctor`` as users run it, with real pseudo-terminals and processes."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from drivers.wedge.layout_check import TEST_TEXT
from tests.running import PATIENCE_S, start

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.running import Result, Workplace

HOLD = """
import serial, sys
port = serial.Serial(sys.argv[1], exclusive=True)
print("held", flush=True)
sys.stdin.read()
"""


class Port:
    """A pseudo-terminal as a serial port."""

    def __init__(self) -> None:
        self.fd, other = os.openpty()
        self.path = os.ttyname(other)
        # Only those who open it by its path hold it.
        os.close(other)

    def send(self, data: bytes) -> None:
        os.write(self.fd, data)

    def close(self) -> None:
        os.close(self.fd)


@pytest.fixture
def port() -> Iterator[Port]:
    port = Port()
    yield port
    port.close()


@pytest.fixture
def place(workplace: Workplace, port: Port) -> Workplace:
    """A workplace with a database and a scanner on the port."""
    scanner = f'[[scanner]]\nname = "left"\ndriver = "serial"\nmatch = {{ path = "{port.path}" }}\n'
    workplace.configure(scanner)
    workplace.run("db", "upgrade")
    return workplace


def _of_scanner(result: Result) -> list[tuple[str, str, str]]:
    rows = [row for row in result.rows if row["check"] == "scanner left"]
    return [(row["state"], row["what"], row["remedy"]) for row in rows]


def _state(result: Result, check: str) -> str:
    return next(str(row["state"]) for row in result.rows if row["check"] == check)


def test_a_healthy_station_exits_with_0(place: Workplace, port: Port) -> None:
    result = place.run("doctor", "--json")
    assert ("ok", f"{port.path} opens", "") in _of_scanner(result)
    assert {_state(result, check) for check in ("configuration", "database", "display")} == {"ok"}


def test_a_problem_is_shown_with_its_remedy_and_exits_with_1(place: Workplace, port: Port) -> None:
    place.configure('[[scanner]]\nname = "left"\ndriver = "serial"\nmatch = { path = "/dev/ttyNOTHING" }\n')
    result = place.run("doctor", code=1)
    assert "WRONG   scanner left: /dev/ttyNOTHING is not there" in result.out
    assert (
        "→ is the scanner plugged in? Plug it in, or correct match: see `scanstation devices`" in result.out
    )
    assert result.err == ""
    del port


def test_the_process_that_holds_the_port_is_named(place: Workplace, port: Port) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, port.path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    result = place.run("doctor", "--json", code=1)
    holder.communicate()
    (wrong,) = [what for state, what, _ in _of_scanner(result) if state == "wrong"]
    assert wrong.startswith(f"{port.path} is held by python")
    assert f"(process {holder.pid})" in wrong


def test_a_running_station_that_holds_its_scanner_is_healthy(place: Workplace, port: Port) -> None:
    with place.daemon() as daemon:
        daemon.wait_for("scanner_changed")
        result = place.run("doctor", "--json")
        port.send(b"SN-1\r")
        # The scan is refused as no document is open: the station has read it, not the doctor.
        daemon.wait_for("history_added")
    what = f"{port.path} is read by the running station (process {daemon.process.pid})"
    assert ("ok", what, "") in _of_scanner(result)
    assert _state(result, "display") == "ok"


def test_a_wrong_configuration_is_a_finding(place: Workplace) -> None:
    place.config.write_text("[[scanner]]\nnome = 1\n")
    result = place.run("doctor", "--json", code=1)
    assert result.rows[0]["check"] == "configuration"
    assert "nome" in result.rows[0]["what"]


# The scan test


def _scan(place: Workplace, port: Port, data: bytes, *more: str) -> tuple[int, str, str]:
    process = start(
        *("doctor", "--scan", "left", *more),
        env=place.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    drawn = ""
    while "scan this code" not in drawn:
        line = process.stderr.readline()
        assert line, drawn
        drawn += line
    port.send(data)
    out, _ = process.communicate(timeout=PATIENCE_S)
    return process.returncode, out, drawn


def test_the_test_code_is_drawn_and_a_correctly_set_scanner_exits_with_0(
    place: Workplace, port: Port
) -> None:
    code, out, drawn = _scan(place, port, b"]Q1" + TEST_TEXT.encode() + b"\r")
    assert code == 0
    assert 'OK      terminator: terminator "\\r" arrives, as configured' in out
    assert "OK      AIM: the AIM identifier ]Q1 arrives" in out
    assert drawn.count("█") > 100


def test_a_scanner_that_is_set_differently_gets_the_right_setting(place: Workplace, port: Port) -> None:
    code, out, _ = _scan(place, port, TEST_TEXT.encode() + b"\r\n", "--json")
    assert code == 1
    assert 'set terminator = \\"\\\\r\\\\n\\"' in out


def test_a_scanner_that_is_not_configured_is_named(place: Workplace) -> None:
    result = place.run("doctor", "--scan", "right", code=2)
    assert result.err == 'scanstation: no scanner is named "right"; configured are: left\n'


def test_a_scanner_of_the_running_station_is_not_tested(place: Workplace, port: Port) -> None:
    with place.daemon() as daemon:
        daemon.wait_for("scanner_changed")
        result = place.run("doctor", "--scan", "left", code=1)
    assert f"{port.path} is in use by another program" in result.err
    assert "if the station uses it, stop the station for the test" in result.err


def test_the_test_code_can_be_printed(place: Workplace, tmp_path: Path) -> None:
    place.run("doctor", "--svg", tmp_path / "code.svg")
    assert "<svg" in (tmp_path / "code.svg").read_text()
