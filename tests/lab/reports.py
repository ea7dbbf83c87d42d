"""What the emulated scanners send for a scan, report by report."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_LEFT_CTRL, _SHIFT = 0x01, 0x02
_RELEASED = bytes(8)
_PLAIN = {
    **{chr(ord("a") + n): 0x04 + n for n in range(26)},
    **{str(n): 0x1D + n for n in range(1, 10)},
    "0": 0x27,
    "\n": 0x28,
    "\t": 0x2B,
    " ": 0x2C,
    "-": 0x2D,
    ".": 0x37,
    "/": 0x38,
    ";": 0x33,
    "'": 0x34,
    "\\": 0x31,
    "]": 0x30,
}
"""Key usages of HID Usage Tables 1.12, page 0x07, as a US keyboard is printed."""
_SHIFTED = {"$": "4", "_": "-", "!": "1", "*": "8", ":": ";", '"': "'", "@": "2", "#": "3", "|": "\\"}
_CONTROL = {"\x1d": "]"}
"""Control characters by the key that Ctrl makes one of."""
_POS_DATA_BYTES = 56
_IBM_TRAILERS = {
    "]E0": b"\x16",
    "]E4": b"\x0c",
    "]C0": b"\x00\x18\x0b",
    "]A0": b"\x00\x0a\x0b",
    "]d1": b"\x00\x32\x0b",
}


def keys(text: str) -> Iterator[bytes]:
    """Boot keyboard reports, press and release of each key, as a scanner set to US types them."""
    for character in text:
        if character in _CONTROL:
            modifiers, plain = _LEFT_CTRL, _CONTROL[character]
        else:
            plain = _SHIFTED.get(character, character.lower())
            modifiers = 0 if character == plain else _SHIFT
        yield bytes([modifiers, 0, _PLAIN[plain], 0, 0, 0, 0, 0])
        yield _RELEASED


def pos_reports(data: bytes, symbology_identifier: str = "]C0") -> Iterator[bytes]:
    """HID POS reports of `descriptors.HID_POS`; the last one isn't continued."""
    parts = [data[at : at + _POS_DATA_BYTES] for at in range(0, len(data), _POS_DATA_BYTES)]
    for number, part in enumerate(parts, start=1):
        head = bytes([0x02, len(part)]) + symbology_identifier.encode()
        yield head + part.ljust(_POS_DATA_BYTES, b"\0") + bytes([0, 0, number < len(parts)])


def ibm_report(data: bytes, symbology_identifier: str = "]C0") -> bytes:
    """One IBM hand-held report: its length, three bytes of status, data, what kind of label it was."""
    body = bytes(3) + data + _IBM_TRAILERS[symbology_identifier]
    return (bytes([len(body) + 1]) + body).ljust(64, b"\0")


def com_reports(data: bytes) -> Iterator[bytes]:
    """Simple COM emulation: a length byte, up to 63 bytes of the stream."""
    for at in range(0, len(data), 63):
        part = data[at : at + 63]
        yield (bytes([len(part)]) + part).ljust(64, b"\0")
