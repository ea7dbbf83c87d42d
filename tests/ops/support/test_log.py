"""The log's last entries in the bundle."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.config.loading import put_together, read
from station.errors import StationError
from station.ops.doctor.machine import Machine
from station.ops.lock import Holder
from station.ops.support.machine import log, unit_of
from station.ops.support.part import BundleRequest, File
from tests.ops.support.programs import Programs, entry

MAY_NOT_READ = (
    "this user may not read the journal of scanstation.service: create the bundle with sudo, or join the "
    "group systemd-journal"
)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    programs = Programs(tmp_path / "bin")
    monkeypatch.setenv("PATH", programs.environment["PATH"])
    return programs


def _log(*, with_scans: bool = True) -> str:
    (file,) = log(BundleRequest(read(), None, with_scans))
    assert isinstance(file, File)
    return file.text


def test_each_entry_is_a_line_with_time_priority_and_process(programs: Programs) -> None:
    programs.put_journal(
        entry("Started scanstation.service.", identifier="systemd"),
        entry("event=scan_rejected scanner=left reason=cut", "scan_rejected", PRIORITY="4"),
    )
    assert _log() == (
        "2026-11-23T05:00:00.812Z <6> systemd[123]: Started scanstation.service.\n"
        "2026-11-23T05:00:00.812Z <4> scanstation[123]: event=scan_rejected scanner=left reason=cut\n"
    )


def test_it_requests_the_units_last_entries_from_the_journal(programs: Programs) -> None:
    programs.put_journal(entry("x"))
    _log()
    (arguments,) = programs.calls_of("journalctl")
    assert "-u scanstation.service -n 3000 -o json" in arguments
    assert "SCANSTATION_EVENT" in arguments


def test_a_traceback_is_indented_and_binary_data_is_escaped(programs: Programs) -> None:
    programs.put_journal(
        entry("event=x\nTraceback\nZeroDivisionError"), entry(list(b"a\x1b[2J\xff")), entry(None)
    )
    assert _log().splitlines()[0].endswith("event=x")
    assert _log().splitlines()[1:3] == ["    Traceback", "    ZeroDivisionError"]
    assert _log().splitlines()[3].endswith(r": a\u001B[2J\xff")


def test_without_scans_only_entries_that_contain_none_are_kept(programs: Programs) -> None:
    programs.put_journal(
        entry("Started scanstation.service.", identifier="systemd"),
        entry("event=scanner_changed scanner=left state=connected", "scanner_changed"),
        entry("event=scanner_changed scanner=right state=connected"),
        entry("event=history_added serial_number=SN-1", "history_added"),
        entry("event=label_printed serial_number=SN-1"),
        entry("event=scan_failed text=x event=scanner_changed", "scan_failed"),
        entry("ValueError: SN-1\nevent=scanner_changed "),
    )
    text = _log(with_scans=False)
    assert "SN-1" not in text
    assert [line.partition("]: ")[2] for line in text.splitlines()] == [
        "Started scanstation.service.",
        "event=scanner_changed scanner=left state=connected",
        "event=scanner_changed scanner=right state=connected",
        "event=history_added (left out)",
        "(left out)",
        "event=scan_failed (left out)",
        "(left out)",
    ]


@pytest.mark.parametrize(
    ("errors", "code", "why"),
    [
        ("", 0, "the journal has no entries of scanstation.service"),
        ("No journal files were found.\nMore", 1, "journalctl fails: No journal files were found."),
        (
            "Hint: You are currently not seeing messages from other users and the system.",
            0,
            MAY_NOT_READ,
        ),
    ],
)
def test_a_missing_log_has_a_reason(programs: Programs, errors: str, code: int, why: str) -> None:
    programs.put("journalctl", "", errors, code)
    with pytest.raises(StationError) as raised:
        _log()
    assert str(raised.value) == why


def test_a_missing_journalctl_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(StationError, match=r"^journalctl is not installed$"):
        _log()


@pytest.mark.parametrize(
    ("path", "unit"),
    [
        ("/etc/scanstation/config.toml", "scanstation.service"),
        ("/etc/scanstation/left.toml", "scanstation@left.service"),
        ("/home/ines/config.toml", "scanstation.service"),
    ],
)
def test_the_unit_is_that_of_the_configuration(path: str, unit: str) -> None:
    assert unit_of(BundleRequest(put_together(Path(path), ()), None)) == unit


@pytest.mark.parametrize(
    ("cgroup", "unit"),
    [
        ("0::/system.slice/dock.service\n", "dock.service"),
        ("0::/system.slice/system-scanstation.slice/scanstation@left.service\n", "scanstation@left.service"),
        ("0::/user.slice/user-1000.slice/user@1000.service/app.slice/x.scope\n", "scanstation.service"),
    ],
)
def test_the_unit_of_a_running_station_is_where_it_runs(tmp_path: Path, cgroup: str, unit: str) -> None:
    process = tmp_path / "proc/7"
    process.mkdir(parents=True)
    (process / "cgroup").write_text(cgroup)
    assert unit_of(BundleRequest(read(), Holder(7), machine=Machine(tmp_path))) == unit
