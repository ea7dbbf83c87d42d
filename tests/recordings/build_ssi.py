"""Builds the recordings of scanners that speak SSI, from what Zebra's guide says: none was captured.

Run from the checkout: ``python tests/recordings/build_ssi.py``. What `decode` makes of them is written beside
them, to be read and judged before it is committed.
"""

from __future__ import annotations

from pathlib import Path

from drivers.base import Chunk
from drivers.recording import Header
from drivers.serial_line.ssi_packets import ACK, CONTINUED, DECODE_DATA, SEGMENT, SENT_AGAIN, pack
from tests.recordings.building import build

CODE_128, GS1_128, DATA_MATRIX = 0x03, 0x0F, 0x1B
FOLDER = Path(__file__).parent


def _scan(text: str, kind: int = CODE_128, status: int = 0) -> bytes:
    return pack(DECODE_DATA, bytes((kind,)) + text.encode(), source=0, status=status)


def _segments(text: str, size: int) -> list[bytes]:
    data = text.encode()
    head = bytes((DECODE_DATA, 0, 0, 0, 0, DATA_MATRIX, 0)) + len(data).to_bytes(2, "big")
    parts = [head + data[:size], *(data[at : at + size] for at in range(size, len(data), size))]
    return [pack(SEGMENT, bytes((number,)) + part, source=0) for number, part in enumerate(parts)]


_GARBLED = _scan("SN-1").replace(b"N", b"M")
_LONG = "SN-" + "0123456789" * 40

RECORDINGS: dict[str, tuple[str, list[tuple[float, bytes]]]] = {
    "one-scan": ("one packet", [(0.0, _scan("SN-1"))]),
    "suffix": ("the scanner adds CR inside its packet", [(0.0, _scan("SN-1\r"))]),
    "gs1-128": ("the bar code type says GS1-128", [(0.0, _scan("010400000000000621SN-1", GS1_128))]),
    "aim": ("the scanner adds the AIM identifier inside its packet", [(0.0, _scan("]d1SN-1", DATA_MATRIX))]),
    "many-reads": (
        "a packet over three reads",
        [(0.0, _scan("SN-1")[:2]), (0.01, _scan("SN-1")[2:9]), (0.02, _scan("SN-1")[9:])],
    ),
    "two-scans-one-read": ("two packets in one read", [(0.0, _scan("SN-1") + _scan("SN-2"))]),
    "continued": (
        "one scan in three packets",
        [(0.0, _scan("SN-", status=CONTINUED)), (0.1, _scan("12", status=CONTINUED)), (0.2, _scan("3"))],
    ),
    "continued-never-completed": (
        "the last packet never comes",
        [(0.0, _scan("SN-", status=CONTINUED)), (5.0, _scan("SN-2"))],
    ),
    "segments": (
        "a long scan in three segments",
        [(0.1 * n, part) for n, part in enumerate(_segments(_LONG, 180))],
    ),
    "segment-missing": (
        "the second of three segments is missing",
        [(0.1 * n, part) for n, part in enumerate(_segments(_LONG, 180)) if n != 1],
    ),
    "sent-again": (
        "the scanner missed our answer",
        [(0.0, _scan("SN-1")), (2.0, _scan("SN-1", status=SENT_AGAIN))],
    ),
    "garbled-then-sent-again": (
        "a wrong checksum, then the packet again",
        [(0.0, _GARBLED), (0.3, _scan("SN-1", status=SENT_AGAIN))],
    ),
    "garbled": ("a wrong checksum, and nothing more", [(0.0, _GARBLED), (5.0, _scan("SN-2"))]),
    "plain-scanner": ("a scanner that does not speak SSI", [(0.0, b"SN-1\r"), (5.0, b"SN-2\r")]),
    "answers": ("the scanner's own answers are no scans", [(0.0, pack(ACK, source=0)), (0.5, _scan("SN-1"))]),
}


def main() -> None:
    """Write them all."""
    for name, (notes, reads) in RECORDINGS.items():
        header = Header(
            recording=1,
            driver="serial",
            scanner="Zebra, SSI",
            options={"protocol": "ssi"},
            notes=f"{notes}; built from documents, not captured",
        )
        build(FOLDER / f"serial-ssi-{name}", header, [Chunk(data, t) for t, data in reads])


if __name__ == "__main__":
    main()
