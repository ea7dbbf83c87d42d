"""``devices`` as users run it, on directory trees like those of Linux."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from station.config.loading import from_table
from station.inputs.scanner_table import node_of
from tests.drivers.discovery.trees import HIDPOS_DESCRIPTOR, IBM_DESCRIPTOR, WEDGE, Tree

if TYPE_CHECKING:
    from pathlib import Path

    from tests.running import Result, Workplace


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path / "machine")


def _devices(workplace: Workplace, tree: Tree, *more: str) -> Result:
    return workplace.run("devices", "--root", tree.root, *more)


def _config(result: Result) -> dict[str, Any]:
    return tomllib.loads(result.out)


def test_with_nothing_plugged_in_there_is_one_sentence(workplace: Workplace, tree: Tree) -> None:
    for more in ((), ("--json",)):
        result = _devices(workplace, tree, *more)
        assert result.out == ""
        assert (
            result.err
            == "no scanner, keyboard or serial port is plugged in; plug in a scanner and try again\n"
        )


def test_each_kind_of_scanner_has_a_table_that_works_when_pasted(workplace: Workplace, tree: Tree) -> None:
    paths = [
        *tree.plug_in("1-1", 0x0C2E, 0x0907, ["tty"], manufacturer="Honeywell", product="1902", serial="H1"),
        tree.plug_in("1-2", 0x05E0, 0x1200, WEDGE, manufacturer="Symbol", product="DS2208", serial="Z1")[1],
        *tree.plug_in("1-3", 0x05E0, 0x1701, [HIDPOS_DESCRIPTOR, "hidraw"], product="DS2208", serial="Z2"),
        *tree.plug_in("1-4", 0x05E0, 0x1300, [IBM_DESCRIPTOR, "hidraw"], product="DS2208"),
        *tree.plug_in(
            "1-5", 0x05E0, 0x0600, [b"", "hidraw"], product='odd "\u202e\\ name', serial='s"\\\u202e'
        ),
    ]
    result = _devices(workplace, tree)
    config = from_table(_config(result), "pasted")
    assert [settings.driver for settings in config.scanner] == ["serial", "evdev", "usb", "usb", "usb"]
    assert [settings.name for settings in config.scanner] == [
        "honeywell-1902",
        "symbol-ds2208",
        "ds2208",
        "ds2208-2",
        "odd-name",
    ]
    found = [node_of(settings, tree.root) for settings in config.scanner]
    assert [node.path for node in found if node] == paths
    assert config.scanner[4].protocol == "symbol_com"


@pytest.mark.parametrize(
    ("strings", "match"),
    [
        (
            {"manufacturer": "Honeywell", "product": "1902", "serial": "H1"},
            {"by_id": "usb-Honeywell_1902_H1-if00"},
        ),
        ({"product": "1902"}, {"vid": 0x0C2E, "pid": 0x0907, "port_path": "1-1.4"}),
    ],
)
def test_the_best_key_is_chosen(
    workplace: Workplace, tree: Tree, strings: dict[str, str], match: dict[str, Any]
) -> None:
    tree.plug_in("1-1.4", 0x0C2E, 0x0907, ["tty"], **strings)
    (scanner,) = _config(_devices(workplace, tree))["scanner"]
    assert scanner["match"] == match


@pytest.mark.parametrize("serial", [{}, {"serial": "00000000"}])
def test_two_of_a_kind_are_distinguished_by_their_ports(
    workplace: Workplace, tree: Tree, serial: dict[str, str]
) -> None:
    for port in ("1-1.3", "1-1.4"):
        tree.plug_in(port, 0x0C2E, 0x0907, ["tty"], product="1902", **serial)
    scanners = _config(_devices(workplace, tree))["scanner"]
    assert [scanner["name"] for scanner in scanners] == ["1902", "1902-2"]
    assert [scanner["match"]["port_path"] for scanner in scanners] == ["1-1.3", "1-1.4"]


def test_two_ports_of_one_device_are_distinguished_by_their_interfaces(
    workplace: Workplace, tree: Tree
) -> None:
    tree.plug_in("1-1", 0x0C2E, 0x0907, ["tty"], ["tty"], product="cradle")
    scanners = _config(_devices(workplace, tree))["scanner"]
    assert [scanner["match"]["port_path"] for scanner in scanners] == ["1-1:1.0", "1-1:1.1"]


def test_an_ordinary_keyboard_is_not_advertised_and_its_table_is_a_comment(
    workplace: Workplace, tree: Tree
) -> None:
    tree.plug_in("1-1", 0x046D, 0xC31C, WEDGE, manufacturer="Logitech", product="USB Keyboard")
    tree.plug_in("1-2", 0x2341, 0x0043, ["tty"], manufacturer="Arduino")
    tree.serial_port("ttyS0")
    result = _devices(workplace, tree)
    assert _config(result) == {}
    assert "# Logitech USB Keyboard (046d:c31c) at port 1-1: may be a keyboard, " in result.out
    assert "(2341:0043) at port 1-2: may be any serial device, " in result.out
    assert '#match = { path = "' in result.out
    uncommented = "\n".join(line.removeprefix("#") for line in result.out.splitlines() if line[:2] != "# ")
    assert len(from_table(tomllib.loads(uncommented), "pasted").scanner) == 3


def test_a_device_that_calls_itself_a_scanner_looks_like_one(workplace: Workplace, tree: Tree) -> None:
    tree.plug_in("1-1", 0x1234, 0x0001, WEDGE, product="USB Barcode Scanner")
    (row,) = _devices(workplace, tree, "--json").rows
    assert (row["sure"], row["commented"], row["driver"]) == ("looks like a scanner", False, "evdev")


def test_a_scanner_that_is_configured_is_named_and_not_offered_again(
    workplace: Workplace, tree: Tree
) -> None:
    tree.plug_in("1-1", 0x0C2E, 0x0907, ["tty"], product="1902")
    workplace.configure('[[scanner]]\nname = "1902"\ndriver = "serial"\nmatch = { vid = 0x0c2e }\n')
    result = _devices(workplace, tree)
    assert _config(result) == {}
    assert '# configured as "1902"' in result.out
    tree.plug_in("1-2", 0x05E0, 0x1300, [IBM_DESCRIPTOR, "hidraw"], product="1902")
    (scanner,) = _config(_devices(workplace, tree))["scanner"]
    assert scanner["name"] == "1902-2"


def test_a_configured_scanner_in_the_wrong_mode_is_named_with_what_to_do(
    workplace: Workplace, tree: Tree
) -> None:
    tree.plug_in("1-1", 0x0C2E, 0x0901, WEDGE, product="1902")
    workplace.configure('[[scanner]]\nname = "left"\ndriver = "usb"\nmatch = { port_path = "1-1" }\n')
    result = _devices(workplace, tree)
    assert (
        '# scanner "left" is configured with driver = "usb", which can\'t read this mode: scan the label '
        '"USB HID POS (terminal 131)" of Honeywell\'s guide, or replace its table with this one'
    ) in result.out
    assert _config(result)["scanner"][0]["driver"] == "evdev"


def test_a_scanner_in_an_unsupported_mode_is_shown_with_how_to_switch_it(
    workplace: Workplace, tree: Tree
) -> None:
    tree.plug_in("1-1", 0x05E0, 0x1900, product="Symbol Bar Code Scanner")
    result = _devices(workplace, tree)
    assert _config(result) == {}
    assert 'is Zebra\'s, in a mode that no driver reads: scan the label "USB CDC Host"' in result.out


def test_a_scanner_that_a_program_has_detached_from_the_kernel_is_shown(
    workplace: Workplace, tree: Tree
) -> None:
    tree.plug_in("1-1", 0x05E0, 0x1701, [b""], product="DS2208")
    tree.plug_in("1-2", 0x05E0, 0x1300, [b""], product="DS2208")
    result = _devices(workplace, tree)
    assert "a program has taken it from the kernel (libusb), so its mode can't be seen" in result.out
    assert "a program reads it by libusb, or the kernel module usbhid is missing" in result.out
    (scanner,) = _config(result)["scanner"]
    assert scanner["match"] == {"vid": 0x05E0, "pid": 0x1300, "port_path": "1-2"}


def test_a_wrong_configuration_does_not_prevent_the_listing(workplace: Workplace, tree: Tree) -> None:
    tree.plug_in("1-1", 0x0C2E, 0x0907, ["tty"], product="1902")
    workplace.config.write_text("[[scanner]]\nnome = 1\n")
    result = _devices(workplace, tree)
    assert len(_config(result)["scanner"]) == 1
    assert "devices are listed as if none were configured" in result.err
