from __future__ import annotations

import tracemalloc

import pytest
from hidtools.hid import ReportDescriptor as Oracle
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.raw_usb.descriptor import MAX_DESCRIPTOR_BYTES, BitSpan, ReportDescriptor, parse
from drivers.raw_usb.items import DescriptorError
from tests.drivers.raw_usb.layouts import COMMON

KEYBOARD = bytes.fromhex(
    "05010906a101050719e029e71500250175019508810295017508810195057501050819012905910295017503910195067508"
    "150025650507190029658100c0"
)
MOUSE_IN_A_PUSH = bytes.fromhex("0501 0902 a101 7508 9501 a4 7510 9502 0930 0931 8102 b4 0938 8102 c0")

PAGES = st.sampled_from([b"", b"\x05\x01", b"\x05\x8c"])
SIZES = st.sampled_from([b"", b"\x75\x01", b"\x75\x03", b"\x75\x08", b"\x95\x01", b"\x95\x07", b"\x95\x38"])
SINGLE_USAGES = st.lists(
    st.sampled_from([b"\x09\x30", b"\x09\x3b", b"\x09\xfe", b"\x0b\xfe\x00\x8c\x00"]), max_size=4
).map(b"".join)
USAGES = SINGLE_USAGES | st.just(b"\x1a\xfb\x00\x2a\xfd\x00")
"""Not both in one field: the reference parser supports only one of them there."""
FIELDS = st.tuples(PAGES, SIZES, USAGES, PAGES, SIZES, st.sampled_from([b"\x81\x02", b"\x81\x03"])).map(
    b"".join
)
ORDINARY = st.tuples(st.sampled_from([b"", b"\x85\x02"]), st.lists(FIELDS, max_size=8)).map(
    lambda parts: b"\x05\x8c\x75\x08\x95\x01\x09\x02\xa1\x01" + parts[0] + b"".join(parts[1]) + b"\xc0"
)
HOSTILE = (
    st.binary(max_size=200)
    | st.lists(st.binary(min_size=1, max_size=5), max_size=80).map(b"".join)
    | st.lists(FIELDS | st.sampled_from([b"\xa4", b"\xb4", b"\xa1\x01", b"\xc0", b"\xfe"])).map(b"".join)
)


def _usages(descriptor: ReportDescriptor, report_id: int, *usages: int) -> list[tuple[BitSpan, ...]]:
    return [descriptor.spans(report_id, usage) for usage in usages]


def test_each_field_of_a_hid_pos_report_is_located() -> None:
    descriptor = parse(COMMON.descriptor())
    found = _usages(descriptor, 2, 0x1003B, 0x8C00FB, 0x8C00FC, 0x8C00FD, 0x8C00FE, 0x8C00FF)
    assert found == [
        (BitSpan(0, 8),),
        (BitSpan(8, 8),),
        (BitSpan(16, 8),),
        (BitSpan(24, 8),),
        (BitSpan(32, 8, 56),),
        (BitSpan(496, 1),),
    ]
    assert (descriptor.is_numbered, descriptor.report_bits) == (True, {2: 504})
    assert descriptor.applications == (0x8C0002,)


def test_a_range_of_usages_names_adjacent_elements() -> None:
    descriptor = parse(bytes.fromhex("058c 0902 a101 7508 9503 19fb 29fd 8102 c0"))
    assert _usages(descriptor, 0, 0x8C00FB, 0x8C00FD, 0x8C00FE) == [(BitSpan(0, 8),), (BitSpan(16, 8),), ()]


def test_the_last_usage_applies_to_all_remaining_elements() -> None:
    descriptor = parse(bytes.fromhex("058c 7508 9505 09fb 09fe 8102"))
    assert _usages(descriptor, 0, 0x8C00FB, 0x8C00FE) == [(BitSpan(0, 8),), (BitSpan(8, 8, 4),)]


def test_usages_beyond_the_elements_are_ignored() -> None:
    descriptor = parse(bytes.fromhex("058c 7508 9501 09fb 09fe 8102"))
    assert _usages(descriptor, 0, 0x8C00FB, 0x8C00FE) == [(BitSpan(0, 8),), ()]


def test_an_extended_usage_has_its_own_page() -> None:
    descriptor = parse(bytes.fromhex("0501 7508 9502 0bfe008c00 093b 8102"))
    assert _usages(descriptor, 0, 0x8C00FE, 0x1003B) == [(BitSpan(0, 8),), (BitSpan(8, 8),)]


def test_an_extended_range_has_its_own_page() -> None:
    descriptor = parse(bytes.fromhex("0501 7508 9503 1bfb008c00 2bfd008c00 8102"))
    assert _usages(descriptor, 0, 0x8C00FC) == [(BitSpan(8, 8),)]


def test_a_usage_page_after_the_usages_applies_to_them() -> None:
    descriptor = parse(bytes.fromhex("0501 09fe 058c 7508 9501 8102"))
    assert _usages(descriptor, 0, 0x8C00FE) == [(BitSpan(0, 8),)]


def test_usages_of_two_pages_in_one_field_keep_their_pages() -> None:
    descriptor = parse(bytes.fromhex("7508 9502 058c 09fe 0501 093b 8102"))
    assert _usages(descriptor, 0, 0x8C00FE, 0x1003B) == [(BitSpan(0, 8),), (BitSpan(8, 8),)]


def test_pop_restores_the_pushed_state() -> None:
    descriptor = parse(MOUSE_IN_A_PUSH)
    assert _usages(descriptor, 0, 0x10030, 0x10031, 0x10038) == [
        (BitSpan(0, 16),),
        (BitSpan(16, 16),),
        (BitSpan(32, 8),),
    ]


