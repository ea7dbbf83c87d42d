"""The items of a HID report descriptor: a type, a tag and up to four bytes of data.

USB HID 1.11, section 6.2.2.2 (short items) and 6.2.2.3 (long items, none of which is defined).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONG_ITEM: Final = 0xFE
_SIZES: Final = (0, 1, 2, 4)
_FULL_SIZE: Final = 4


class DescriptorError(Exception):
    """A report descriptor can't be used; the text says why."""


class Type(IntEnum):
    """Bits 2 and 3 of an item's first byte; 3 is reserved."""

    MAIN = 0
    GLOBAL = 1
    LOCAL = 2


class Main(IntEnum):
    """Tags of main items."""

    INPUT = 0x8
    COLLECTION = 0xA
    END_COLLECTION = 0xC


class Global(IntEnum):
    """Tags of global items, except those about the meaning of values (logical, physical, unit)."""

    USAGE_PAGE = 0x0
    REPORT_SIZE = 0x7
    REPORT_ID = 0x8
    REPORT_COUNT = 0x9
    PUSH = 0xA
    POP = 0xB


class Local(IntEnum):
    """Tags of local items."""

    USAGE = 0x0
    USAGE_MINIMUM = 0x1
    USAGE_MAXIMUM = 0x2
    DELIMITER = 0xA


@dataclass(frozen=True, slots=True)
class DescriptorItem:
    """One short item."""

    type: int
    tag: int
    value: int
    """The data, unsigned."""
    is_extended: bool = False
    """It has four bytes of data: a usage then includes its usage page."""


def items(descriptor: bytes) -> Iterator[DescriptorItem]:
    """The short items of a descriptor; long ones are skipped.

    Raises:
        DescriptorError: the descriptor ends within an item.
    """
    index = 0
    while index < len(descriptor):
        prefix = descriptor[index]
        if prefix == _LONG_ITEM:
            index = _end_of_long_item(descriptor, index + 3, descriptor[index + 1 : index + 2])
            continue
        size = _SIZES[prefix & 0x3]
        data = descriptor[index + 1 : index + 1 + size]
        if len(data) < size:
            raise _cut(index)
        yield DescriptorItem(
            (prefix >> 2) & 0x3, prefix >> 4, int.from_bytes(data, "little"), size == _FULL_SIZE
        )
        index += 1 + size


def _end_of_long_item(descriptor: bytes, data: int, size: bytes) -> int:
    """The index after a long item whose data begins at `data`."""
    end = data + (size[0] if size else 0)
    if not size or end > len(descriptor):
        raise _cut(data - 3)
    return end


def _cut(index: int) -> DescriptorError:
    return DescriptorError(f"ends within the item that begins at byte {index}")
