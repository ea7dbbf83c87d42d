from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers import decoder_for
from drivers.base import BrokenFrame, Chunk, Frame, Reply
from drivers.serial_line.ssi_packets import (
    ACK,
    CONTINUED,
    DECODE_DATA,
    NAK,
    SEGMENT,
    SENT_AGAIN,
    pack,
)

if TYPE_CHECKING:
    from drivers.base import Decoder, Found

CODE_128, GS1_128, DATA_MATRIX = 0x03, 0x0F, 0x1B
ACKNOWLEDGED = Reply(bytes.fromhex("04D00400FF28"))
ASKED_AGAIN = Reply(bytes.fromhex("05D1040001FF25"))


def _decoder(**options: object) -> Decoder:
    return decoder_for("serial", {"protocol": "ssi", **options})


def _scan(data: bytes, kind: int = CODE_128, status: int = 0) -> bytes:
    return pack(DECODE_DATA, bytes((kind,)) + data, source=0, status=status)


def _found(decoder: Decoder, *chunks: tuple[float, bytes]) -> list[Found]:
    found: list[Found] = []
    for t, data in chunks:
        found += decoder.feed(Chunk(data, t))
    return [*found, *decoder.reset(100.0)]


def _texts(found: list[Found]) -> list[bytes | str]:
    """Data of each frame, reason of each broken one."""
    return [
        each.data if isinstance(each, Frame) else each.reason for each in found if not isinstance(each, Reply)
    ]


def test_an_acknowledgement_equals_that_in_the_guide() -> None:
    assert pack(ACK) == bytes.fromhex("04D00400FF28")


def test_a_packet_is_a_scan_and_is_acknowledged() -> None:
    found = _found(_decoder(), (0.0, _scan(b"SN-1")))
    assert found == [Frame(b"SN-1", 0.0, "]C0"), ACKNOWLEDGED]


def test_a_suffix_inside_the_packet_is_removed_once() -> None:
    assert _texts(_found(_decoder(), (0.0, _scan(b"SN-1\r")))) == [b"SN-1"]
    assert _texts(_found(_decoder(terminator=""), (0.0, _scan(b"SN-1\r")))) == [b"SN-1\r"]


def test_only_an_unambiguous_bar_code_type_has_an_identifier() -> None:
    found = _found(
        _decoder(), (0.0, _scan(b"21SN", GS1_128)), (0.1, _scan(b"SN", DATA_MATRIX)), (0.2, _scan(b"]C1X"))
    )
    assert [each.symbology_identifier for each in found if isinstance(each, Frame)] == ["]C1", None, None]


def test_continued_packets_are_one_scan() -> None:
    found = _found(
        _decoder(),
        (0.0, _scan(b"SN-", status=CONTINUED)),
        (0.1, _scan(b"12", status=CONTINUED) + _scan(b"3")),
    )
    assert _texts(found) == [b"SN-123"]
    assert found.count(ACKNOWLEDGED) == 3


def test_segments_are_one_scan_when_all_announced_data_has_arrived() -> None:
    data = bytes(range(32, 127)) * 6
    first = b"\0" + bytes((DECODE_DATA, 0, 0, 0, 0, CODE_128, 0)) + len(data).to_bytes(2, "big") + data[:240]
    segments = [first, b"\1" + data[240:480], b"\2" + data[480:]]
    chunks = [(t / 10, pack(SEGMENT, each, source=0)) for t, each in enumerate(segments)]
    assert _texts(_found(_decoder(), *chunks)) == [data]
    assert _texts(_found(_decoder(), *chunks[:2])) == ["a continued scan never completed"]
    assert "a segment is missing" in _texts(_found(_decoder(), chunks[0], chunks[2]))
    too_much = (0.1, pack(SEGMENT, b"\1" + b"x" * 250, source=0))
    assert _texts(
        _found(_decoder(), chunks[0], too_much, (0.2, pack(SEGMENT, b"\2" + b"x" * 250, source=0)))
    )[0] == ("segments hold more than they announced")


def test_a_packet_that_is_resent_after_a_lost_response_is_one_scan() -> None:
    found = _found(_decoder(), (0.0, _scan(b"SN-1")), (2.0, _scan(b"SN-1", status=SENT_AGAIN)))
    assert _texts(found) == [b"SN-1"]
    assert found.count(ACKNOWLEDGED) == 2


def test_a_label_scanned_again_much_later_is_a_scan_though_its_first_packet_was_lost() -> None:
    found = _found(_decoder(), (0.0, _scan(b"$$UNDO")), (60.0, _scan(b"$$UNDO", status=SENT_AGAIN)))
    assert _texts(found) == [b"$$UNDO", b"$$UNDO"]


def test_the_same_label_scanned_twice_is_two_scans() -> None:
    assert _texts(_found(_decoder(), (0.0, _scan(b"SN-1")), (1.0, _scan(b"SN-1")))) == [b"SN-1", b"SN-1"]


