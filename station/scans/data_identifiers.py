"""Data Identifiers of ANSI MH10.8.2 (ISO/IEC 15418) and Text Element Identifiers of ATA Spec 2000 chapter 9.

Only those that name a unit, its item or its issuer have a meaning here; all others are passed over. Which of
them make up a unique identification is the table of MIL-STD-130N, appendix A.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from station.scans import gs1
from station.scans.contents import Contents, Field, LabelError, distinct, only

if TYPE_CHECKING:
    from collections.abc import Sequence

_IDENTIFIER: Final = re.compile(r"([0-9]{0,3}[A-Z])(.*)", re.DOTALL)
"""Up to three digits and a letter (MH10.8.2, clause 4)."""

TITLES: Final = {
    "S": "serial number",
    "15S": "serial number of the vendor",
    "18S": "CAGE code and serial number",
    "25S": "issuer and serial number",
    "37S": "issuer, part number and serial number",
    "42S": "length, issuer and serial number",
    "1S": "code for the unit's lifetime",
    "20S": "traceability code of the customer",
    "23S": "MAC address",
    "P": "customer's item code",
    "1P": "supplier's item code",
    "8P": "GTIN",
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
}
_SERIALS: Final = ("S", "15S")
_ITEMS: Final = ("P", "1P")
_WITH_ISSUER: Final = ("18S", "25S", "37S", "42S")

_CAGE: Final = re.compile(r"[0-9A-Z]{5}", re.ASCII)
_ISSUER: Final = re.compile(r"UN[0-9]{9}|LD[0-9A-Z]{6}|D[0-9A-Z]{5}", re.ASCII)
"""Issuing agency code (ISO/IEC 15459-2) with a company's number, where all numbers of the agency have one
form: DUNS, DoDAAC, CAGE. Elsewhere the serial number's beginning can't be told."""
_LEAST_ISSUER: Final = 2 + 1 + 1
"""Of 42S: the length, an agency of one character, a company of one."""

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
_TEXT_IDENTIFIER: Final = re.compile(r"([A-Z]{3}) ?(.*)", re.DOTALL)


def field(text: str) -> Field:
    """One data element: its Data Identifier and its value.

    Raises:
        LabelError: it begins with no Data Identifier.
    """
    found = _IDENTIFIER.fullmatch(text)
    if found is None:
        raise LabelError(f'"{text[:32]}" begins with no Data Identifier')
    return _whole(Field(found[1], TITLES.get(found[1], ""), found[2]))


def text_field(text: str) -> Field:
    """One data element: its Text Element Identifier and its value.

    Raises:
        LabelError: it begins with no Text Element Identifier.
    """
    found = _TEXT_IDENTIFIER.fullmatch(text)
    if found is None:
        raise LabelError(f'"{text[:32]}" begins with no Text Element Identifier')
    return _whole(Field(found[1], TEXT_TITLES.get(found[1], ""), found[2]))


def _whole(found: Field) -> Field:
    if found.title and not found.value:
        raise LabelError(f"{found.identifier} ({found.title}) is empty")
    return found


def contents(fields: Sequence[Field], form: str) -> Contents:
    """What data elements say about a unit or several.

    A serial number with its issuer in front is read without it where the issuer's length is known; where a
    plain serial number stands beside it, the two must agree.

    Raises:
        LabelError: fields contradict each other.
    """
    serials = _first_of(fields, _SERIALS)
    _compare_issuers(fields)
    joint = [each for each in fields if each.identifier in _WITH_ISSUER]
    notes = []
    if serials:
        _compare(joint, serials)
    else:
        found = [(each, _without_issuer(each)) for each in joint]
        serials = distinct([serial for _, serial in found if serial])
        notes = [
            f"{each.identifier} {each.value}: where its serial number begins can't be told"
            for each, serial in found
            if serial is None
        ]
    return Contents(
        form=form,
        fields=tuple(fields),
        serials=() if notes else serials,
        gtin=only([_gtin(value) for value in _values(fields, ("8P",))], "8P"),
        items=distinct([*_values(fields, _ITEMS), *_parts(fields)]),
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


def _compare(joint: list[Field], serials: tuple[str, ...]) -> None:
    for each in joint:
        if not each.value.endswith(serials):
            said = " or ".join(serials)
            raise LabelError(
                f"{each.identifier} {each.value} does not end with the label's serial number {said}"
            )


def _parts(fields: Sequence[Field]) -> list[str]:
    """The item codes between issuer and serial number, where both ends are certain."""
    found = []
    for value in _values(fields, ("37S",)):
        issuer = _ISSUER.match(value)
        part = value[issuer.end() : value.find("+")] if issuer and value.count("+") == 1 else ""
        if part:
            found.append(part)
    return found


def _compare_issuers(fields: Sequence[Field]) -> None:
    """The issuer in front of a serial number must be the one that stands there by itself."""
    for issuer in _values(fields, ("18V",)):
        for value in _values(fields, ("25S", "37S")):
            if not value.startswith(issuer):
                raise LabelError(f"the serial number {value} is not of the issuer {issuer} (18V)")


def _without_issuer(field: Field) -> str | None:
    """The serial number in a value that begins with its issuer; None: where it begins can't be told.

    Raises:
        LabelError: the value is too short for what its identifier says.
    """
    value, begins = field.value, None
    if field.identifier in ("18S", "25S"):
        issuer = (_CAGE if field.identifier == "18S" else _ISSUER).match(value)
        begins = issuer.end() if issuer else None
    elif field.identifier == "37S":
        begins = value.find("+") + 1 if value.count("+") == 1 else None
    elif value[:2].isdigit() and value[:2].isascii():
        begins = len(value) - int(value[:2])
        begins = begins if begins >= _LEAST_ISSUER else len(value)
    if begins is None:
        return None
    serial = value[begins:]
    if not serial:
        raise LabelError(f"{field.identifier} ({field.title}) {value} is too short to hold a serial number")
    return serial


def _gtin(digits: str) -> str:
    gtin = gs1.gtin_of(digits) if digits.isascii() and digits.isdigit() else None
    if gtin is None:
        raise LabelError(f"8P (GTIN) {digits} has a wrong check digit, or is none")
    return gtin
