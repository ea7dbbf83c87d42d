from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.base import BrokenFrame, Chunk, Frame
from drivers.raw_usb.descriptor import parse
from drivers.raw_usb.hid_pos import COMMON as FALLBACK
from tests.drivers.raw_usb.decoding import at_once, decoded, hid_pos, reasons, scans
from tests.drivers.raw_usb.layouts import COMMON, Layout

if TYPE_CHECKING:
    from drivers.base import Found

LONG = bytes(range(0x30, 0x3A)) * 13
"""It needs three reports of 56 bytes."""

WITHOUT_COUNT = Layout((("identifier", 24), ("data", 160), ("continued", 8)))
BARE = Layout((("data", 160), ("continued", 8)))


@st.composite
def layouts(draw: st.DrawFn) -> Layout:
    """Layouts with fields in any order, padding anywhere, with or without report id and byte count …"""
    fields = [("data", 8 * draw(st.integers(4, 80))), ("continued", draw(st.sampled_from([1, 8])))]
    if draw(st.booleans()):
        fields.append(("count", draw(st.sampled_from([8, 16]))))
    if draw(st.booleans()):
        fields.append(("identifier", 24))
    fields += [("pad", draw(st.integers(1, 17))) for _ in range(draw(st.integers(0, 4)))]
    return Layout(tuple(draw(st.permutations(fields))), report_id=draw(st.sampled_from([0, 0, 1, 2, 255])))


LABELS = st.binary(max_size=200).map(lambda data: b"S" + data.translate(None, b"\0\r\n"))
"""They don't begin with an identifier, end with a suffix, or contain padding."""
IDENTIFIERS = st.sampled_from([b"]C1", b"]d2", b"]E0", bytes(3)])


@given(layouts(), LABELS, IDENTIFIERS)
@settings(deadline=None)
def test_a_scan_is_read_in_any_layout(layout: Layout, label: bytes, identifier: bytes) -> None:
    found = at_once(hid_pos(layout.descriptor()), *layout.reports(label, identifier))
    is_told = layout.has("identifier") and any(identifier)
    assert reasons(found) == []
    assert scans(found) == [(identifier.decode() if is_told else None, label)]


@given(layouts(), LABELS, st.data())
@settings(deadline=None)
def test_if_a_report_is_lost_the_rest_is_not_another_scan(
    layout: Layout, label: bytes, data: st.DataObject
) -> None:
    reports = layout.reports(label, b"]C0")
    kept = reports[: data.draw(st.integers(0, len(reports) - 1))]
    found = at_once(hid_pos(layout.descriptor()), *kept)
    assert scans(found) == []
    assert len(reasons(found)) == min(1, len(kept))


@given(
    layouts(),
    st.lists(st.tuples(st.floats(0, 0.3), st.binary(max_size=100)), max_size=20),
    st.sampled_from([8, 4096]),
)
@settings(deadline=None)
def test_random_reports_neither_raise_nor_fill_memory(
    layout: Layout, reports: list[tuple[float, bytes]], max_length: int
) -> None:
    decoder = hid_pos(layout.descriptor(), max_length=max_length)
    t = 0.0
    for pause, report in reports:
        t += pause
        for found in decoder.feed(Chunk(report, t)):
            assert isinstance(found, Frame | BrokenFrame)
            assert len(found.data) <= max_length if isinstance(found, Frame) else len(found.data) <= 64
    decoder.reset(t)
    assert decoder.deadline() is None


def test_an_endless_scan_needs_limited_memory() -> None:
    decoder, report = hid_pos(COMMON.descriptor()), COMMON.report(bytes(56), more=True)
    found: list[Found] = []
    tracemalloc.start()
    try:
        for number in range(5000):
            found += decoder.feed(Chunk(report, number * 0.001))
        assert tracemalloc.get_traced_memory()[1] < 200_000
    finally:
        tracemalloc.stop()
    assert [each.reason for each in found if isinstance(each, BrokenFrame)] == ["longer than 4096 bytes"]


def test_the_common_layout_is_read_without_a_descriptor() -> None:
    assert parse(FALLBACK).fields == parse(COMMON.descriptor()).fields


@pytest.mark.parametrize(("length", "is_read"), [(60, True), (61, False)])
@pytest.mark.parametrize("suffix", [b"", b"\r"])
def test_the_length_limit_counts_the_label_without_the_scanners_suffix(
    length: int, suffix: bytes, *, is_read: bool
) -> None:
    decoder = hid_pos(COMMON.descriptor(), max_length=60)
    found = at_once(decoder, *COMMON.reports(b"S" * length + suffix), COMMON.report(b"SN-2"))
    assert scans(found) == [*([(None, b"S" * length)] if is_read else []), (None, b"SN-2")]
    assert reasons(found) == ([] if is_read else ["longer than 60 bytes"])