def test_a_garbled_packet_is_requested_again_and_nothing_is_lost() -> None:
    garbled = _scan(b"SN-1").replace(b"N", b"M")
    found = _found(_decoder(), (0.0, garbled), (0.3, _scan(b"SN-1", status=SENT_AGAIN)))
    assert found == [ASKED_AGAIN, Frame(b"SN-1", 0.3, "]C0"), ACKNOWLEDGED]


def test_a_garbled_repeat_of_a_label_is_not_taken_for_a_lost_response() -> None:
    garbled = _scan(b"SN-1").replace(b"N", b"M")
    found = _found(
        _decoder(), (0.0, _scan(b"SN-1")), (1.0, garbled), (1.3, _scan(b"SN-1", status=SENT_AGAIN))
    )
    assert _texts(found) == [b"SN-1", b"SN-1"]


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [
        ([(0.0, b"\x09\xf3\x00\x00\x03SN-1\x00\x00")], ["the checksum is wrong, and it was not sent again"]),
        (
            [(0.0, b"\x09\xf3\x00\x00\x03SN-1\x00\x00"), (5.0, _scan(b"SN-2"))],
            ["the checksum is wrong, and it was not sent again", b"SN-2"],
        ),
        (
            [(0.0, b"\x09\xf3\x00\x02\x03SN-1\x00\x00"), (0.5, _scan(b"23")), (0.6, _scan(b"SN-3"))],
            [
                "the checksum is wrong, and it was not sent again",
                "the beginning of the scan is lost",
                b"SN-3",
            ],
        ),
        ([(0.0, b"SN-1\r")], ["what came is no SSI packet, and it was not sent again"]),
        ([(0.0, _scan(b"SN-1")[:-3])], ["a packet stopped half-way, and it was not sent again"]),
        ([(0.0, _scan(b"SN-", status=CONTINUED))], ["a continued scan never completed"]),
        (
            [(0.0, _scan(b"A", status=CONTINUED)), (0.1, _scan(b"B", DATA_MATRIX))],
            ["packets of two scans are mixed"],
        ),
        ([(0.0, pack(DECODE_DATA, source=0))], ["a packet of decode data is empty"]),
        ([(0.0, pack(SEGMENT, b"\0\xf3", source=0))], ["a first segment holds no decode data"]),
        ([(0.0, pack(SEGMENT, source=0))], ["a segment is missing"]),
    ],
)
def test_an_incomplete_scan_is_rejected(
    chunks: list[tuple[float, bytes]], expected: list[bytes | str]
) -> None:
    assert _texts(_found(_decoder(), *chunks)) == expected


def test_a_scan_over_the_limit_is_rejected_and_the_next_one_works() -> None:
    long = [_scan(b"x" * 250, status=CONTINUED)] * 4 + [_scan(b"its end")]
    found = _found(_decoder(max_length=600), (0.0, b"".join(long)), (0.1, _scan(b"SN-1")))
    assert _texts(found) == ["longer than 600 bytes", "the beginning of the scan is lost", b"SN-1"]


def test_the_scanners_responses_and_events_are_no_scans() -> None:
    assert _found(_decoder(), (0.0, pack(ACK, source=0) + pack(NAK, b"\2", source=0))) == []
    assert _found(_decoder(), (0.0, pack(0xF6, b"\1", source=0))) == [ACKNOWLEDGED]


def test_a_connection_that_ends_within_a_packet_is_reported() -> None:
    decoder = _decoder()
    decoder.feed(Chunk(_scan(b"SN-1")[:5], 0.0))
    assert list(decoder.reset(0.1)) == [
        BrokenFrame("the connection ended in the middle of a scan", 0.1, _scan(b"SN-1")[:5])
    ]


labels = st.binary(min_size=1, max_size=240).filter(lambda data: not data.endswith(b"\r"))


@given(st.lists(labels, max_size=4), st.data())
def test_the_result_does_not_depend_on_how_the_stream_is_cut(scans: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(map(_scan, scans))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    found = _found(_decoder(), *((0.001 * n, piece) for n, piece in enumerate(pieces)))
    assert _texts(found) == scans


@given(st.lists(st.tuples(st.floats(0, 3), st.binary(max_size=300)), max_size=6))
def test_random_bytes_never_raise_and_never_give_a_scan(steps: list[tuple[float, bytes]]) -> None:
    decoder, t = _decoder(), 0.0
    for pause_s, data in steps:
        t += pause_s
        assert not [each for each in decoder.feed(Chunk(data, t)) if isinstance(each, Frame)]
        assert len(decoder._buffer) <= 300  # type: ignore[attr-defined]


@given(labels, st.integers(0, 245), st.integers(1, 255))
def test_a_changed_byte_never_gives_another_scan(label: bytes, where: int, change: int) -> None:
    packet = bytearray(_scan(label))
    index = where % len(packet)
    packet[index] ^= change
    frames = [each for each in _found(_decoder(), (0.0, bytes(packet))) if isinstance(each, Frame)]
    # Only the bits of the status that don't matter may change without notice.
    assert all(each.data == label for each in frames)
