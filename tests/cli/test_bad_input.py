"""Errors: one clear sentence, the right exit code, nothing half done; the next good scan works."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.running import COMMAND, MORNING, SAMPLE, Workplace, alike, start

if TYPE_CHECKING:
    from collections.abc import Iterator

HEADER = '{"recording": 1, "driver": "serial", "scanner": "left"}\n'
NEEDS_MOUNT = pytest.mark.skipif(os.geteuid() != 0, reason="mounts a small disk: needs root")


def says_one_sentence(err: str) -> str:
    lines = [line for line in err.splitlines() if line.startswith("scanstation: ")]
    assert len(lines) == 1, err
    return lines[0]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ('{"recording": 2, "driver": "serial"}\n', "line 1"),
        ('{"recording": 1, "driver": "wand"}\n', 'unknown driver "wand"'),
        ('{"recording": 1, "driver": "usb"}\n', "report_descriptor"),
        ('{"recording": 1, "driver": "evdev"}\n{"t": 0, "bytes": "41"}\n', "line 2"),
        (HEADER + '{"t": 0, "bytes": "zz"}\n', "line 2"),
        (HEADER + '{"t": 1, "bytes": "41"}\n{"t": 0.5, "bytes": "41"}\n', "line 3"),
        (HEADER + '{"t": 0, "bytes": "41"', "line 2"),
        (HEADER + '{"t": 0, "report": "41"}\n', "line 2"),
    ],
)
@pytest.mark.parametrize("command", ["decode", "replay"])
def test_a_broken_recording_is_refused_before_anything_is_attached(
    workplace: Workplace, command: str, text: str, says: str
) -> None:
    good = workplace.recording(["SN-1"], "good")
    bad = workplace.directory / "bad.rec.jsonl"
    bad.write_text(text)
    result = workplace.run(command, good, bad, code=2)
    assert says in says_one_sentence(result.err)
    assert str(bad) in result.err
    assert result.out == ""
    assert not workplace.database.exists()


@pytest.mark.parametrize(
    "arguments",
    [("replay", MORNING), ("import", SAMPLE / "company"), ("run",), ("memo", "list"), ("db", "check")],
)
def test_a_wrong_key_in_the_configuration_ends_every_command(workplace: Workplace, arguments: Any) -> None:
    workplace.configure("[preferences]\nnegativ = 'allow'\n")
    result = workplace.run(*arguments, code=2)
    assert says_one_sentence(result.err) == (
        f'scanstation: {workplace.config}: unknown key "preferences.negativ"; '
        "see config.example.toml for the keys there are"
    )
    assert not workplace.database.exists()


COMMANDS: list[tuple[str | Path, ...]] = [
    ("replay", MORNING),
    ("import", SAMPLE / "company"),
    ("run",),
    ("memo", "list"),
    ("memo", "open", "CM-1001"),
    ("history", "--serial", "X"),
    ("export", "CM-1001"),
    ("db", "check"),
    ("db", "upgrade"),
]


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda each: "-".join(map(str, each[:2]))[:12])
def test_a_file_that_is_not_a_database_is_left_alone(workplace: Workplace, arguments: Any) -> None:
    workplace.database.parent.mkdir()
    workplace.database.write_text("these are my holiday plans, not a database\n" * 50)
    before = workplace.database.read_bytes()
    result = workplace.run(*arguments, code=1)
    assert says_one_sentence(result.err) == (
        f"scanstation: {workplace.database}: is not a SQLite database; set another file in database.url, "
        "or move this one away"
    )
    assert workplace.database.read_bytes() == before


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda each: "-".join(map(str, each[:2]))[:12])
def test_a_database_of_a_newer_version_is_left_alone(company: Workplace, arguments: Any) -> None:
    with sqlite3.connect(company.database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    result = company.run(*arguments, code=1)
    assert 'was written by a newer scanstation (schema "9999"' in says_one_sentence(result.err)


def test_read_only_commands_report_that_there_is_no_database_yet(workplace: Workplace) -> None:
    result = workplace.run("history", "--serial", "X", code=1)
    assert "there is no database yet; run scanstation db upgrade to create it" in says_one_sentence(
        result.err
    )
    assert not workplace.database.exists()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Workplace]:
    """The sample company on its own disk of 4 MB."""
    directory = tmp_path / "disk"
    directory.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "none", str(directory)], check=True)
    try:
        place = Workplace(directory)
        place.configure()
        place.import_sample()
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(directory)], check=True)


@NEEDS_MOUNT
def test_on_a_full_disk_what_was_confirmed_stays_and_the_rest_is_refused(disk: Workplace) -> None:
    recording = disk.recording([f"PR4000{n:02}" for n in range(1, 41)] * 60)
    filler = disk.directory / "filler"
    size = os.statvfs(disk.directory).f_bavail * os.statvfs(disk.directory).f_frsize
    filler.write_bytes(b"x" * (size - 40 * 1024))
    result = disk.run("replay", "--document", "CM-1001", recording, code=1)
    assert "the disk is full, nothing was stored; free some space" in says_one_sentence(result.err)
    filler.unlink()
    history = disk.run("history", "--document", "CM-1001", "--json").rows
    assert [alike(row, "to_area") for row in history] == [alike(row) for row in result.rows]
    disk.run("db", "check")
    assert len(disk.run("replay", disk.recording(["PR400001"], "next")).rows) == 1


@NEEDS_MOUNT
def test_an_import_that_fills_the_disk_leaves_nothing(disk: Workplace, tmp_path: Path) -> None:
    more = tmp_path / "more"
    more.mkdir()
    lines = ["serial_number,item,stock_area", *(f"Q{n:06},PROC-8C,MAIN-SOLD" for n in range(200_000))]
    (more / "serial_numbers.csv").write_text("\n".join(lines) + "\n")
    result = disk.run("import", more, code=1)
    assert "the disk is full" in says_one_sentence(result.err)
    disk.run("db", "check")
    assert disk.run("history", "--serial", "Q000001").out == ""


@NEEDS_MOUNT
@pytest.mark.parametrize("arguments", [COMMANDS[0], COMMANDS[1], COMMANDS[2], COMMANDS[4]])
def test_a_read_only_disk_is_reported_and_nothing_is_done(disk: Workplace, arguments: Any) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(disk.directory)], check=True)
    result = disk.run(*arguments, code=1)
    sentence = says_one_sentence(result.err)
    assert "can't be written" in sentence or "can't be opened or written" in sentence
    assert result.out == ""


NASTY = {
    "an escape sequence": b"\x1b[2J\x1b]0;owned\x07",
    "a NUL": b"SN\x00-1",
    "no UTF-8": b"SN-\xff\xfe",
    "a newline within": b"SN-1\nSN-2",
    "a C1 control": "SN\u009b31m".encode(),
}
INERT = {
    "SQL": b"SN-1'; DROP TABLE history; --",
    "HTML": b"<script>alert(1)</script>",
    "markup": b"[red]SN-1[/red][link=file:///etc/passwd]x[/link]",
    "right to left": "SN-\u202e1".encode(),
    "a formula": b"=HYPERLINK(1)",
    "percent": b"%s%n%(name)s :name ?",
}


def _recorded(place: Workplace, chunks: list[bytes]) -> Path:
    path = place.directory / "nasty.rec.jsonl"
    lines = [json.dumps({"t": t / 1000, "bytes": data.hex()}) for t, data in enumerate(chunks)]
    path.write_text(HEADER + "\n".join(lines) + "\n")
    return path


def test_unexpected_bytes_are_rejected_and_the_next_good_scan_works(company: Workplace) -> None:
    chunks = [part for data in NASTY.values() for part in (data + b"\r", b"PR400001\r")]
    result = company.run("replay", "--document", "CM-1001", _recorded(company, chunks))
    assert [row["text"] for row in result.rows] == ["PR400001"] * len(NASTY)
    assert result.err.count("scan rejected") == len(NASTY)
    assert "\x1b" not in result.err


def test_labels_that_look_like_code_are_booked_as_text_and_shown_escaped(company: Workplace) -> None:
    chunks = [data + b"\r" for data in INERT.values()]
    result = company.run("replay", "--document", "CM-1001", _recorded(company, chunks))
    assert [row["text"] for row in result.rows] == [data.decode() for data in INERT.values()]
    assert {row["reason"] for row in result.rows} == {"unknown serial number"}
    shown = company.run("history", "--document", "CM-1001").out
    assert "\\u202E" in shown
    assert "\u202e" not in shown
    assert "[red]SN-1[/red]" in shown
    company.run("db", "check")


def test_ten_megabytes_without_a_terminator_cost_no_memory(company: Workplace) -> None:
    noise = random.Random(1)
    chunks = [noise.randbytes(4096).replace(b"\r", b"\n") for _ in range(2560)]
    recording = _recorded(company, [*chunks, b"\r", b"PR400001\r"])
    code = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)"
    )
    done = subprocess.run(
        ["python3", "-c", code, COMMAND, "replay", "--document", "CM-1001", str(recording)],
        env=company.environment(),
        check=True,
        capture_output=True,
        text=True,
    )
    assert [json.loads(line)["text"] for line in done.stdout.splitlines()] == ["PR400001"]
    assert done.stderr.count("longer than 4096 bytes") == 1
    assert int(done.stderr.splitlines()[-1]) < 150_000


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("frobnicate",), "No such command 'frobnicate'"),
        (("replay",), "Missing argument 'FILE...'"),
        (("replay", "none.rec.jsonl"), "none.rec.jsonl"),
        (("replay", "--speed", "fast", "x"), "fast is not a speed"),
        (("history",), "an option is missing"),
        (("record", "left", "-o", "x"), 'no scanner is named "left"'),
        (("listen",), "no scanner is configured"),
        (("demo",), "demo needs a terminal"),
        (("watch",), "watch needs a terminal"),
        (("import", "nowhere"), "nowhere"),
    ],
)
def test_a_wrong_command_line_is_reported_in_one_sentence(
    workplace: Workplace, arguments: Any, says: str
) -> None:
    result = workplace.run(*arguments, code=2)
    assert says in says_one_sentence(result.err)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("memo", "show", "CM-9"), "CM-9"),
        (("memo", "open", "CM-9"), "document CM-9 is unknown"),
        (("memo", "open", "CM-1000"), "document CM-1000 is saved"),
        (("memo", "close"), "no document open"),
        (("memo", "save"), "no document open"),
        (("memo", "cancel", "CM-1003"), "document CM-1003 is cancelled"),
        (("export", "CM-9"), "CM-9"),
    ],
)
def test_a_failed_command_is_reported_in_one_sentence(company: Workplace, arguments: Any, says: str) -> None:
    result = company.run(*arguments, code=1)
    assert says in says_one_sentence(result.err)


def test_a_running_station_cannot_be_started_twice(company: Workplace) -> None:
    with company.daemon() as daemon:
        result = company.run("replay", MORNING, code=1)
        assert f'station "dock-1" is run by process {daemon.process.pid} already' in result.err


@pytest.mark.parametrize("arguments", [(), ("memo",), ("db",)])
def test_a_group_without_a_command_shows_its_help(workplace: Workplace, arguments: Any) -> None:
    result = workplace.run(*arguments, code=2)
    assert result.err.startswith("Usage: scanstation")
    assert "\n  Example:" in result.err


@pytest.mark.parametrize("arguments", [("--help",), ("demo", "--once"), ("decode", MORNING)])
def test_output_that_cannot_be_written_is_reported(workplace: Workplace, arguments: Any) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [COMMAND, *map(str, arguments)],
            check=False,
            env=workplace.environment(),
            stdin=subprocess.DEVNULL,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode != 0
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_replay_without_a_reader_stops_booking(company: Workplace) -> None:
    recording = company.recording(["XX-1"] * 5000)
    with start(
        "replay",
        "--document",
        "CM-1001",
        recording,
        # A fork's standard output is flushed otherwise when it ends.
        may_fork=False,
        env=company.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as replay:
        assert replay.stdout is not None
        assert replay.stderr is not None
        replay.stdout.readline()
        replay.stdout.close()
        assert b"Broken pipe" in replay.stderr.read()
    assert replay.returncode == 1
    rows = company.run("history", "--document", "CM-1001", "--json").rows
    assert 0 < len(rows) < 5000


def test_an_unknown_location_is_refused_before_anything_is_booked(company: Workplace) -> None:
    text = company.config.read_text().replace("[station]\n", '[station]\nlocation = "MIAN"\n')
    company.config.write_text(text)
    result = company.run("replay", MORNING, code=2)
    assert 'station.location = "MIAN": is not a location in the database, which has MAIN, SHOP' in result.err
