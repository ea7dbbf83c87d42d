from __future__ import annotations

import sys

import msgspec
import pytest

import drivers
from drivers.base import Chunk, DeviceOptionError, Frame
from drivers.framing import FramingOptions
from drivers.serial_port import SerialPort
from station.settings import ScannerSettings


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


def test_a_missing_library_is_named_with_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "evdev", None)
    monkeypatch.delitem(sys.modules, "drivers.wedge.evdev_wedge", raising=False)
    with pytest.raises(
        DeviceOptionError, match=r'needs the Python package evdev; pip install "scanstation\[evdev\]"'
    ):
        drivers.driver_class("evdev")
