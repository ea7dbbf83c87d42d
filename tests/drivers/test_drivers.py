from __future__ import annotations

import sys
from typing import get_args, get_type_hints

import msgspec
import pytest

import drivers
from drivers.base import Chunk, DeviceOptionError, Frame
from drivers.discovery.listing import SUBSYSTEM_OF
from drivers.framing import FramingOptions
from drivers.recording_lines import LINES
from drivers.serial_port import SerialPort
from station.config.problems import ALLOWED
from station.config.settings import DRIVER_KEYS, PROTOCOLS, ScannerSettings


def test_the_serial_driver_is_found_by_name() -> None:
    assert drivers.driver_class("serial") is SerialPort


def test_a_decoder_takes_a_scanners_settings_as_they_are() -> None:
    settings = ScannerSettings(name="left", driver="serial", terminator="\x03", preamble="\x02")
    decoder = drivers.decoder_for("serial", msgspec.to_builtins(settings))
    assert list(decoder.feed(Chunk(b"\x02SN-1\x03", 0.0))) == [Frame(b"SN-1", 0.0)]


def test_the_decoders_defaults_are_those_of_the_configuration() -> None:
    settings = msgspec.to_builtins(ScannerSettings(name="left", driver="serial"))
    assert FramingOptions.from_options(settings) == FramingOptions()


def test_each_driver_is_found_by_name_and_no_other() -> None:
    for name in drivers.DRIVERS:
        assert callable(drivers.driver_class(name).from_options)
    for attempt in (lambda: drivers.driver_class("seriel"), lambda: drivers.decoder_for("seriel", {})):
        with pytest.raises(DeviceOptionError) as error:
            attempt()
        assert str(error.value) == 'unknown driver "seriel"; it must be one of "serial", "evdev", "usb"'


def test_each_place_that_says_something_of_a_driver_says_it_of_all() -> None:
    names = set(drivers.DRIVERS)
    assert set(get_args(get_type_hints(ScannerSettings)["driver"])) == names
    assert set(PROTOCOLS) == set(LINES) == set(SUBSYSTEM_OF) == names
    assert {name for keys in DRIVER_KEYS.values() for name in keys} <= names
    for name in names:
        assert f'"{name}"' in ALLOWED["scanner.driver"]


def test_a_missing_library_is_named_with_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "evdev", None)
    monkeypatch.delitem(sys.modules, "drivers.wedge.evdev_wedge", raising=False)
    with pytest.raises(
        DeviceOptionError, match=r'needs the Python package evdev; pip install "scanstation\[evdev\]"'
    ):
        drivers.driver_class("evdev")
