"""Data Identifiers of ANSI MH10.8.2 (ISO/IEC 15418) and Text Element Identifiers of ATA Spec 2000 chapter 9.

Only those that name a unit, its item or its issuer (`item_identifiers`) are used here; all others are
skipped. The table of MIL-STD-130N, appendix A, lists which of them together identify a unit.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from station.i18n.messages import OR, listed, msg
from station.labels import item_identifiers
from station.labels.contents import Contents, Field, LabelError, distinct

if TYPE_CHECKING:
    from collections.abc import Sequence

_IDENTIFIER: Final = re.compile(r"([0-9]{0,3}[A-Z])(.*)", re.DOTALL)
"""Up to three digits and a letter (MH10.8.2, clause 4)."""

TITLES: Final = {
    "S": "serial number",
    "15S": "serial number of the vendor",
    "18S": "CAGE code and serial number",
    "25S": "issuer and serial number",
    "42S": "length, issuer and serial number",
    "1S": "code for the unit's lifetime",
    "20S": "traceability code of the customer",
    "23S": "MAC address",
    "9N": "pharmacy product number",
    "1T": "batch or lot",
    "D": "date",
    "3V": "GS1 company prefix",
    "7L": "DoDAAC",
    "12V": "DUNS number",
    "17V": "CAGE code",
    "18V": "issuing agency and company",
    "J": "license plate",
    "1J": "license plate of a transport unit",
    "Q": "quantity",
    **item_identifiers.TITLES,
}
_SERIALS: Final = ("S", "15S")
_READ: Final = frozenset({*_SERIALS, *item_identifiers.WITH_ISSUER, "18V", *item_identifiers.READ})
"""Those used here; any other may be empty."""

TEXT_TITLES: Final = {
    "SER": "serial number",
    "UCN": "unique component number",
    "SEQ": "serial number within the part number",
    "PNO": "original part number",
    "PNR": "current part number",
    "CAG": "CAGE code",
    "MFR": "manufacturer",
    "SPL": "supplier",
    "DUN": "DUNS number",
    "EUC": "GS1 company prefix",
    "USN": "universal serial number",
    "LOT": "batch or lot",
    "BII": "batch or lot",
}
_TEXT_SERIALS: Final = ("SER", "UCN", "SEQ")
_TEXT_ITEMS: Final = ("PNO", "PNR")
_TEXT_READ: Final = frozenset({*_TEXT_SERIALS, *_TEXT_ITEMS})
_TEXT_IDENTIFIER: Final = re.compile(r"([A-Z]{3}) ?(.*)", re.DOTALL)


def field(text: str) -> Field:
    """One data element: its Data Identifier and its value.

    Raises:
        LabelError: it does not begin with a Data Identifier, or one that is used here is empty.
    """
    found = _IDENTIFIER.fullmatch(text)
    if found is None:
        raise LabelError(msg('"{text}" does not begin with a Data Identifier', text=text[:32]))
    return _whole(Field(found[1], TITLES.get(found[1], ""), found[2]), _READ)


def text_field(text: str) -> Field:
    """One data element: its Text Element Identifier and its value.

    Raises:
        LabelError: it does not begin with a Text Element Identifier, or one that is used here is empty.
    """
    found = _TEXT_IDENTIFIER.fullmatch(text)
    if found is None:
        raise LabelError(msg('"{text}" does not begin with a Text Element Identifier', text=text[:32]))
    return _whole(Field(found[1], TEXT_TITLES.get(found[1], ""), found[2]), _TEXT_READ)


def _whole(found: Field, read: frozenset[str]) -> Field:
    if found.identifier in read and not found.value:
        raise LabelError(
            msg("{identifier} ({title}) is empty", identifier=found.identifier, title=found.title)
        )
    return found


def contents(fields: Sequence[Field], form: str) -> Contents:
    """Interpret the data elements of one or several units.

    A serial number prefixed with its issuer is read without the issuer if the issuer's length is known. If
    there is also a plain serial number, the two must agree.

    Raises:
        LabelError: fields contradict each other.
    """
    serials = _first_of(fields, _SERIALS)
    item_identifiers.compare(_values(fields, ("18V",)), _values(fields, ("25S", "37S")))
    joint = [each for each in fields if each.identifier in item_identifiers.WITH_ISSUER]
    notes = []
    found = [(each, item_identifiers.serial_in(each)) for each in joint]
    _compare(found, serials or _of_first(found))
    if not serials:
        serials = distinct([serial for _, serial in found if serial])
        notes = [
            msg(
                "{identifier} {value}: it is unclear where the serial number begins",
                identifier=each.identifier,
                value=each.value,
            )
            for each, serial in found
            if serial is None
        ]
    return Contents(
        form=form,
        fields=tuple(fields),
        serials=() if notes else serials,
        gtin=item_identifiers.gtin(fields),
        items=item_identifiers.codes(fields),
        notes=tuple(notes),
    )


def text_contents(fields: Sequence[Field], form: str) -> Contents:
    """The same for Text Element Identifiers."""
    return Contents(
        form=form,
        fields=tuple(fields),
        serials=_first_of(fields, _TEXT_SERIALS),
        items=distinct(_values(fields, _TEXT_ITEMS)),
    )


def _values(fields: Sequence[Field], identifiers: tuple[str, ...]) -> list[str]:
    return [each.value for each in fields if each.identifier in identifiers]


def _first_of(fields: Sequence[Field], identifiers: tuple[str, ...]) -> tuple[str, ...]:
    """The serial numbers under the first of these identifiers on the label; others name the same unit."""
    return next((distinct(found) for each in identifiers if (found := _values(fields, (each,)))), ())


def _of_first(found: list[tuple[Field, str | None]]) -> tuple[str, ...]:
    """The serial numbers under the first identifier that has a certain one; others name the same units."""
    known = [(each.identifier, serial) for each, serial in found if serial]
    return distinct([serial for identifier, serial in known if identifier == known[0][0]])


def _compare(found: list[tuple[Field, str | None]], serials: tuple[str, ...]) -> None:
    """Check that a serial number after its issuer is one of these, or at least ends like one."""
    for each, serial in found:
        if serial is not None and serial not in serials:
            raise LabelError(
                msg(
                    "{identifier} {value} has serial number {serial}, but the label has {serials_list}",
                    identifier=each.identifier,
                    value=each.value,
                    serial=serial,
                    serials_list=listed(serials, OR),
                )
            )
        if serial is None and serials and not each.value.endswith(serials):
            raise LabelError(
                msg(
                    "{identifier} {value} does not end with the label's serial number {serials_list}",
                    identifier=each.identifier,
                    value=each.value,
                    serials_list=listed(serials, OR),
                )
            )