def test_the_first_usage_between_delimiters_counts() -> None:
    descriptor = parse(bytes.fromhex("058c 7508 9502 a901 09fe 09fb a900 09fc 8102"))
    assert _usages(descriptor, 0, 0x8C00FE, 0x8C00FB, 0x8C00FC) == [(BitSpan(0, 8),), (), (BitSpan(8, 8),)]


def test_long_items_are_skipped() -> None:
    descriptor = parse(bytes.fromhex("fe03f0 aabbcc 058c 7508 9501 09fe 8102"))
    assert _usages(descriptor, 0, 0x8C00FE) == [(BitSpan(0, 8),)]


def test_constant_fields_are_padding() -> None:
    descriptor = parse(bytes.fromhex("058c 7508 9501 09fe 8103 09fe 8102"))
    assert _usages(descriptor, 0, 0x8C00FE) == [(BitSpan(8, 8),)]


def test_an_array_counts_only_if_it_has_a_single_usage() -> None:
    one, many = bytes.fromhex("058c 7508 9538 09fe 8100"), bytes.fromhex("058c 7508 9538 19fb 29fe 8100")
    assert parse(one).spans(0, 0x8C00FE) == (BitSpan(0, 8, 56),)
    assert parse(many).spans(0, 0x8C00FE) == ()


def test_output_and_feature_reports_do_not_shift_input_fields() -> None:
    descriptor = parse(bytes.fromhex("058c 7508 9540 09fe 9102 09fe b102 9501 09fe 8102"))
    assert (descriptor.report_bits, descriptor.spans(0, 0x8C00FE)) == ({0: 8}, (BitSpan(0, 8),))


def test_fields_of_several_report_ids_are_counted_separately() -> None:
    descriptor = parse(
        bytes.fromhex("058c 0902 a101 7508 9501 8501 09fb 8102 8502 09fe 8102 8501 09fc 8102 c0")
    )
    assert (descriptor.spans(1, 0x8C00FC), descriptor.spans(2, 0x8C00FE)) == (
        (BitSpan(8, 8),),
        (BitSpan(0, 8),),
    )


def test_the_applications_are_listed_in_order() -> None:
    descriptor = parse(KEYBOARD + bytes.fromhex("058c 0902 a101 7508 9501 09fe 8102 c0"))
    assert descriptor.applications == (0x10006, 0x8C0002)


def test_bits_are_read_in_little_endian_order_at_any_offset() -> None:
    report = (0b1_01 | ord("S") << 3).to_bytes(2, "little")
    assert (BitSpan(0, 1).value(report), BitSpan(1, 2).value(report), BitSpan(3, 8).data(report)) == (
        1,
        2,
        b"S",
    )


@pytest.mark.parametrize(
    ("descriptor", "reason"),
    [
        ("05", "ends within the item that begins at byte 0"),
        ("058c fe", "ends within the item that begins at byte 2"),
        ("fe02f0aa", "ends within the item that begins at byte 0"),
        ("c0", "ends a collection that it didn't begin"),
        ("b4", "pops what it didn't push"),
        ("8500", "has the report id 0; report ids are 1 to 255"),
        ("860001", "has the report id 256; report ids are 1 to 255"),
        ("77ffffffff 97ffffffff 8102", "has a report of 18446744065119617025 bits; the most are 131072"),
    ],
)
def test_a_bad_descriptor_is_refused_with_the_reason(descriptor: str, reason: str) -> None:
    with pytest.raises(DescriptorError, match=f"^{reason}$"):
        parse(bytes.fromhex(descriptor))


def test_nesting_and_pushing_have_limits() -> None:
    with pytest.raises(DescriptorError, match="collections more than 64 deep"):
        parse(b"\xa1\x01" * 65)
    with pytest.raises(DescriptorError, match="pushes more than 64 times"):
        parse(b"\xa4" * 65)
    with pytest.raises(DescriptorError, match="the most are 4096"):
        parse(bytes(MAX_DESCRIPTOR_BYTES + 1))


@given(HOSTILE)
@settings(deadline=None)
def test_random_descriptors_raise_nothing_else(descriptor: bytes) -> None:
    try:
        parsed = parse(descriptor)
    except DescriptorError:
        return
    for report_id in parsed.report_bits:
        parsed.spans(report_id, 0x8C00FE)


def test_the_worst_descriptor_needs_little_memory() -> None:
    worst = (b"\x75\x01\x95\x01" + b"\x1a\x00\x00\x2a\xff\xff" * 8 + b"\x81\x02") * 75
    tracemalloc.start()
    try:
        parse(worst).spans(0, 0x8C00FE)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


@given(ORDINARY)
@settings(deadline=None)
def test_it_agrees_with_the_parser_of_the_kernels_own_tests(descriptor: bytes) -> None:
    ours, theirs = parse(descriptor), Oracle.from_bytes(descriptor)
    expected = {
        (max(report_id, 0), field.start, field.size, field.usage)
        for report_id, report in theirs.input_reports.items()
        for field in report
        if not field.is_const and field.usage and field.size
    }
    head = 8 if ours.is_numbered else 0
    found = {
        (field.report_id, head + span.bit_offset + index * span.bit_size, span.bit_size, usage)
        for field in ours.fields
        for usage in {usages.first + step for usages in field.usages for step in range(3)}
        for span in field.of(usage)
        for index in range(span.count)
    }
    assert found == expected
