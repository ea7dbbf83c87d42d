"""Parses HID report descriptors: which bits of a report have which usage.

USB HID 1.11, section 6.2.2: items, collections, usages and their ranges, extended usages, push and pop,
delimiters, constant, variable and array fields. Only input reports are kept. A device's descriptor is
untrusted: the kernel's limits bound time and memory.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from drivers.raw_usb.items import DescriptorError, DescriptorItem, Global, Local, Main, Type, items

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_DESCRIPTOR_BYTES: Final = 4096
MAX_REPORT_BYTES: Final = 16_384
_MAX_DEPTH: Final = 64
_MAX_REPORT_ID: Final = 0xFF
_APPLICATION: Final = 1
_CONSTANT: Final = 0x1
_VARIABLE: Final = 0x2


@dataclass(frozen=True, slots=True)
class BitSpan:
    """Adjacent elements of a report with the same usage."""

    bit_offset: int
    """From the beginning of the report, after its report id."""
    bit_size: int
    """The size of one element."""
    count: int = 1

    @property
    def bits(self) -> int:
        """The size of all elements."""
        return self.bit_size * self.count

    @property
    def end(self) -> int:
        """The first bit after it."""
        return self.bit_offset + self.bits

    def value(self, report: bytes) -> int:
        """All its bits as one unsigned little-endian number."""
        return (int.from_bytes(report, "little") >> self.bit_offset) & ((1 << self.bits) - 1)

    def data(self, report: bytes) -> bytes:
        """Its whole bytes."""
        return self.value(report).to_bytes(-(-self.bits // 8), "little")


@dataclass(frozen=True, slots=True)
class Usages:
    """A range of usages, each its usage page times 0x10000 plus its id; usually just one."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class ReportField:
    """The declaration of one Input item."""

    report_id: int
    """0: the device's reports have no id."""
    span: BitSpan
    usages: tuple[Usages, ...]
    is_variable: bool = True
    """Each element has its own usage; otherwise each contains the number of a usage."""

    def of(self, usage: int) -> Iterator[BitSpan]:
        """The elements with a usage.

        If there are fewer usages than elements, the last one applies to all the rest (section 6.2.2.8).
        An array's elements have all its usages, so they count only if it has a single usage.
        """
        if not self.is_variable:
            if self.usages == (Usages(usage, usage),):
                yield self.span
            return
        index = 0
        for position, usages in enumerate(self.usages):
            element = index + usage - usages.first
            if usages.first <= usage <= usages.last and element < self.span.count:
                is_last = position == len(self.usages) - 1 and usage == usages.last
                yield self._elements(element, self.span.count - element if is_last else 1)
            index += usages.last - usages.first + 1

    def _elements(self, index: int, count: int) -> BitSpan:
        size = self.span.bit_size
        return BitSpan(self.span.bit_offset + index * size, size, count)


@dataclass(frozen=True, slots=True)
class ReportDescriptor:
    """A device's input reports."""

    fields: tuple[ReportField, ...]
    """Without constant fields, which are padding."""
    report_bits: dict[int, int]
    """The length of each report by report id, without the id."""
    is_numbered: bool
    """Each report begins with its report id."""
    applications: tuple[int, ...]
    """Usages of the application collections, in order."""

    def spans(self, report_id: int, usage: int) -> tuple[BitSpan, ...]:
        """Where a usage is in a report."""
        fields = (field for field in self.fields if field.report_id == report_id)
        return tuple(span for field in fields for span in field.of(usage))


def parse(descriptor: bytes) -> ReportDescriptor:
    """Read a report descriptor.

    Raises:
        DescriptorError: it is truncated, contradicts itself, or exceeds the kernel's limits.
    """
    if len(descriptor) > MAX_DESCRIPTOR_BYTES:
        raise DescriptorError(f"has {len(descriptor)} bytes; the most are {MAX_DESCRIPTOR_BYTES}")
    parser = _Parser()
    for item in items(descriptor):
        parser.take(item)
    return ReportDescriptor(
        tuple(parser.fields), parser.report_bits, parser.is_numbered, tuple(parser.applications)
    )


@dataclass(frozen=True, slots=True)
class _Globals:
    usage_page: int = 0
    report_size: int = 0
    report_count: int = 0
    report_id: int = 0


@dataclass(slots=True)
class _LocalUsages:
    """Usages as declared: their page may still change."""

    page: int
    first: int
    last: int
    is_extended: bool

    def resolved(self) -> Usages:
        return Usages(self.page << 16 | self.first, self.page << 16 | self.last)


