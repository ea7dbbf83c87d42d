"""The station's udev rule, compared with the scanners that the program knows."""

from __future__ import annotations

import re
import subprocess
from fnmatch import fnmatch
from pathlib import Path

import pytest

from drivers.discovery.known import KNOWN, MAKERS
from tests.drivers.discovery.trees import (
    HIDPOS_DESCRIPTOR,
    IBM_DESCRIPTOR,
    KEYBOARD_DESCRIPTOR,
    MOUSE_DESCRIPTOR,
)

RULES = Path(__file__).parents[3] / "systemd/70-scanstation.rules"


@pytest.fixture
def rules() -> str:
    text = RULES.read_text().replace("\\\n", "")
    return "\n".join(line for line in text.splitlines() if not line.startswith("#"))


def test_every_known_maker_and_scanner_is_in_the_rule(rules: str) -> None:
    (makers,) = re.findall(r'ATTRS\{idVendor\}=="([0-9a-f|]{6,})", ENV\{SCANSTATION\}="1"', rules)
    vids = {int(vid, 16) for vid in makers.split("|")}
    assert vids == {vid for maker in MAKERS for vid in maker.vids}
    pairs = re.findall(r'ATTRS\{idVendor\}=="(\w{4})", ATTRS\{idProduct\}=="(\w{4})"', rules)
    single = {(int(vid, 16), int(pid, 16)) for vid, pid in pairs}
    assert single == {(vid, pid) for vid, pid in KNOWN if vid not in vids}


def test_no_device_is_accessible_to_everybody(rules: str) -> None:
    assert set(re.findall(r'MODE="(\d+)"', rules)) == {"0660"}
    assert set(re.findall(r'GROUP="(\w+)"', rules)) == {"scanstation"}
    assert "uaccess" not in rules


@pytest.mark.parametrize(
    ("descriptor", "fits"),
    [
        (HIDPOS_DESCRIPTOR, True),
        (IBM_DESCRIPTOR, True),
        (KEYBOARD_DESCRIPTOR, False),
        (MOUSE_DESCRIPTOR, False),
    ],
)
def test_a_scanners_report_descriptor_is_recognised_by_its_beginning(
    rules: str, tmp_path: Path, descriptor: bytes, *, fits: bool
) -> None:
    program, patterns = re.findall(r'PROGRAM="([^"]+)",\s*RESULT=="([^"]+)"', rules)[0]
    path = tmp_path / "report_descriptor"
    path.write_bytes(descriptor)
    command = program.replace("/sys%p/device/report_descriptor", str(path)).split()
    result = subprocess.run(command, check=True, capture_output=True, text=True).stdout.rstrip()
    assert any(fnmatch(result, pattern) for pattern in patterns.split("|")) is fits
