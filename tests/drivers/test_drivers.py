from __future__ import annotations

import msgspec
import pytest

import drivers
from drivers.base import Chunk, DeviceOptionError, Frame
from drivers.framing import FramingOptions
from drivers.serial_port import SerialPort
from station.config import ScannerSettings


def test_the_serial_driver_is_found_by_name() -> None:
    assert drivers.driver_class("serial") is SerialPort


def test_a_decoder_takes_a_scanners_settings_as_they_are() -> None:
    settings = ScannerSettings(name="left", driver="serial", terminator="\x03", preamble="\x02")
    decoder = drivers.decoder_for("serial", msgspec.to_builtins(settings))
    assert list(decoder.feed(Chunk(b"\x02SN-1\x03", 0.0))) == [Frame(b"SN-1", 0.0)]


def test_the_decoders_defaults_are_those_of_the_configuration() -> None:
    settings = msgspec.to_builtins(ScannerSettings(name="left", driver="serial"))
    assert FramingOptions.from_options(settings) == FramingOptions()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("evdev", 'driver "evdev" is not supported by this version'),
        ("usb", 'driver "usb" is not supported by this version'),
        ("seriel", 'unknown driver "seriel"; it must be "serial"'),
    ],
)
def test_a_driver_that_is_not_there_is_named(name: str, message: str) -> None:
    for attempt in (lambda: drivers.driver_class(name), lambda: drivers.decoder_for(name, {})):
        with pytest.raises(DeviceOptionError) as error:
            attempt()
        assert str(error.value) == message