class _Locals:
    """The state that applies up to the next main item."""

    def __init__(self) -> None:
        self._usages: list[_LocalUsages] = []
        self._minimum: DescriptorItem | None = None
        self._in_delimiter = False
        self._is_alternative = False
        """The first usage of this delimited set was taken: the device prefers it."""

    def take(self, item: DescriptorItem, page: int) -> None:
        if item.tag == Local.DELIMITER:
            self._in_delimiter = item.value == 1
            self._is_alternative = False
        elif item.tag == Local.USAGE:
            self._add(item, item, page)
        elif item.tag == Local.USAGE_MINIMUM:
            self._minimum = item
        elif item.tag == Local.USAGE_MAXIMUM and self._minimum is not None:
            self._add(self._minimum, item, page)
            self._minimum = None

    def _add(self, first: DescriptorItem, last: DescriptorItem, page: int) -> None:
        if self._is_alternative or first.value & 0xFFFF > last.value & 0xFFFF:
            return
        self._is_alternative = self._in_delimiter
        own_page = first.value >> 16 if first.is_extended else page
        usages = _LocalUsages(own_page, first.value & 0xFFFF, last.value & 0xFFFF, first.is_extended)
        self._usages.append(usages)

    def usages(self, page: int) -> tuple[Usages, ...]:
        """The usages of a main item in a usage page.

        A usage page may follow its usages: they then belong to that page.
        """
        for usages in reversed(self._usages):
            if not usages.is_extended:
                if usages.page == page:
                    break
                usages.page = page
        return tuple(usages.resolved() for usages in self._usages)


class _Parser:
    def __init__(self) -> None:
        self.fields: list[ReportField] = []
        self.report_bits: dict[int, int] = {}
        self.applications: list[int] = []
        self.is_numbered = False
        self._globals = _Globals()
        self._pushed: list[_Globals] = []
        self._locals = _Locals()
        self._depth = 0

    def take(self, item: DescriptorItem) -> None:
        if item.type == Type.MAIN:
            self._main(item)
            self._locals = _Locals()
        elif item.type == Type.GLOBAL:
            self._global(item)
        elif item.type == Type.LOCAL:
            self._locals.take(item, self._globals.usage_page)

    def _main(self, item: DescriptorItem) -> None:
        if item.tag == Main.INPUT:
            self._input(item.value)
        elif item.tag == Main.COLLECTION:
            self._collection(item.value)
        elif item.tag == Main.END_COLLECTION:
            if not self._depth:
                raise DescriptorError("ends a collection that it didn't begin")
            self._depth -= 1

    def _collection(self, kind: int) -> None:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise DescriptorError(f"has collections more than {_MAX_DEPTH} deep")
        usages = self._locals.usages(self._globals.usage_page)
        if self._depth == 1 and kind == _APPLICATION and usages:
            self.applications.append(usages[0].first)

    def _input(self, flags: int) -> None:
        state = self._globals
        offset = self.report_bits.get(state.report_id, 0)
        span = BitSpan(offset, state.report_size, state.report_count)
        if span.end > MAX_REPORT_BYTES * 8:
            raise DescriptorError(f"has a report of {span.end} bits; the most are {MAX_REPORT_BYTES * 8}")
        self.report_bits[state.report_id] = span.end
        if span.bits and not flags & _CONSTANT:
            usages = self._locals.usages(state.usage_page)
            is_variable = bool(flags & _VARIABLE)
            self.fields.append(ReportField(state.report_id, span, usages, is_variable))

    def _global(self, item: DescriptorItem) -> None:
        state, value = self._globals, item.value
        if item.tag == Global.USAGE_PAGE:
            self._globals = replace(state, usage_page=value & 0xFFFF)
        elif item.tag == Global.REPORT_SIZE:
            self._globals = replace(state, report_size=value)
        elif item.tag == Global.REPORT_COUNT:
            self._globals = replace(state, report_count=value)
        elif item.tag == Global.REPORT_ID:
            if not 0 < value <= _MAX_REPORT_ID:
                raise DescriptorError(f"has the report id {value}; report ids are 1 to {_MAX_REPORT_ID}")
            self.is_numbered = True
            self._globals = replace(state, report_id=value)
        elif item.tag == Global.PUSH:
            if len(self._pushed) == _MAX_DEPTH:
                raise DescriptorError(f"pushes more than {_MAX_DEPTH} times")
            self._pushed.append(state)
        elif item.tag == Global.POP:
            if not self._pushed:
                raise DescriptorError("pops what it didn't push")
            self._globals = self._pushed.pop()
