from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.raw_usb.symbol_com import report_decoder
from tests.drivers.raw_usb.decoding import at_once, decoded, reasons, scans

CUT = (
    "fills its last report, and none came behind it, so it may be cut: set the scanner to send CR at the end"
)


def _report(data: bytes, length: int | None = None) -> bytes:
    return (bytes((len(data) if length is None else length,)) + data).ljust(64, b"\0")


def _reports(data: bytes) -> list[bytes]:
    return [_report(data[start : start + 63]) for start in range(0, len(data), 63)]


def _found(*reports: bytes) -> tuple[list[bytes], list[str]]:
    found = at_once(report_decoder({"protocol": "symbol_com"}), *reports)
    return [data for _, data in scans(found)], reasons(found)


@pytest.mark.parametrize("suffix", [b"", b"\r", b"\r\n"])
@pytest.mark.parametrize("length", [1, 40, 61, 70, 130])
def test_a_report_that_is_not_full_ends_a_scan(length: int, suffix: bytes) -> None:
    assert _found(*_reports(b"S" * length + suffix)) == ([b"S" * length], [])


@pytest.mark.parametrize("length", [62, 125])
def test_the_scanners_suffix_at_the_end_of_a_full_report_ends_a_scan(length: int) -> None:
    assert _found(*_reports(b"S" * length + b"\r"), _report(b"SN-2")) == ([b"S" * length, b"SN-2"], [])


def test_a_suffix_in_a_separate_report_ends_a_scan() -> None:
    assert _found(*_reports(b"S" * 63 + b"\r")) == ([b"S" * 63], [])


def test_a_full_report_followed_by_silence_may_be_truncated_and_is_no_scan() -> None:
    decoder = report_decoder({"protocol": "symbol_com"})
    found = decoded(decoder, [(0.0, _report(b"S" * 63)), (3.0, _report(b"SN-2"))])
    assert (scans(found), reasons(found)) == ([(None, b"SN-2")], [CUT])


def test_an_empty_report_is_no_scan() -> None:
    assert _found(_report(b""), _report(b"\r"), b"") == ([], [])


@pytest.mark.parametrize("report", [_report(b"S" * 63, length=64), b"\x05SN", _report(b"S" * 70)])
def test_a_wrong_length_is_no_scan(report: bytes) -> None:
    texts, why = _found(report)
    assert (texts, len(why)) == ([], 1)


def test_a_report_right_after_a_broken_one_may_be_its_rest() -> None:
    texts, why = _found(_report(b"S" * 63), _report(b"S" * 63, length=80), _report(b"rest"))
    assert (texts, len(why)) == ([], 2)


@given(st.binary(min_size=1, max_size=300), st.integers(0, 5))
@settings(deadline=None)
def test_a_scan_that_lost_its_end_is_no_scan(label: bytes, kept: int) -> None:
    reports = _reports(label.replace(b"\r", b"").replace(b"\n", b"") + b"x")
    texts, _ = _found(*reports[: min(kept, len(reports) - 1)])
    assert texts == []
