"""HID POS report descriptors and their reports, with the fields in any order and size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

POS: Final = b"\x05\x8c"
DESKTOP: Final = b"\x05\x01"


@dataclass(frozen=True, slots=True)
class Layout:
    """The fields of a report, in order, with their bits; ``pad`` may occur several times."""

    fields: tuple[tuple[str, int], ...]
    report_id: int = 0
    """0: none."""

    @property
    def capacity(self) -> int:
        return dict(self.fields)["data"] // 8

    @property
    def bits(self) -> int:
        return sum(bits for _, bits in self.fields)

    def has(self, name: str) -> bool:
        return name in dict(self.fields)

    def descriptor(self) -> bytes:
        head = POS + b"\x09\x02\xa1\x01"
        if self.report_id:
            head += bytes((0x85, self.report_id))
        head += b"\x09\x12\xa1\x02\x15\x00\x26\xff\x00"
        return head + b"".join(_item(name, bits) for name, bits in self.fields) + b"\xc0\xc0"

    def report(
        self,
        data: bytes,
        *,
        identifier: bytes = bytes(3),
        more: bool = False,
        count: int | None = None,
        pad: int = 0,
    ) -> bytes:
        """One report; `count` is a wrong length to declare."""
        values = {
            "count": len(data) if count is None else count,
            "identifier": int.from_bytes(identifier, "little"),
            "data": int.from_bytes(data, "little"),
            "continued": int(more),
        }
        packed = offset = 0
        for name, bits in self.fields:
            packed |= (values.get(name, pad) & ((1 << bits) - 1)) << offset
            offset += bits
        report = packed.to_bytes(-(-self.bits // 8), "little")
        return bytes((self.report_id,)) + report if self.report_id else report

    def reports(self, data: bytes, identifier: bytes = bytes(3)) -> list[bytes]:
        """As many reports as needed, all full except the last."""
        size = self.capacity
        parts = [data[start : start + size] for start in range(0, len(data), size)]
        last = len(parts) - 1
        return [
            self.report(part, identifier=identifier, more=number < last) for number, part in enumerate(parts)
        ]


def _sized(bits: int, count: int) -> bytes:
    return bytes((0x75, bits, 0x96)) + count.to_bytes(2, "little")


def _item(name: str, bits: int) -> bytes:
    if name == "count":
        return DESKTOP + _sized(bits, 1) + b"\x09\x3b\x81\x02" + POS
    if name == "identifier":
        return _sized(8, 3) + b"\x09\xfb\x09\xfc\x09\xfd\x81\x02"
    if name == "data":
        return _sized(8, bits // 8) + b"\x09\xfe\x82\x02\x01"
    return _sized(bits, 1) + (b"\x09\xff\x81\x02" if name == "continued" else b"\x81\x03")


COMMON: Final = Layout(
    (
        *(("count", 8), ("identifier", 24), ("data", 56 * 8)),
        *(("pad", 8), ("pad", 8), ("continued", 1), ("pad", 7)),
    ),
    report_id=2,
)
"""64 bytes with report id 2, as most scanners have it."""
