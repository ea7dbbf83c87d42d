from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from typing import get_args, get_type_hints

import msgspec
import pytest

import drivers
from drivers.base import Chunk, DeviceOptionError, Frame
from drivers.framing import FramingOptions
from drivers.serial_line.serial_port import SerialPort
from station.config.settings import ScannerSettings
from tests.docs.blocks import ROOT


def test_the_serial_driver_is_found_by_name() -> None:
    assert drivers.driver_class("serial") is SerialPort


def test_a_decoder_accepts_a_scanners_settings() -> None:
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
        known = ", ".join(f'"{name}"' for name in drivers.DRIVERS)
        assert str(error.value) == f'unknown driver "seriel"; it must be one of {known}'


def test_a_scanners_table_has_each_drivers_keys_and_no_others() -> None:
    common = {
        *("name", "driver", "terminator", "frame_timeout_ms", "max_length", "aim", "gs1", "house_format")
    }
    assert set(ScannerSettings.__struct_fields__) - drivers.KEYS_OF_DRIVERS == common
    assert set(ScannerSettings.__struct_fields__) >= drivers.KEYS_OF_DRIVERS
    for driver in drivers.DRIVERS.values():
        assert not driver.settings.keys() & driver.device_settings.keys()


def test_a_drivers_description_of_a_key_names_exactly_its_choices() -> None:
    kinds = get_type_hints(ScannerSettings)
    for driver in drivers.DRIVERS.values():
        for key in driver.keys:
            choices = driver.protocols if key == "protocol" else get_args(kinds[key])
            if choices and (words := driver.allowed(key)):
                named = {word or int(digits or 0) for word, digits in re.findall(r'"([^"]+)"|(\d+)', words)}
                assert named == set(choices), key


@pytest.mark.parametrize("driver", drivers.DRIVERS)
def test_the_decoder_knows_each_protocol_of_its_driver(driver: str) -> None:
    for protocol in drivers.DRIVERS[driver].protocols:
        assert drivers.decoder_for(driver, {"protocol": protocol})


def test_each_extra_of_a_driver_exists() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = {driver.extra for driver in drivers.DRIVERS.values()} - {""}
    assert named <= set(project["optional-dependencies"])


def test_reading_the_configuration_needs_no_drivers_library() -> None:
    code = "import station.config.loading, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "drivers.wedge" in done.stdout.split()
    assert not {"serial", "evdev", "usb", "drivers.discovery.nodes"} & set(done.stdout.split())


def test_a_missing_library_is_named_with_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "evdev", None)
    monkeypatch.delitem(sys.modules, "drivers.wedge.evdev_wedge", raising=False)
    with pytest.raises(
        DeviceOptionError, match=r'needs the Python package evdev; pip install "scanstation\[evdev\]"'
    ):
        drivers.driver_class("evdev")
