"""Builds the recordings of raw USB scanners, from what documents and public programs say: none was captured.

Run from the checkout: ``python tests/recordings/build_usb.py``. What `decode` makes of them is written beside
them, to be read and judged before it is committed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from drivers.base import Chunk
from drivers.recording import Header
from tests.drivers.raw_usb.layouts import COMMON, Layout
from tests.recordings.building import build

FOLDER = Path(__file__).parent
LONG = "SN-" + "0123456789" * 12
"""Takes three reports of HID POS and two of simple COM."""
TOO_LONG_FOR_ONE = "SN-" + "0123456789" * 7
GS1 = "010400638133393121SN-1\x1d10LOT"
IBM_DESCRIPTOR = bytes.fromhex("0645ff 0a004b a101 150026ff00 7508 9540 0a014b 8102 c0")
TRIGGER_REPORT = bytes.fromhex("8503 0914 7508 9501 0900 8102")

EIGHT_BITS = Layout((("count", 8), ("identifier", 24), ("data", 448), ("continued", 8)), report_id=2)
NO_REPORT_ID = Layout((("count", 8), ("identifier", 24), ("data", 472), ("continued", 1), ("pad", 7)))
NO_COUNT = Layout((("identifier", 24), ("data", 480), ("continued", 8)))
MOVED_ABOUT = Layout(
    (("continued", 1), ("pad", 3), ("data", 320), ("pad", 4), ("identifier", 24), ("count", 16)), report_id=7
)
TWO_REPORTS = COMMON.descriptor()[:-1] + TRIGGER_REPORT + b"\xc0"


@dataclass(frozen=True)
class Recording:
    """One recording: its reports with the times they came."""

    scanner: str
    notes: str
    reports: list[tuple[float, bytes]]
    descriptor: bytes = b""
    options: dict[str, object] = field(default_factory=dict)


def _pos(notes: str, *reports: tuple[float, bytes], descriptor: bytes = b"", **options: object) -> Recording:
    known = descriptor or COMMON.descriptor()
    return Recording("HID POS scanner, from documents", notes, list(reports), known, options)


def _each(reports: list[bytes], start: float = 0.0, pause: float = 0.01) -> list[tuple[float, bytes]]:
    return [(round(start + pause * number, 3), report) for number, report in enumerate(reports)]


def _scan(text: str, identifier: str = "]C0") -> bytes:
    return COMMON.report(text.encode(), identifier=identifier.encode())


def _ibm(data: bytes, trailer: str, length: int | None = None, status: str = "000000") -> bytes:
    body = bytes.fromhex(status) + data + bytes.fromhex(trailer)
    return (bytes((len(body) + 1 if length is None else length,)) + body).ljust(64, b"\0")


def _numbers(digits: str) -> bytes:
    return bytes(int(digit) for digit in digits)


def _com(text: str, length: int | None = None) -> bytes:
    return (bytes((len(text) if length is None else length,)) + text.encode()).ljust(64, b"\0")


def _com_scan(text: str) -> list[bytes]:
    return [_com(text[start : start + 63]) for start in range(0, len(text), 63)]


_FIRST, _SECOND, _THIRD = COMMON.reports(LONG.encode(), b"]C0")

HID_POS = {
    "plain": _pos("no identifier", (0.0, COMMON.report(b"SN-1")), (0.8, COMMON.report(b"SN-2"))),
    "aim": _pos("identifiers in their own fields", (0.0, _scan("SN-1")), (0.8, _scan(GS1, "]d2"))),
    "aim-in-data": _pos(
        "identifier and CR within the counted data",
        (0.0, COMMON.report(b"]C0SN-1\r")),
        (0.8, COMMON.report(b"]d2" + GS1.encode() + b"\r")),
    ),
    "aim-twice": _pos("identifier in its fields and in the data", (0.0, _scan("]C0SN-1\r"))),
    "aim-one-byte-later": _pos(
        "the identifier stands one byte later than declared",
        (0.0, COMMON.report(b"0SN-1", identifier=b"\0]C", count=4)),
        (0.8, COMMON.report(b"0" + LONG[:55].encode(), identifier=b"\0]C", count=55, more=True)),
        (0.81, COMMON.report(b"0" + LONG[55:80].encode(), identifier=b"\0]C", count=25)),
    ),
    "continued-1-bit": _pos(
        "one scan in three reports", (0.0, _scan("SN-1")), *_each([_FIRST, _SECOND, _THIRD], 0.8)
    ),
    "continued-8-bit": _pos(
        "Data Continued is a whole byte",
        *_each(EIGHT_BITS.reports(LONG.encode(), b"]Q1")),
        descriptor=EIGHT_BITS.descriptor(),
    ),
    "continued-never-completed": _pos(
        "the last of three reports never comes",
        *((0.0, _scan("SN-1")), *_each([_FIRST, _SECOND], 0.8), (6.0, _scan("SN-2"))),
    ),
    "continued-at-the-end": _pos(
        "the scanner is unplugged in the middle of a scan", (0.0, _scan("SN-1")), (0.8, _FIRST)
    ),
    "short-time-limit": _pos(
        "the second of three reports does not come within the limit of 100 ms",
        *((0.0, _FIRST), (4.0, _scan("SN-2"))),
        frame_timeout_ms=100,
    ),
    "continued-mixed": _pos(
        "two scans run into one another",
        (0.0, _FIRST),
        (0.01, COMMON.report(b"SN-2", identifier=b"]Q1")),
        (0.8, _scan("SN-3")),
    ),
    "no-report-id": _pos(
        "reports without report ids",
        (0.0, NO_REPORT_ID.report(b"SN-1", identifier=b"]C0")),
        *_each(NO_REPORT_ID.reports(LONG.encode(), b"]C0"), 0.8),
        descriptor=NO_REPORT_ID.descriptor(),
    ),
    "no-byte-count": _pos(
        "no Byte Count: NULs at the end fill up",
        (0.0, NO_COUNT.report(b"SN-1", identifier=b"]C0")),
        *_each(NO_COUNT.reports(TOO_LONG_FOR_ONE.encode(), b"]C0"), 0.8),
        descriptor=NO_COUNT.descriptor(),
    ),
    "moved-about": _pos(
        "fields in another order, across the borders of bytes",
        (0.0, MOVED_ABOUT.report(b"SN-1", identifier=b"]C0")),
        *_each(MOVED_ABOUT.reports(TOO_LONG_FOR_ONE.encode(), b"]C0"), 0.8),
        descriptor=MOVED_ABOUT.descriptor(),
    ),
    "cr-report": _pos(
        "CR comes in a report of its own", (0.0, _scan("SN-1")), (0.01, _scan("\r")), (0.8, _scan("SN-2"))
    ),
    "bad-length": _pos(
        "a length beyond the field, a length of nothing",
        (0.0, COMMON.report(b"SN-1", count=57)),
        (0.8, COMMON.report(b"SN-2", count=0)),
        (1.6, _scan("SN-3")),
    ),
    "bad-length-in-the-middle": _pos(
        "the second of three reports has a length that does not fit",
        *_each([_FIRST, bytes((_SECOND[0], 99, *_SECOND[2:])), _THIRD]),
        (0.8, _scan("SN-2")),
    ),
    "cut-report": _pos("a report is shorter than declared", (0.0, _scan("SN-1")[:30]), (0.8, _scan("SN-2"))),
    "overlong": _pos(
        "over the limit of 64 bytes: its end is never taken for a scan",
        *_each([_FIRST, _SECOND, _THIRD]),
        (0.8, _scan("SN-2")),
        max_length=64,
    ),
    "answers": _pos(
        "answers to a command are no scans",
        (0.0, COMMON.report(b"Product Name: Scanner\r\nBoot Revision: 1", identifier=b"]X0", more=True)),
        (0.01, COMMON.report(b".2\r\n", identifier=b"]X0")),
        (0.02, COMMON.report(b"REVINF\x06.", identifier=b"]Z6")),
        (0.8, _scan("SN-1")),
    ),
    "other-reports": _pos(
        "the trigger's report and an undeclared one among the scans",
        *((0.0, b"\x03\x01"), (0.1, _scan("SN-1")), (0.2, b"\x03\x00"), (0.3, b"\x63\x01")),
        descriptor=TWO_REPORTS,
    ),
    "no-descriptor": Recording(
        "HID POS scanner, from documents",
        "a recording without the report descriptor: the common layout is assumed",
        [(0.0, _scan("SN-1")), *_each([_FIRST, _SECOND, _THIRD], 0.8)],
        options={"protocol": "hidpos"},
    ),
}

IBM = {
    "upc-a": ("trailer 0D, digits as ASCII and as numbers", ("036000291452", "0d")),
    "ean-13": ("trailer 16, digits as ASCII and as numbers", ("4006381333931", "16")),
    "ean-8": ("trailer 0C, digits as ASCII and as numbers", ("96385074", "0c")),
    "upc-e": ("trailer 0A, digits as ASCII and as numbers", ("04252614", "0a")),
}

OTHER_IBM: dict[str, tuple[str, list[tuple[float, bytes]]]] = {
    "code-128": ("trailer 00 18 0B", [(0.0, _ibm(b"SN-1", "00180b")), (0.8, _ibm(b"SN-2", "00180b"))]),
    "code-39": ("trailer 00 0A 0B", [(0.0, _ibm(b"SN-1", "000a0b"))]),
    "data-matrix": ("trailer 00 32 0B", [(0.0, _ibm(GS1.encode(), "00320b"))]),
    "gs1-128": ("trailer 00 25 0B", [(0.0, _ibm(GS1.encode(), "00250b"))]),
    "continued": (
        "trailer 10 33 0B: the next report goes on",
        [
            (0.0, _ibm(LONG[:57].encode(), "10330b")),
            (0.01, _ibm(LONG[57:114].encode(), "10330b")),
            (0.02, _ibm(LONG[114:].encode(), "00330b")),
        ],
    ),
    "continued-never-completed": (
        "the last part never comes",
        [
            (0.0, _ibm(b"SN-1", "00180b")),
            (0.8, _ibm(LONG[:57].encode(), "10330b")),
            (6.0, _ibm(b"SN-2", "00180b")),
        ],
    ),
    "status": (
        "a mere sign of life, a scan, trouble, an answer to a command",
        [
            (0.0, _ibm(b"", "", status="000300")),
            (0.8, _ibm(b"SN-1", "00180b", status="000300")),
            (1.6, _ibm(b"", "", status="200300")),
            (2.4, _ibm(bytes(11), "", status="020300")),
        ],
    ),
    "bad-length": (
        "lengths beyond the report, of nothing, and into the trailer",
        [
            (0.0, _ibm(b"SN-1", "00180b", 65)),
            (0.8, _ibm(b"SN-2", "00180b", 0)),
            (1.6, _ibm(b"SN-3", "000a0b", 10)),
            (2.4, _ibm(b"SN-4", "00180b")),
        ],
    ),
    "bad-trailer": (
        "an unknown trailer, a wrong check digit, a digit too few",
        [
            (0.0, _ibm(b"SN-1", "00180c")),
            (0.8, _ibm(b"4006381333932", "16")),
            (1.6, _ibm(b"400638133393", "16")),
            (2.4, _ibm(b"SN-2", "00180b")),
        ],
    ),
}

SYMBOL_COM: dict[str, tuple[str, list[tuple[float, bytes]]]] = {
    "short": (
        "one report a scan, without a suffix and with CR",
        [(0.0, _com("SN-1")), (0.8, _com("SN-2\r"))],
    ),
    "long": (
        "a scan over several reports, without a suffix and with CR",
        [*_each(_com_scan(LONG)), *_each(_com_scan(LONG + "\r"), 0.8)],
    ),
    "full": (
        "a full last report: CR at its end ends the scan, without it the scan may be cut",
        [(0.0, _com("A" * 62 + "\r")), (0.8, _com("B" * 63))],
    ),
    "cr-report": ("CR comes in a report of its own", [*_each(_com_scan("C" * 63 + "\r")), (0.8, _com("\r"))]),
    "bad-length": ("a length beyond the report", [(0.0, _com("SN-1", 64)), (0.8, _com("SN-2"))]),
}


def main() -> None:
    """Write them all."""
    for name, recording in HID_POS.items():
        _write(f"usb-hidpos-{name}", recording)
    for name, (notes, (digits, trailer)) in IBM.items():
        reports = [(0.0, _ibm(digits.encode(), trailer)), (0.8, _ibm(_numbers(digits), trailer))]
        _write(f"usb-ibm-{name}", _of_ibm(notes, reports))
    for name, (notes, reports) in OTHER_IBM.items():
        _write(f"usb-ibm-{name}", _of_ibm(notes, reports))
    for name, (notes, reports) in SYMBOL_COM.items():
        options: dict[str, object] = {"protocol": "symbol_com"}
        _write(f"usb-symbol-com-{name}", Recording("Symbol, from documents", notes, reports, options=options))


def _of_ibm(notes: str, reports: list[tuple[float, bytes]]) -> Recording:
    return Recording("IBM hand-held scanner, from documents", notes, reports, IBM_DESCRIPTOR)


def _write(name: str, recording: Recording) -> None:
    options = dict(recording.options)
    if recording.descriptor:
        options["report_descriptor"] = recording.descriptor.hex()
    header = Header(
        recording=1,
        driver="usb",
        scanner=recording.scanner,
        options=options,
        notes=f"{recording.notes}; built from documents, not captured",
    )
    build(FOLDER / name, header, [Chunk(report, t) for t, report in recording.reports])


if __name__ == "__main__":
    main()
