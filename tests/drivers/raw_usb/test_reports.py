from __future__ import annotations

import pytest

from drivers.base import Chunk, DeviceOptionError
from drivers.raw_usb.symbol_com import protocol_of, report_decoder
from tests.drivers.raw_usb.decoding import at_once, scans
from tests.drivers.raw_usb.layouts import COMMON

IBM = "0645ff 0a004b a101 150026ff00 7508 9540 0a014b 8102 c0"
KEYBOARD = "0501 0906 a101 0507 19e0 29e7 7501 9508 8102 c0"


def test_the_report_descriptor_determines_the_protocol() -> None:
    decoder = report_decoder({"report_descriptor": COMMON.descriptor().hex()})
    assert scans(at_once(decoder, COMMON.report(b"SN-1"))) == [(None, b"SN-1")]
    decoder = report_decoder({"report_descriptor": IBM})
    assert scans(at_once(decoder, b"\x0b\0\0\0SN-1\0\x18\x0b")) == [("]C0", b"SN-1")]


def test_hid_pos_without_a_descriptor_has_the_common_layout() -> None:
    decoder = report_decoder({"protocol": "hidpos"})
    assert scans(at_once(decoder, COMMON.report(b"SN-1", identifier=b"]C0"))) == [("]C0", b"SN-1")]


def test_without_a_descriptor_the_protocol_is_unknown() -> None:
    assert protocol_of(None) == ""


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({}, 'protocol = "": the reports of a USB scanner need protocol or report_descriptor'),
        ({"protocol": "ssi"}, 'protocol = \'ssi\': must be one of "", "hidpos", "ibm", "symbol_com"'),
        ({"report_descriptor": "xy"}, "report_descriptor = 'xy': is not hex"),
        ({"report_descriptor": 5}, "report_descriptor = 5: must be a string"),
        ({"report_descriptor": "c0"}, "report_descriptor: ends a collection that it didn't begin"),
        ({"report_descriptor": KEYBOARD}, "report_descriptor: is not a known scanner's; set protocol"),
        ({"protocol": "hidpos", "report_descriptor": KEYBOARD}, "report_descriptor: has no Decoded Data"),
        (
            {"report_descriptor": "058c 0902 a101 7503 9501 09fe 8102 c0"},
            "report_descriptor: has Decoded Data that is not whole bytes",
        ),
        ({"protocol": "ibm", "max_length": 0}, "max_length = 0: must be a whole number from 1 to 65536"),
        ({"protocol": "ibm", "frame_timeout_ms": -1}, "frame_timeout_ms = -1: must be a whole number"),
        ({"protocol": "ibm", "terminator": "€"}, "terminator = '€': each character stands for one byte"),
    ],
)
def test_a_wrong_option_is_named(options: dict[str, object], error: str) -> None:
    with pytest.raises(DeviceOptionError) as raised:
        report_decoder(options)
    assert str(raised.value).startswith(error)


def test_a_timeout_of_zero_is_the_default() -> None:
    decoder = report_decoder({"protocol": "hidpos", "frame_timeout_ms": 0})
    decoder.feed(Chunk(COMMON.report(b"S" * 56, more=True), 0.0))
    assert decoder.deadline() == 0.5
