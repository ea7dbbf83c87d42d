from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from drivers.base import DeviceBusyError, DeviceGoneError
from station.config.settings import ScannerSettings
from station.events import ScannerState
from station.ops.doctor.machine import Identity, Machine, State
from station.ops.doctor.scanners import Running, scanner
from station.outputs.display.state import ScannerShown
from tests.drivers.discovery.trees import HIDPOS_DESCRIPTOR, WEDGE, Tree

if TYPE_CHECKING:
    from pathlib import Path

    from station.ops.doctor.machine import Finding

EVERYBODY = 0o666


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path / "machine")


def _settings(driver: str = "serial", **match: Any) -> ScannerSettings:
    return msgspec.convert({"name": "left", "driver": driver, "match": match}, ScannerSettings)


def _opens(_settings: ScannerSettings) -> None:
    """Open successfully."""


def _must_not_open(_settings: ScannerSettings) -> None:
    raise AssertionError("the device was opened")


def _busy(_settings: ScannerSettings) -> None:
    raise DeviceBusyError("/dev/ttyACM0 is in use by another program; `fuser -v /dev/ttyACM0` names it")


def _look(tree: Tree, settings: ScannerSettings, **more: Any) -> list[Finding]:
    for node in (tree.root / "dev").rglob("*"):
        if not node.is_dir():
            node.chmod(EVERYBODY)
    own = Identity(os.geteuid() or 65534, frozenset({65534}))
    return list(scanner(settings, Machine(tree.root, identity=own), **{"try_open": _opens, **more}))


def _hold(tree: Tree, pid: int, name: str, path: str = "") -> None:
    directory = tree.root / f"proc/{pid}/fd"
    directory.mkdir(parents=True)
    (directory.parent / "comm").write_text(f"{name}\n")
    if path:
        (directory / "5").symlink_to(path)


def _worst(findings: list[Finding]) -> Finding:
    (worst,) = [finding for finding in findings if finding.state is not State.OK]
    return worst


def test_a_scanner_that_opens_is_ok(tree: Tree) -> None:
    (path,) = tree.plug_in("1-1", 0x0C2E, 0x0907, ["tty"])
    findings = _look(tree, _settings(vid=0x0C2E))
    assert [finding.state for finding in findings] == [State.OK, State.OK]
    assert findings[-1].what == f"{path} opens"


def test_a_missing_scanner_is_wrong(tree: Tree) -> None:
    finding = _worst(_look(tree, _settings(vid=0x0C2E), try_open=_must_not_open))
    assert (finding.check, finding.what) == ("scanner left", "no serial port is vid 0c2e")
    assert finding.remedy.endswith("or correct match: see `scanstation devices`")


def test_if_two_fit_it_says_how_to_distinguish_them(tree: Tree) -> None:
    tree.plug_in("1-1", 0x0C2E, 0x0907, ["tty"])
    tree.plug_in("1-2", 0x0C2E, 0x0907, ["tty"])
    assert _worst(_look(tree, _settings(vid=0x0C2E))).remedy == "add usb_serial or port_path to match"


def test_the_wrong_mode_is_reported_with_the_label_to_scan(tree: Tree) -> None:
    tree.plug_in("1-1", 0x0C2E, 0x0901, WEDGE)
    for driver, label in (("serial", "USB Serial (terminal 130)"), ("usb", "USB HID POS (terminal 131)")):
        finding = _worst(_look(tree, _settings(driver, port_path="1-1"), try_open=_must_not_open))
        assert finding.what == "a USB device (0c2e:0901) at port 1-1 is in keyboard mode"
        assert f'scan the label "{label}"' in finding.remedy


def test_the_program_that_holds_the_device_is_named(tree: Tree) -> None:
    (path,) = tree.plug_in("1-1", 0x0C2E, 0x0907, ["tty"])
    _hold(tree, 4711, "minicom", path)
    _hold(tree, 4712, "bash", "/dev/null")
    finding = _worst(_look(tree, _settings(vid=0x0C2E), try_open=_busy))
    assert finding.what == f"{path} is held by minicom (process 4711)"
    assert finding.state is State.WRONG


def test_a_getty_on_the_port_is_reported_even_if_it_opens(tree: Tree) -> None:
    path = tree.serial_port("ttyS0")
    _hold(tree, 88, "agetty", path)
    finding = _worst(_look(tree, _settings(path=path)))
    assert finding.what == f"{path} is also read by agetty (process 88), which takes scans away"


def test_other_readers_of_a_grabbed_keyboard_are_harmless(tree: Tree) -> None:
    path = tree.plug_in("1-1", 0x0C2E, 0x0901, WEDGE)[1]
    _hold(tree, 77, "systemd-logind", path)
    assert all(finding.state is State.OK for finding in _look(tree, _settings("evdev", vid=0x0C2E)))