def test_silence_is_not_reported_before_its_deadline() -> None:
    decoder = hid_pos(COMMON.descriptor())
    first, *_ = COMMON.reports(LONG)
    decoder.feed(Chunk(first, 0.0))
    assert list(decoder.idle(0.49)) == []
    assert reasons(decoder.idle(0.5)) == [
        "continued report never completed: its next part did not come in time"
    ]


def test_an_identifier_one_byte_later_is_corrected() -> None:
    report = COMMON.report(b"1SN-1", identifier=b"\x01]C", count=4)
    assert scans(at_once(hid_pos(COMMON.descriptor()), report)) == [("]C1", b"SN-1")]


def test_a_long_scan_with_its_identifier_one_byte_later_is_corrected() -> None:
    first = COMMON.report(b"1" + LONG[:55], identifier=b"\0]C", count=55, more=True)
    last = COMMON.report(b"1" + LONG[55:75], identifier=b"\0]C", count=20)
    assert scans(at_once(hid_pos(COMMON.descriptor()), first, last)) == [("]C1", LONG[:75])]


def test_an_identifier_that_is_invalid_in_both_places_is_no_scan() -> None:
    report = COMMON.report(b"-SN-1", identifier=b"\0]C", count=4)
    found = at_once(hid_pos(COMMON.descriptor()), report)
    assert (scans(found), len(reasons(found))) == ([], 1)


def test_identifier_and_carriage_return_within_the_data_are_left_to_the_setting_aim() -> None:
    report = COMMON.report(b"]C0SN-1\r")
    assert scans(at_once(hid_pos(COMMON.descriptor()), report)) == [(None, b"]C0SN-1")]


def test_an_identifier_in_its_field_and_in_front_of_the_data_is_left_to_the_setting_aim() -> None:
    report = COMMON.report(b"]C0SN-1", identifier=b"]C0")
    assert scans(at_once(hid_pos(COMMON.descriptor()), report)) == [(None, b"]C0SN-1")]


def test_an_invalid_identifier_field_is_ignored() -> None:
    report = COMMON.report(b"SN-1", identifier=b"   ")
    assert scans(at_once(hid_pos(COMMON.descriptor()), report)) == [(None, b"SN-1")]


@pytest.mark.parametrize("suffix", [b"", b"\r", b"\n", b"\r\n"])
def test_a_line_end_is_removed_as_the_scanners_suffix(suffix: bytes) -> None:
    report = COMMON.report(b"SN-1" + suffix)
    assert scans(at_once(hid_pos(COMMON.descriptor()), report)) == [(None, b"SN-1")]


def test_a_configured_suffix_is_removed_once() -> None:
    report = COMMON.report(b"SN-1\t\t")
    assert scans(at_once(hid_pos(COMMON.descriptor(), terminator="\t"), report)) == [(None, b"SN-1\t")]


def test_a_carriage_return_in_a_separate_report_is_no_scan() -> None:
    found = at_once(hid_pos(COMMON.descriptor()), COMMON.report(b"SN-1"), COMMON.report(b"\r"))
    assert (scans(found), reasons(found)) == ([(None, b"SN-1")], [])


def test_without_a_byte_count_only_trailing_nuls_are_removed() -> None:
    found = at_once(hid_pos(BARE.descriptor()), BARE.report(b" SN\x001 "))
    assert scans(found) == [(None, b" SN\x001 ")]


def test_a_wrong_length_is_no_scan() -> None:
    found = at_once(hid_pos(COMMON.descriptor()), COMMON.report(b"SN-1", count=57))
    assert (scans(found), reasons(found)) == (
        [],
        ["report says that it holds 57 bytes, where there is room for 56"],
    )


def test_data_with_a_length_of_zero_is_rejected() -> None:
    found = at_once(hid_pos(COMMON.descriptor()), COMMON.report(b"SN-1", count=0))
    assert (scans(found), reasons(found)) == ([], ["report says that it holds nothing, and holds something"])


def test_a_broken_part_breaks_the_whole_scan_and_not_the_next_one() -> None:
    first, second, third = COMMON.reports(LONG, b"]C0")
    broken = bytes((*second[:1], 60, *second[2:]))
    found = at_once(hid_pos(COMMON.descriptor()), first, broken, third, COMMON.report(b"SN-2"))
    assert scans(found) == [(None, b"SN-2")]
    assert reasons(found) == ["report says that it holds 60 bytes, where there is room for 56"]


def test_a_truncated_report_is_no_scan() -> None:
    found = at_once(hid_pos(COMMON.descriptor()), COMMON.report(b"SN-1")[:20])
    assert (scans(found), reasons(found)) == ([], ["report has 19 bytes, its fields 63"])


