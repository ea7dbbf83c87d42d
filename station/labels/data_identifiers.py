"""Data Identifiers of ANSI MH10.8.2 (ISO/IEC 15418) and Text Element Identifiers of ATA Spec 2000 chapter 9.

Only those that name a unit, its item (`item_identifiers`) or its issuer (`issuers`) have a meaning here, all
others are passed over. Which of them identify a unit together is the table of MIL-STD-130N, appendix A.
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
"""Those that mean something here; any other may be empty."""

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
        LabelError: it begins with no Data Identifier, or one that has a meaning here is empty.
    """
    found = _IDENTIFIER.fullmatch(text)
    if found is None:
        raise LabelError(msg('"{text}" begins with no Data Identifier', text=text[:32]))
    return _whole(Field(found[1], TITLES.get(found[1], ""), found[2]), _READ)


def text_field(text: str) -> Field:
    """One data element: its Text Element Identifier and its value.

    Raises:
        LabelError: it begins with no Text Element Identifier, or one that has a meaning here is empty.
    """
    found = _TEXT_IDENTIFIER.fullmatch(text)
    if found is None:
        raise LabelError(msg('"{text}" begins with no Text Element Identifier', text=text[:32]))
    return _whole(Field(found[1], TEXT_TITLES.get(found[1], ""), found[2]), _TEXT_READ)


def _whole(found: Field, read: frozenset[str]) -> Field:
    if found.identifier in read and not found.value:
        raise LabelError(
            msg("{identifier} ({title}) is empty", identifier=found.identifier, title=found.title)
        )
    return found


def contents(fields: Sequence[Field], form: str) -> Contents:
    """What data elements say about a unit or several.

    A serial number with its issuer in front is read without it where the issuer's length is known; where a
    plain serial number stands beside it, the two must agree.

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
                "{identifier} {value}: where its serial number begins can't be told",
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
    """The serial numbers under the first of these identifiers that is there; others name the same unit."""
    return next((distinct(found) for each in identifiers if (found := _values(fields, (each,)))), ())


def _of_first(found: list[tuple[Field, str | None]]) -> tuple[str, ...]:
    """What the first identifier names whose serial number can be told; others name the same units."""
    known = [(each.identifier, serial) for each, serial in found if serial]
    return distinct([serial for identifier, serial in known if identifier == known[0][0]])


def _compare(found: list[tuple[Field, str | None]], serials: tuple[str, ...]) -> None:
    """A serial number behind its issuer is one of these; where it begins can't be told, it ends like one."""
    for each, serial in found:
        if serial is not None and serial not in serials:
            raise LabelError(
                msg(
                    "{identifier} {value} is of serial number {serial}, the label says {serials_list}",
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
