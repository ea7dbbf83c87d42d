from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.base import BrokenFrame, Chunk, Frame
from drivers.raw_usb.symbol_com import report_decoder
from tests.drivers.raw_usb.decoding import at_once, reasons, scans

EAN_13, EAN_8, UPC_A, UPC_E = b"4006381333931", b"96385074", b"036000291452", b"04252614"


def _report(data: bytes, trailer: bytes, status: bytes = bytes(3), length: int | None = None) -> bytes:
    report = bytes((4 + len(data) + len(trailer) if length is None else length,)) + status + data + trailer
    return report.ljust(64, b"\0")


def _binary(digits: bytes) -> bytes:
    return bytes(digit - ord("0") for digit in digits)


def _found(*reports: bytes) -> tuple[list[tuple[str | None, bytes]], list[str]]:
    found = at_once(report_decoder({"protocol": "ibm"}), *reports)
    return scans(found), reasons(found)


@pytest.mark.parametrize("as_sent", [bytes, _binary])
@pytest.mark.parametrize(
    ("digits", "trailer", "identifier"),
    [
        (EAN_13, b"\x16", "]E0"),
        (EAN_8, b"\x0c", "]E4"),
        (UPC_A, b"\x0d", "]E0"),
        (UPC_E, b"\x0a", "]E0"),
        (UPC_E[:6], b"\x0a", "]E0"),
    ],
)
def test_digits_are_ascii_or_numbers(
    digits: bytes, trailer: bytes, identifier: str | None, as_sent: type[bytes]
) -> None:
    assert _found(_report(as_sent(digits), trailer)) == ([(identifier, digits)], [])


@pytest.mark.parametrize(
    ("kind", "identifier"),
    [(0x18, "]C0"), (0x25, "]C1"), (0x36, "]d2"), (0x37, "]Q3"), (0x0A, None), (0x32, None), (0x2E, None)],
)
def test_three_bytes_after_the_data_name_the_kind_of_code(kind: int, identifier: str | None) -> None:
    assert _found(_report(b"SN-1", bytes((0, kind, 0x0B)))) == ([(identifier, b"SN-1")], [])


def test_data_that_ends_like_the_short_trailer_is_kept() -> None:
    assert _found(_report(b"SN-\x16", b"\x00\x18\x0b")) == ([("]C0", b"SN-\x16")], [])


def test_the_digits_of_a_code_with_a_supplement_may_be_numbers_too() -> None:
    assert _found(_report(_binary(EAN_13 + b"12"), b"\x00\x13\x0b")) == ([(None, EAN_13 + b"12")], [])


def test_numbers_in_other_codes_are_unchanged() -> None:
    assert _found(_report(b"\x01\x02", b"\x00\x18\x0b")) == ([("]C0", b"\x01\x02")], [])


def test_a_scan_over_several_reports_is_joined() -> None:
    parts = (
        _report(b"A" * 57, b"\x10\x33\x0b"),
        _report(b"B" * 57, b"\x10\x33\x0b"),
        _report(b"C", b"\x00\x33\x0b"),
    )
    assert _found(*parts) == ([(None, b"A" * 57 + b"B" * 57 + b"C")], [])
    assert _found(*parts[:2]) == ([], ["the connection ended in the middle of a scan"])


def test_parts_of_different_kinds_are_not_joined() -> None:
    found = _found(_report(b"A" * 57, b"\x10\x33\x0b"), _report(b"SN-1", b"\x00\x18\x0b"))
    assert found == ([], ["its parts are of different kinds, 33 and 18: two scans ran into one"])


@pytest.mark.parametrize(
    ("report", "reason"),
    [
        (_report(b"SN-1", b"\x00\x18\x0b", length=65), "report says that it has 65 bytes; it has 64"),
        (_report(b"SN-1", b"\x00\x18\x0b", length=0), "report says that it has 0 bytes; it has 64"),
        (
            _report(b"SN-1", b"\x00\x18\x0b", length=10),
            "report ends with 31 00 18, which names no kind of code",
        ),
        (_report(b"SN-1", b"\x00\x0a\x0b", length=10), r"UPC-E is 6 to 8 digits; what came is b.SN-1\\x00"),
        (_report(b"SN-1", b"\x20\x18\x0b"), "report ends with 20 18 0b, which names no kind of code"),
        (_report(b"SN-1", b""), "report ends with 4e 2d 31, which names no kind of code"),
        (_report(b"", b"\x0b"), "report ends with 0b, which names no kind of code"),
        (
            _report(EAN_13[:-1], b"\x16"),
            "EAN-13 came without its check digit: set the scanner to transmit it",
        ),
        (_report(EAN_13[:-1] + b"2", b"\x16"), "EAN-13 has a wrong check digit"),
        (_report(EAN_13[:-1] + b"\x01", b"\x16"), "EAN-13 is 13 digits"),
        (_report(b"SN-1", b"\x00\x18\x0b", b"\x20\x00\x00"), r"has a hardware error \(status 20 00 00\)"),
        (_report(b"x" * 20, b"", b"\x40\x03\x08"), r"answers a command \(status 40 03 08\)"),
        (_report(b"", b"", b"\x80\x00\x00"), r"is not ready \(status 80 00 00\)"),
    ],
)
def test_an_invalid_report_is_no_scan(report: bytes, reason: str) -> None:
    found = at_once(report_decoder({"protocol": "ibm"}), report)
    assert scans(found) == []
    assert [each.data for each in found if isinstance(each, BrokenFrame)] == [report]
    with pytest.raises(ValueError, match=reason):
        raise ValueError(*reasons(found))


def test_a_sign_of_life_is_ignored() -> None:
    assert _found(_report(b"", b"", b"\x00\x03\x00"), b"") == ([], [])


def test_a_scan_of_an_enabled_scanner_counts() -> None:
    assert _found(_report(b"SN-1", b"\x00\x18\x0b", b"\x00\x03\x00")) == ([("]C0", b"SN-1")], [])


def test_a_report_right_after_a_broken_one_may_be_its_rest() -> None:
    found = _found(_report(b"A" * 57, b"\x10\x33\x0b", length=65), _report(b"C", b"\x00\x33\x0b"))
    assert found[0] == []
    assert len(found[1]) == 2


def test_a_report_id_is_not_taken_for_the_length() -> None:
    descriptor = "0645ff 0a004b a101 8501 150026ff00 7508 953f 0a014b 8102 c0"
    decoder = report_decoder({"report_descriptor": descriptor})
    assert scans(at_once(decoder, b"\x01" + _report(b"SN-1", b"\x00\x18\x0b"))) == [("]C0", b"SN-1")]


REPORTS = st.binary(max_size=70) | st.builds(
    _report,
    st.binary(max_size=60),
    st.sampled_from([b"\x16", b"\x0d", b"\x00\x18\x0b", b"\x10\x18\x0b", b"\x00\x13\x0b"]),
    st.just(bytes(3)) | st.binary(min_size=3, max_size=3),
    st.none() | st.integers(0, 255),
)


@given(st.lists(st.tuples(st.floats(0, 0.3), REPORTS), max_size=20), st.sampled_from([8, 4096]))
@settings(deadline=None)
def test_random_reports_neither_raise_nor_fill_memory(
    reports: list[tuple[float, bytes]], max_length: int
) -> None:
    decoder = report_decoder({"protocol": "ibm", "max_length": max_length})
    t = 0.0
    for pause, report in reports:
        t += pause
        for found in decoder.feed(Chunk(report, t)):
            assert not isinstance(found, Frame) or len(found.data) <= max_length
    decoder.reset(t)
    assert decoder.deadline() is None
