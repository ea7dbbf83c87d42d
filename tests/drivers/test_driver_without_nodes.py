"""A driver whose devices have no device node, such as network scanners: only its description differs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from drivers import DRIVERS
from drivers.base import Chunk, DeviceGoneError, DeviceOptionError
from drivers.serial_line import SERIAL
from drivers.wedge.layout_check import TEST_TEXT
from station.config.checks import of_scanner
from station.config.loading import Reading
from station.config.schema import Config
from station.config.settings import MatchSettings, ScannerSettings
from station.inputs.reader import decoding_options
from station.inputs.scanner_table import offers
from station.ops.doctor.machine import Machine, State, ok, wrong
from station.ops.doctor.scan_test import judge
from station.ops.doctor.scanners import scanner
from station.ops.support.machine import nodes
from station.ops.support.part import BundleRequest
from tests.drivers.discovery.trees import Tree

NETWORK = replace(SERIAL, name="network", subsystem=None, modes=(), protocols=(), device_settings={})
LEFT = ScannerSettings(name="left", driver="network")


@pytest.fixture(autouse=True)
def _listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(DRIVERS, "network", NETWORK)


def _mistakes(**settings: object) -> list[str]:
    values = {"name": "left", "driver": "network", **settings}
    return [str(each) for each in of_scanner(ScannerSettings(**values), ("scanner", 0))]  # type: ignore[arg-type]


def test_its_table_locates_the_device_with_its_own_keys_and_accepts_no_others() -> None:
    assert _mistakes(gap_ms=5) == []
    assert _mistakes(match=MatchSettings(path="/dev/x"), layout="de") == [
        f'scanner[1].{key}: means nothing for driver = "network"; leave it out' for key in ("match", "layout")
    ]


def test_its_own_check_reports_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_options: object) -> None:
        raise DeviceOptionError('address = "": must be a host and a port')

    monkeypatch.setitem(DRIVERS, "network", replace(NETWORK, check=refuse))
    assert _mistakes() == ['scanner[1].address = "": must be a host and a port']


def test_its_recording_contains_the_options_for_decoding() -> None:
    shown = decoding_options(LEFT)
    assert {"preamble", "gap_ms", "terminator"} < shown.keys()
    assert not {"match", "baud_rate", "reply", "layout"} & shown.keys()


def test_the_doctor_only_opens_it(tmp_path: Path) -> None:
    def gone(_settings: ScannerSettings) -> None:
        raise DeviceGoneError("192.0.2.1 does not answer; switch it on")

    machine = Machine(Tree(tmp_path / "machine").root)
    assert list(scanner(LEFT, machine, try_open=lambda _settings: None)) == [ok("scanner left", "it opens")]
    assert list(scanner(LEFT, machine, try_open=gone)) == [
        wrong("scanner left", "192.0.2.1 does not answer", "switch it on")
    ]


def test_the_scan_test_judges_what_it_sends_as_text_between_preamble_and_terminator() -> None:
    found = {each.check: each.state for each in judge(LEFT, [Chunk(f"{TEST_TEXT}\r".encode(), 0.0)], {})}
    assert (found["scan"], found["terminator"]) == (State.OK, State.OK)


def test_devices_and_the_support_bundle_ignore_it(tmp_path: Path) -> None:
    tree = Tree(tmp_path / "machine")
    tree.plug_in("1-1", 0x0C2E, 0x0907, ["tty"])
    assert [(each.driver, each.configured, each.remark) for each in offers([LEFT], tree.root)] == [
        ("serial", False, "")
    ]
    reading = Reading(Path("config.toml"), (), None, Config(scanner=(LEFT,)), ())
    assert list(nodes(BundleRequest(reading, None, machine=Machine(tree.root)))) == []
