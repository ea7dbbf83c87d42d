from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from drivers.discovery.known import UsbMode
from drivers.discovery.modes import modes_of
from drivers.discovery.usb_tree import usb_devices
from tests.drivers.discovery.trees import (
    HIDPOS_DESCRIPTOR,
    IBM_DESCRIPTOR,
    KEYBOARD_DESCRIPTOR,
    MOUSE_DESCRIPTOR,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.drivers.discovery.trees import Tree


def test_devices_are_in_the_order_of_their_ports_with_their_nodes(tree: Tree) -> None:
    tree.plug_in("1-1.10", 0x05E0, 0x1701, [HIDPOS_DESCRIPTOR, "hidraw"])
    tree.plug_in(
        "1-1.9", 0x0C2E, 0x0907, ["tty"], manufacturer=" Honeywell  Int. ", product="1902/x", serial="A,1"
    )
    first, second = usb_devices(tree.root)
    assert (first.port_path, first.vid, first.pid, first.bus, first.address) == (
        "1-1.9",
        0x0C2E,
        0x0907,
        1,
        3,
    )
    (interface,) = first.interfaces
    assert (interface.number, interface.class_, interface.path, interface.driver) == (
        0,
        2,
        "1-1.9:1.0",
        "cdc_acm",
    )
    assert interface.ttys == (str(tree.root / "dev/ttyACM0"),)
    assert first.node == str(tree.root / "dev/bus/usb/001/003")
    assert second.interfaces[0].report_descriptor == HIDPOS_DESCRIPTOR
    assert second.interfaces[0].hidraws == (str(tree.root / "dev/hidraw0"),)


@pytest.mark.parametrize(
    ("maker", "product", "usb_serial", "name"),
    [
        ("Honeywell Int.", "1902", "S1", "usb-Honeywell_Int._1902_S1"),
        ("  two  blanks ", "a/b", "", "usb-two_blanks_a_b"),
        ("", "", "", "usb-0c2e_0907"),
        ("Maker", "Model", "s\xe9rie", "usb-Maker_Model"),
    ],
)
def test_a_device_is_named_as_udev_names_it(
    tree: Tree, maker: str, product: str, usb_serial: str, name: str
) -> None:
    strings = {"manufacturer": maker, "product": product, "serial": usb_serial}
    tree.plug_in("1-1", 0x0C2E, 0x0907, **strings)
    assert usb_devices(tree.root)[0].by_id == name


def test_hubs_are_left_out(tree: Tree) -> None:
    tree.plug_in("1-1", 0x1D6B, 0x0002)
    (tree.root / "sys/bus/usb/devices/1-1/bDeviceClass").write_text("09\n")
    tree.plug_in("1-1.2", 0x0C2E, 0x0907, ["tty"])
    assert [device.port_path for device in usb_devices(tree.root)] == ["1-1.2"]


def test_a_device_that_disappears_while_it_is_listed_is_left_out(tree: Tree) -> None:
    tree.plug_in("1-1", 0x0C2E, 0x0907, ["tty"])
    tree.plug_in("1-2", 0x0C2E, 0x0907, ["tty"])
    (tree.root / "sys/bus/usb/devices/1-1/idProduct").unlink()
    shutil.rmtree((tree.root / "sys/bus/usb/devices/1-2/1-2:1.0").resolve())
    (device,) = usb_devices(tree.root)
    assert (device.port_path, device.interfaces) == ("1-2", ())


@pytest.mark.parametrize(
    ("vid", "pid", "interfaces", "modes"),
    [
        (0x0C2E, 0x0907, [["tty"]], (UsbMode.SERIAL,)),
        (0x0C2E, 0x0901, [[KEYBOARD_DESCRIPTOR, "input"], [b"", "media"]], (UsbMode.KEYBOARD,)),
        (0x05E0, 0x1701, [[HIDPOS_DESCRIPTOR, "hidraw"]], (UsbMode.HIDPOS,)),
        (0x05E0, 0x1300, [[IBM_DESCRIPTOR, "hidraw"]], (UsbMode.IBM,)),
        (0x05E0, 0x0600, [[bytes.fromhex("0600ff0901a10109028102c0"), "hidraw"]], (UsbMode.SYMBOL_COM,)),
        (
            0x0C2E,
            0x0B87,
            [[KEYBOARD_DESCRIPTOR, "input"], [HIDPOS_DESCRIPTOR]],
            (UsbMode.KEYBOARD, UsbMode.HIDPOS),
        ),
        # Detached from the kernel by a program that reads it: it has no nodes.
        (0x05E0, 0x1300, [[b""]], (UsbMode.IBM,)),
        (0x046D, 0xC077, [[MOUSE_DESCRIPTOR, "hidraw"]], ()),
        # A descriptor that ends within an item.
        (0x1234, 0x0001, [[b"\x06\x8c", "hidraw"]], ()),
    ],
)
def test_a_device_is_in_the_mode_that_its_interfaces_and_descriptors_show(
    tree: Tree, vid: int, pid: int, interfaces: Sequence[Sequence[str | bytes]], modes: tuple[UsbMode, ...]
) -> None:
    tree.plug_in("1-1", vid, pid, *interfaces)
    assert modes_of(usb_devices(tree.root)[0]) == modes
