"""Finding the device node of a match table, on directory trees like those of Linux."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from drivers.base import DeviceGoneError, WrongModeError
from drivers.discovery.match import DeviceMatch
from drivers.discovery.nodes import find_node, find_nodes
from tests.drivers.discovery.trees import (
    HIDPOS_DESCRIPTOR,
    IBM_DESCRIPTOR,
    KEYBOARD_DESCRIPTOR,
    MOUSE_DESCRIPTOR,
    WEDGE,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from drivers.description import Subsystem
    from tests.drivers.discovery.trees import Part, Tree


@pytest.fixture
def serial(tree: Tree) -> dict[str, str]:
    """Two identical scanners without a serial number, one with, and a mainboard port."""
    return {
        "first": tree.plug_in("1-1.4", 0x0C2E, 0x0907, ["tty"])[0],
        "second": tree.plug_in("1-1.3", 0x0C2E, 0x0907, ["tty"])[0],
        "third": tree.plug_in(
            "1-1.40", 0x05F9, 0x4204, ["tty"], manufacturer="Datalogic ADC", product="Gryphon", serial="S1234"
        )[0],
        "board": tree.serial_port("ttyS0"),
    }


@pytest.mark.parametrize(
    ("match", "which"),
    [
        ({"vid": 0x05F9, "pid": 0x4204}, "third"),
        ({"usb_serial": "S1234"}, "third"),
        ({"by_id": "usb-Datalogic_ADC_Gryphon_S1234-if00"}, "third"),
        ({"vid": 0x0C2E, "port_path": "1-1.4"}, "first"),
        ({"port_path": "1-1.3"}, "second"),
        ({"port_path": "1-1.3:1.0"}, "second"),
    ],
)
def test_a_port_is_found_by_each_kind_of_key(
    tree: Tree, serial: dict[str, str], match: dict[str, Any], which: str
) -> None:
    assert find_node("tty", DeviceMatch(**match), tree.root).path == serial[which]


def test_a_port_that_is_not_on_usb_is_found_by_its_path(tree: Tree, serial: dict[str, str]) -> None:
    node = find_node("tty", DeviceMatch(path=serial["board"]), tree.root)
    assert (node.path, node.vid, node.port_path) == (serial["board"], None, "")


def test_a_path_may_be_a_link_and_stays_the_name(tree: Tree, serial: dict[str, str], tmp_path: Path) -> None:
    link = tmp_path / "left"
    link.symlink_to(serial["third"])
    node = find_node("tty", DeviceMatch(path=str(link), vid=0x05F9), tree.root)
    assert (node.path, node.usb_serial) == (str(link), "S1234")
    with pytest.raises(DeviceGoneError):
        find_node("tty", DeviceMatch(path=str(link), vid=0x0C2E), tree.root)


def test_a_pseudo_terminal_is_found_by_its_path(tree: Tree) -> None:
    master, slave = os.openpty()
    path = os.ttyname(slave)
    assert find_node("tty", DeviceMatch(path=path), tree.root).path == path
    with pytest.raises(DeviceGoneError):
        find_node("tty", DeviceMatch(path=path, vid=0x0C2E), tree.root)
    os.close(master)
    os.close(slave)


@pytest.mark.usefixtures("serial")
def test_if_two_scanners_fit_neither_is_guessed(tree: Tree, serial: dict[str, str]) -> None:
    with pytest.raises(DeviceGoneError) as error:
        find_node("tty", DeviceMatch(vid=0x0C2E, pid=0x0907), tree.root)
    assert str(error.value) == (
        f"several serial ports are vid 0c2e pid 0907 ({serial['first']} at port_path 1-1.4:1.0, "
        f"{serial['second']} at port_path 1-1.3:1.0): add usb_serial or port_path to match"
    )


@pytest.mark.parametrize(
    ("subsystem", "kind", "mode"),
    [
        ("tty", "serial port", "serial (USB COM)"),
        ("input", "keyboard", "keyboard"),
        ("hidraw", "raw HID device", "HID POS or IBM hand-held"),
    ],
)
def test_a_missing_scanner_is_described_by_its_match_table(
    tree: Tree, subsystem: Subsystem, kind: str, mode: str
) -> None:
    with pytest.raises(DeviceGoneError) as error:
        find_node(subsystem, DeviceMatch(vid=0x05E0, usb_serial="X"), tree.root)
    assert str(error.value) == (
        f"no {kind} is vid 05e0 usb_serial X: is the scanner plugged in, and in {mode} mode?"
    )


def test_a_machine_without_usb_has_no_nodes(tmp_path: Path) -> None:
    assert [find_nodes(subsystem, root=tmp_path) for subsystem in ("tty", "input", "hidraw")] == [[], [], []]


def test_ports_without_hardware_are_ignored(tree: Tree) -> None:
    tree.serial_port("ttyS0")
    tree.serial_port("ttyS1", is_fitted=False)
    assert [node.path for node in find_nodes("tty", root=tree.root)] == [str(tree.root / "dev/ttyS0")]


def test_the_event_node_with_letter_keys_is_chosen(tree: Tree) -> None:
    _, keys, _ = tree.plug_in(
        "1-2", 0x0C2E, 0x0901, WEDGE, [b"", "media"], manufacturer="Honeywell", product="1900"
    )
    node = find_node("input", DeviceMatch(vid=0x0C2E), tree.root)
    assert node.path == keys
    assert node.by_id == ("usb-Honeywell_1900-event-kbd",)
    assert node.report_descriptor == KEYBOARD_DESCRIPTOR
    assert find_node("input", DeviceMatch(by_id="usb-Honeywell_1900-event-kbd"), tree.root) == node


def test_an_event_node_without_letters_is_not_a_keyboard_even_by_path(tree: Tree) -> None:
    media = tree.plug_in("1-2", 0x0C2E, 0x0901, WEDGE, [b"", "media"])[-1]
    with pytest.raises(DeviceGoneError, match="no keyboard is"):
        find_node("input", DeviceMatch(path=media), tree.root)


def test_a_keyboard_that_is_not_on_usb_is_found_by_what_it_reports(tree: Tree) -> None:
    path = tree.virtual_keyboard(0x1234, 0x0001, "virtual scanner")
    node = find_node("input", DeviceMatch(vid=0x1234), tree.root)
    assert (node.path, node.name, node.pid) == (path, "virtual scanner", 1)


@pytest.mark.parametrize(
    ("interface", "name"), [(0, "usb-Maker_Scan_7-hidraw"), (1, "usb-Maker_Scan_7-if01-hidraw")]
)
def test_a_raw_hid_node_has_the_link_name_of_a_new_udev(tree: Tree, interface: int, name: str) -> None:
    before: list[Sequence[Part]] = [[MOUSE_DESCRIPTOR, "hidraw"]] * interface
    path = tree.plug_in(
        "1-2",
        0x05E0,
        0x1701,
        *before,
        [HIDPOS_DESCRIPTOR, "hidraw"],
        manufacturer="Maker",
        product="Scan",
        serial="7",
    )[-1]
    node = find_node("hidraw", DeviceMatch(by_id=name), tree.root)
    assert (node.path, node.interface) == (path, interface)


def test_a_raw_keyboard_interface_is_left_out(tree: Tree) -> None:
    nodes = tree.plug_in("1-2", 0x05E0, 0x1300, WEDGE, [IBM_DESCRIPTOR, "hidraw"])
    assert find_node("hidraw", DeviceMatch(vid=0x05E0), tree.root).path == nodes[-1]


def test_a_link_may_disappear_while_it_is_followed(
    tree: Tree, serial: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    followed = os.readlink

    def gone(path: str, **options: Any) -> str:
        if "by-id" in str(path):
            raise FileNotFoundError(path)
        return followed(path, **options)

    monkeypatch.setattr(os, "readlink", gone)

    assert find_node("tty", DeviceMatch(usb_serial="S1234"), tree.root).path == serial["third"]


def test_a_scanner_may_disappear_while_it_is_examined(tree: Tree) -> None:
    tree.plug_in("1-2", 0x0C2E, 0x0901, ["tty"])
    directory = (tree.root / "sys/class/tty/ttyACM0").resolve()
    (directory / "uevent").unlink()
    assert find_nodes("tty", root=tree.root) == []
    tree.unplug("1-2")
    assert find_nodes("tty", root=tree.root) == []


# The wrong mode


@pytest.mark.parametrize(
    "match",
    [
        {"vid": 0x0C2E, "pid": 0x0907},
        {"usb_serial": "H77"},
        {"by_id": "usb-Honeywell_1902_H77-if00"},
        {"port_path": "1-2"},
        {"port_path": "1-2:1.1"},
        {"path": "/dev/gone", "vid": 0x0C2E, "port_path": "1-2"},
    ],
)
def test_a_scanner_in_another_mode_is_named_with_both_remedies(tree: Tree, match: dict[str, Any]) -> None:
    tree.plug_in("1-2", 0x0C2E, 0x0901, WEDGE, manufacturer="Honeywell", product="1902", serial="H77")
    with pytest.raises(WrongModeError) as error:
        find_node("tty", DeviceMatch(**match), tree.root)
    assert str(error.value) == (
        "Honeywell 1902 (0c2e:0901) at port 1-2 is in keyboard mode: scan the label "
        '"USB Serial (terminal 130)" of Honeywell\'s guide, or set driver = "evdev" '
        "(`scanstation devices` prints the table)"
    )


@pytest.mark.parametrize(
    "match",
    [
        {"vid": 0x05E0, "pid": 0x1701},  # another maker's
        {"vid": 0x0C2E, "usb_serial": "another"},
        {"vid": 0x0C2E, "port_path": "1-3"},
        {"by_id": "usb-Honeywell_1902_other-if00"},
        {"path": "/dev/ttyS9"},
    ],
)
def test_another_scanner_in_another_mode_does_not_fit(tree: Tree, match: dict[str, Any]) -> None:
    tree.plug_in("1-2", 0x0C2E, 0x0901, WEDGE, serial="H77")
    with pytest.raises(DeviceGoneError) as error:
        find_node("tty", DeviceMatch(**match), tree.root)
    assert not isinstance(error.value, WrongModeError)


def test_an_ordinary_device_is_not_a_scanner_in_the_wrong_mode(tree: Tree) -> None:
    tree.plug_in("1-2", 0x046D, 0xC31C, WEDGE)
    with pytest.raises(DeviceGoneError) as error:
        find_node("hidraw", DeviceMatch(vid=0x046D), tree.root)
    assert not isinstance(error.value, WrongModeError)


def test_the_advice_for_an_unknown_maker_is_general(tree: Tree) -> None:
    tree.plug_in("1-2", 0xF126, 0x0288, WEDGE, serial="9")
    with pytest.raises(WrongModeError, match="scan the label for HID POS mode of its guide"):
        find_node("hidraw", DeviceMatch(usb_serial="9"), tree.root)
