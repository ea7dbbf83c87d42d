from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from serial.tools.list_ports_common import ListPortInfo

from drivers import ports
from drivers.base import DeviceGoneError
from drivers.ports import PortMatch, find_port

if TYPE_CHECKING:
    from pathlib import Path


def _port(device: str, vid: int, pid: int, usb_serial: str | None, location: str) -> ListPortInfo:
    port = ListPortInfo(device)
    port.vid, port.pid, port.serial_number, port.location = vid, pid, usb_serial, location
    return port


@pytest.fixture(autouse=True)
def plugged_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two scanners of a kind without serial number, and one with; the machine's own ports don't show."""
    present = [
        ListPortInfo("/dev/ttyS0"),
        _port("/dev/ttyACM0", 0x0C2E, 0x0907, None, "1-1.4"),
        _port("/dev/ttyACM1", 0x0C2E, 0x0907, None, "1-1.3:1.0"),
        _port("/dev/ttyACM2", 0x05F9, 0x4204, "S1234", "1-1.40"),
    ]
    monkeypatch.setattr(ports, "comports", lambda: present)


@pytest.mark.parametrize(
    ("match", "device"),
    [
        (PortMatch(path="/dev/ttyS7"), "/dev/ttyS7"),
        (PortMatch(by_id="usb-Maker-if00"), "/dev/serial/by-id/usb-Maker-if00"),
        (PortMatch(vid=0x05F9, pid=0x4204), "/dev/ttyACM2"),
        (PortMatch(usb_serial="S1234"), "/dev/ttyACM2"),
        (PortMatch(vid=0x0C2E, port_path="1-1.4"), "/dev/ttyACM0"),
        (PortMatch(port_path="1-1.3"), "/dev/ttyACM1"),
        (PortMatch(port_path="1-1.3:1.0"), "/dev/ttyACM1"),
        (PortMatch(path="/dev/ttyACM0", vid=0x0C2E), "/dev/ttyACM0"),
    ],
)
def test_a_port_is_found_by_all_that_is_known_of_it(match: PortMatch, device: str) -> None:
    assert find_port(match) == device


def test_a_link_and_an_identity_must_name_the_same_port(tmp_path: Path) -> None:
    link = tmp_path / "left"
    link.symlink_to("/dev/ttyACM2")
    assert find_port(PortMatch(path=str(link), vid=0x05F9)) == "/dev/ttyACM2"
    with pytest.raises(DeviceGoneError):
        find_port(PortMatch(path=str(link), vid=0x0C2E))


def test_a_scanner_that_is_not_plugged_in_is_described_by_what_is_looked_for() -> None:
    with pytest.raises(DeviceGoneError) as error:
        find_port(PortMatch(vid=0x05E0, pid=0x1701, usb_serial="X", port_path="1-2"))
    assert str(error.value) == (
        "no serial port is vid 05e0 pid 1701 usb_serial X port_path 1-2: "
        "is the scanner plugged in, and in serial mode?"
    )


def test_of_two_scanners_that_fit_none_is_guessed() -> None:
    with pytest.raises(DeviceGoneError) as error:
        find_port(PortMatch(vid=0x0C2E, pid=0x0907))
    assert str(error.value) == (
        "several serial ports are vid 0c2e pid 0907 (/dev/ttyACM0, /dev/ttyACM1): "
        "add usb_serial or port_path to match"
    )


def test_a_port_that_goes_while_it_is_listed_is_looked_for_again_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def half_read() -> list[ListPortInfo]:
        raise TypeError("int() can't convert None")

    monkeypatch.setattr(ports, "comports", half_read)
    with pytest.raises(DeviceGoneError, match="can't be listed just now"):
        find_port(PortMatch(vid=1))
