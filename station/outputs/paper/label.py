"""The label of one unit: its text, and the symbols that identify the unit.

A Code 128 holds the serial number as it is. If the item has a GTIN, a QR Code holds GTIN and serial number as
a GS1 Digital Link (GS1 Digital Link Standard: URI Syntax). A Digital Link is recognised by its form, unlike
the element strings of a GS1 DataMatrix, which are plain text if a scanner sends no symbology identifier.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from station.errors import PaperError
from station.i18n.messages import escape_unprintable
from station.labels.interpret import SerialRead
from station.outputs.paper.codes import code_of
from station.outputs.paper.symbols import qr_code

if TYPE_CHECKING:
    from station.events import SerialGenerated
    from station.outputs.paper.reading import Readers
    from station.outputs.paper.symbols import Symbol

_LINK: Final = "HTTPS://ID.GS1.ORG"
"""GS1's resolver. Upper case means the same and takes less room in a QR Code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedLabel:
    """The text of a unit's label."""

    serial_number: str
    item: str
    description: str = ""
    gtin: str | None = None
    """14 digits."""
    document: str | None = None
    """The document on which the number was generated; for the log, not printed."""

    @property
    def title(self) -> str:
        """Its name in a viewer or a print queue."""
        return f"Label {escape_unprintable(self.serial_number)}"


def label_of(event: SerialGenerated) -> PrintedLabel:
    """Return the label of a unit that just got its number."""
    return PrintedLabel(
        serial_number=event.serial_number,
        item=event.item,
        description=event.description,
        gtin=event.gtin,
        document=event.document,
    )


@dataclass(frozen=True, slots=True)
class LabelSymbols:
    """The symbols of a label that every scanner here reads correctly: at least one."""

    bars: Symbol | None
    """Code 128 of the serial number."""
    link: Symbol | None
    """QR Code of GTIN and serial number."""
    square: Symbol | None
    """QR Code of the serial number, used where bars don't fit."""


def symbols_of(label: PrintedLabel, readers: Readers) -> LabelSymbols:
    """Return the label's symbols.

    Raises:
        PaperError: a scanner would misread all; the message names it and what it would read.
    """
    link = _link_of(label, readers)
    try:
        code = code_of(label.serial_number, SerialRead((label.serial_number,)), readers)
    except PaperError:
        if link is None:
            raise
        return LabelSymbols(None, link, None)
    return LabelSymbols(code.bars, link, code.square)


def link_text(gtin: str, serial_number: str) -> str:
    """Return GTIN and serial number as a Digital Link."""
    return f"{_LINK}/01/{gtin}/21/{quote(serial_number, safe='')}"


def _link_of(label: PrintedLabel, readers: Readers) -> Symbol | None:
    """Return the link's symbol; None: there is no GTIN, or the number is not a valid AI 21."""
    if label.gtin is None:
        return None
    text = link_text(label.gtin, label.serial_number)
    symbol = qr_code(text)
    meant = SerialRead((label.serial_number,), label.gtin)
    return None if symbol is None or readers.misread(symbol, text, meant) else symbol