def test_root_is_needed_to_see_the_program_of_another_user(tree: Tree) -> None:
    tree.plug_in("1-1", 0x0C2E, 0x0907, ["tty"])
    finding = _worst(_look(tree, _settings(vid=0x0C2E), try_open=_busy))
    assert finding.what == "/dev/ttyACM0 is in use by another program"
    assert finding.remedy == "run sudo scanstation doctor, which shows the other program"


def test_any_other_reason_is_reported_in_the_drivers_words(tree: Tree) -> None:
    def fails(_settings: ScannerSettings) -> None:
        raise DeviceGoneError("it can't be opened: Input/output error; unplug it")

    tree.plug_in("1-1", 0x0C2E, 0x0907, ["tty"])
    finding = _worst(_look(tree, _settings(vid=0x0C2E), try_open=fails))
    assert (finding.what, finding.remedy) == ("it can't be opened: Input/output error", "unplug it")


def test_a_console_on_the_port_is_wrong(tree: Tree) -> None:
    path = tree.serial_port("ttyS0")
    (tree.root / "sys/class/tty/ttyS0/console").write_text("Y\n")
    finding = _worst(_look(tree, _settings(path=path)))
    assert finding.what == f"{path} is a kernel console, which writes to it"


@pytest.mark.parametrize("ignored", ["", "c166:0", "c189:1"])
def test_modem_manager_is_reported_unless_a_rule_keeps_it_away(tree: Tree, ignored: str) -> None:
    tree.plug_in("1-1", 0x0C2E, 0x0907, ["tty"])
    (tree.root / "sys/class/tty/ttyACM0/dev").write_text("166:0\n")
    _hold(tree, 500, "ModemManager")
    (tree.root / "run/udev/data").mkdir(parents=True)
    if ignored:
        (tree.root / "run/udev/data" / ignored).write_text("S:x\nE:ID_MM_DEVICE_IGNORE=1\nG:systemd\n")
    findings = _look(tree, _settings(vid=0x0C2E))
    warned = [finding for finding in findings if finding.what.startswith("ModemManager runs")]
    assert [finding.state for finding in warned] == ([] if ignored else [State.WARNING])


# While the station runs


def _running(state: ScannerState, detail: str) -> Running:
    shown = ScannerShown(name="left", state=state, detail=detail, since="")
    return Running(1234, {"left": shown})


def test_a_device_that_the_running_station_reads_is_ok_and_left_alone(tree: Tree) -> None:
    tree.plug_in("1-1", 0x0C2E, 0x0907, ["tty"])
    running = _running(ScannerState.CONNECTED, "/dev/ttyACM0")
    findings = _look(tree, _settings(vid=0x0C2E), running=running, try_open=_must_not_open)
    assert findings[0].what == "/dev/ttyACM0 is read by the running station (process 1234)"
    assert all(finding.state is State.OK for finding in findings)


def test_a_raw_usb_scanner_whose_node_the_station_removed_is_ok(tree: Tree) -> None:
    tree.plug_in("1-1", 0x05E0, 0x1701, [b""])
    running = _running(ScannerState.CONNECTED, "/dev/bus/usb/001/002")
    findings = _look(tree, _settings("usb", vid=0x05E0), running=running, try_open=_must_not_open)
    assert [finding.state for finding in findings] == [State.OK]


def test_the_running_stations_problem_is_reported_in_its_words(tree: Tree) -> None:
    tree.plug_in("1-1", 0x0C2E, 0x0907, ["tty"])
    running = _running(ScannerState.DISCONNECTED, "/dev/ttyACM0: permission denied; join the group")
    finding = _worst(_look(tree, _settings(vid=0x0C2E), running=running, try_open=_must_not_open))
    assert finding.what == (
        "the running station (process 1234) does not read it: /dev/ttyACM0: permission denied"
    )
    assert finding.remedy == "join the group"


def test_a_scanner_configured_after_the_start_needs_a_restart(tree: Tree) -> None:
    tree.plug_in("1-1", 0x0C2E, 0x0907, ["tty"])
    finding = _worst(_look(tree, _settings(vid=0x0C2E), running=Running(1234), try_open=_must_not_open))
    assert finding.remedy.startswith("restart the station")


def test_a_missing_raw_scanner_is_left_to_its_driver(tree: Tree) -> None:
    tree.plug_in("1-1", 0x05E0, 0x1701, [HIDPOS_DESCRIPTOR, "hidraw"])

    def gone(_settings: ScannerSettings) -> None:
        raise DeviceGoneError("no USB scanner is vid 1234: is it plugged in?")

    finding = _worst(_look(tree, _settings("usb", vid=0x1234), try_open=gone))
    assert finding.what == "no USB scanner is vid 1234: is it plugged in?"