def test_a_report_that_is_longer_than_declared_is_read() -> None:
    assert scans(at_once(hid_pos(COMMON.descriptor()), COMMON.report(b"SN-1") + b"\0")) == [(None, b"SN-1")]


def test_parts_of_two_scans_are_not_joined() -> None:
    a, b = COMMON.reports(LONG, b"]C0"), COMMON.reports(LONG, b"]Q1")
    found = at_once(hid_pos(COMMON.descriptor()), a[0], b[1], b[2])
    assert scans(found) == []
    assert reasons(found) == ["its parts are of different kinds, ]C0 and ]Q1: two scans ran into one"]


def test_a_continued_scan_that_is_never_completed_is_rejected_after_the_timeout() -> None:
    first, *_ = COMMON.reports(LONG)
    decoder = hid_pos(COMMON.descriptor(), frame_timeout_ms=100)
    found = decoded(decoder, [(0.0, first), (5.0, COMMON.report(b"SN-2"))])
    assert [each.t for each in found if isinstance(each, Frame | BrokenFrame)] == [0.1, 5.0]
    assert scans(found) == [(None, b"SN-2")]
    assert reasons(found) == ["continued report never completed: its next part did not come in time"]


def test_a_late_part_after_unnoticed_silence_is_neither_joined_nor_a_scan() -> None:
    first, _, last = COMMON.reports(LONG)
    decoder = hid_pos(COMMON.descriptor())
    found = [*decoder.feed(Chunk(first, 0.0)), *decoder.feed(Chunk(last, 3.0))]
    assert reasons(found) == ["came so late that it may be the rest of another scan"]
    assert scans([*found, *decoder.feed(Chunk(COMMON.report(b"SN-2"), 3.1))]) == [(None, b"SN-2")]


def test_a_part_later_than_any_stall_is_another_scan() -> None:
    first, *_ = COMMON.reports(LONG)
    decoder = hid_pos(COMMON.descriptor())
    found = [*decoder.feed(Chunk(first, 0.0)), *decoder.feed(Chunk(COMMON.report(b"SN-2"), 5.0))]
    assert [each.t for each in found if isinstance(each, Frame | BrokenFrame)] == [0.5, 5.0]
    assert scans(found) == [(None, b"SN-2")]


def test_unplugging_during_a_scan_rejects_it_and_the_next_scan_is_complete() -> None:
    first, *_ = COMMON.reports(LONG)
    decoder = hid_pos(COMMON.descriptor())
    assert reasons(at_once(decoder, first)) == ["the connection ended in the middle of a scan"]
    assert scans(at_once(decoder, COMMON.report(b"SN-2"))) == [(None, b"SN-2")]


@pytest.mark.parametrize("identifier", [b"]X0", b"]Z6"])
def test_a_response_to_a_command_is_no_scan(identifier: bytes) -> None:
    found = at_once(hid_pos(COMMON.descriptor()), COMMON.report(b"REVINF\x06.", identifier=identifier))
    assert scans(found) == []
    assert reasons(found) == [
        f"an answer of the scanner to a command ({identifier.decode()}), or a code it has no identifier for"
    ]


def test_a_response_with_its_identifier_in_the_data_is_no_scan() -> None:
    assert scans(at_once(hid_pos(COMMON.descriptor()), COMMON.report(b"]Z6REVINF."))) == []


TRIGGER = bytes.fromhex("8503 0914 7508 9501 0900 8102")


def test_reports_without_a_scan_are_ignored() -> None:
    descriptor = COMMON.descriptor()[:-1] + TRIGGER + b"\xc0"
    found = at_once(hid_pos(descriptor), b"\x03\x01", COMMON.report(b"SN-1"), b"\x03\x00", b"")
    assert (scans(found), reasons(found)) == ([(None, b"SN-1")], [])


def test_an_undeclared_report_is_rejected() -> None:
    assert reasons(at_once(hid_pos(COMMON.descriptor()), b"\x09abc")) == ["report id 9 is not declared"]


def test_a_full_report_is_no_scan_if_the_scanner_can_not_mark_a_continuation() -> None:
    layout = Layout((("count", 8), ("data", 80)))
    found = at_once(hid_pos(layout.descriptor()), layout.report(b"0123456789"), layout.report(b"SN"))
    assert scans(found) == []
    assert reasons(found) == [
        "report is full, and the scanner doesn't say whether it goes on",
        "came right behind a report that does not fit, so it may be the rest of that scan",
    ]


def test_decoded_data_in_one_element_of_many_bits_is_read() -> None:
    descriptor = bytes.fromhex("058c 0902 a101 76c001 9501 09fe 8102 7508 09ff 8102 c0")
    assert scans(at_once(hid_pos(descriptor), b"SN-1" + bytes(52) + b"\0")) == [(None, b"SN-1")]
