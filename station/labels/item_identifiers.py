"""Data Identifiers of ANSI MH10.8.2 that name an item: category 16 (``P`` and its like), and 37S.

Those that carry the code of the label's item are read, if the code can be separated from the rest. Others
carry part of a code, another item's code, or something that trading partners agree on.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from station.i18n.messages import msg
from station.labels import gs1
from station.labels.contents import LabelError, distinct, only

if TYPE_CHECKING:
    from collections.abc import Iterable

    from station.labels.contents import Field


WITH_ISSUER: Final = ("18S", "25S", "37S", "42S")
"""Data Identifiers whose serial number is prefixed with its issuer."""

CAGE: Final = re.compile(r"[0-9A-Z]{5}", re.ASCII)
ISSUER: Final = re.compile(r"UN[0-9]{9}|LD[0-9A-Z]{6}|D[0-9A-Z]{5}", re.ASCII)
"""Agency and company, for agencies whose numbers all have the same form: DUNS, DoDAAC, CAGE."""
_LEAST_ISSUER: Final = 2 + 1 + 1
"""Of 42S: the length, an agency of one character, a company of one."""

_PLAIN: Final = {
    "P": "customer's item code",
    "1P": "supplier's item code",
    "30P": "supplier's item code, first level",
}
_JOINT: Final = {
    "9P": "DUNS number and item code",
    "25P": "issuer and item code",
    "37S": "issuer, part number and serial number",
    "50P": "manufacturer's item code and version",
    "51P": "issuer, item code and version",
}
_PASSED_OVER: Final = {
    "2P": "revision",
    "3P": "GTIN of 12 or 13 digits with supplements",
    "4P": "item's part of a GTIN",
    "6P": "supplier and item code",
    "7P": "CLEI code of telecommunications equipment",
    "11P": "CLEI code of telecommunications equipment",
    "17P": "GS1 supplier and item code",
    "18P": "VMRS supplier and part number",
    "19P": "component of an item",
    **{f"{number}P": "customer's level of an item" for number in range(20, 25)},
    "26P": "part number of the next higher assembly",
    **{f"{number}P": "supplier's level of an item" for number in range(31, 35)},
    "54P": "UDI-DI of a medical device",
}
GTIN: Final = "8P"
TITLES: Final = {**_PLAIN, **_JOINT, GTIN: "GTIN", **_PASSED_OVER}
READ: Final = frozenset({*_PLAIN, *_JOINT, GTIN})
_DUNS_AND_CODE: Final = re.compile(r"[0-9]{9}(.+)", re.ASCII | re.DOTALL)
_PLUS_SIGNS: Final = {"50P": (1, msg("a plus sign after the item code")), "51P": (2, msg("two plus signs"))}


def serial_in(field: Field) -> str | None:
    """The serial number in a value that begins with its issuer; None: it is unclear where it begins.

    Raises:
        LabelError: the value is too short for its identifier.
    """
    begins = _begins(field.identifier, field.value)
    if begins is None:
        return None
    serial = field.value[begins:]
    if not serial:
        raise LabelError(
            msg(
                "{identifier} ({title}) {value} is too short to hold a serial number",
                identifier=field.identifier,
                title=field.title,
                value=field.value,
            )
        )
    return serial


def _begins(identifier: str, value: str) -> int | None:
    if identifier in ("18S", "25S"):
        issuer = (CAGE if identifier == "18S" else ISSUER).match(value)
        return issuer.end() if issuer else None
    if identifier == "37S":
        return value.find("+") + 1 if value.count("+") == 1 else None
    if not (value[:2].isdigit() and value[:2].isascii()):
        return None
    begins = len(value) - int(value[:2])
    return begins if begins >= _LEAST_ISSUER else len(value)


def compare(issuers: list[str], values: list[str]) -> None:
    """Check the issuer before a serial number against the separate issuer on the label.

    Args:
        issuers: Values of 18V.
        values: Values of 25S and 37S.

    Raises:
        LabelError: they differ.
    """
    for issuer in issuers:
        for value in values:
            if not value.startswith(issuer):
                raise LabelError(
                    msg(
                        "the serial number {value} does not begin with the issuer {issuer} (18V)",
                        value=value,
                        issuer=issuer,
                    )
                )


def codes(fields: Iterable[Field]) -> tuple[str, ...]:
    """The item codes of a label in its order, without duplicates.

    Raises:
        LabelError: one violates the format of its identifier.
    """
    return distinct([code for field in fields if (code := _code(field))])


def _code(field: Field) -> str | None:
    """The item code that a field certainly holds; None: it is uncertain."""
    match field.identifier:
        case "9P":
            return _after_duns(field)
        case "25P":
            return _after_issuer(field, field.value)
        case "37S":
            return _between(field.value)
        case "50P" | "51P":
            return _before_version(field)
        case identifier:
            return field.value if identifier in _PLAIN else None


def _after_duns(field: Field) -> str:
    found = _DUNS_AND_CODE.fullmatch(field.value)
    if found is None:
        raise LabelError(msg("{field} must be nine digits and an item code", field=_named(field)))
    return found[1]


def _after_issuer(field: Field, value: str) -> str | None:
    """The code after an issuer of known length."""
    issuer = ISSUER.match(value)
    return _not_empty(field, value[issuer.end() :]) if issuer else None


def _between(value: str) -> str | None:
    """The part number between issuer and serial number, if both its ends are certain."""
    issuer = ISSUER.match(value)
    return value[issuer.end() : value.find("+")] if issuer and value.count("+") == 1 else None


def _before_version(field: Field) -> str | None:
    """The code, if it has no version: otherwise both together name the item."""
    least, text = _PLUS_SIGNS[field.identifier]
    if field.value.count("+") < least:
        raise LabelError(msg("{field} must have {such_text}", field=_named(field), such_text=text))
    parts = field.value.split("+")
    return _not_empty(field, parts[-2]) if len(parts) == least + 1 and not parts[-1] else None


def _not_empty(field: Field, code: str) -> str:
    if not code:
        raise LabelError(msg("{field} is too short to hold an item code", field=_named(field)))
    return code


def gtin(fields: Iterable[Field]) -> str | None:
    """The GTIN of a label.

    Raises:
        LabelError: there are several, or its length or check digit is wrong. A shorter one is rejected even
            if it is a valid GTIN: it may have lost a digit.
    """
    return only([_gtin(field) for field in fields if field.identifier == GTIN], GTIN)


def _gtin(field: Field) -> str:
    digits = field.value
    is_one = len(digits) == gs1.GTIN_DIGITS and digits.isascii() and digits.isdigit()
    if not is_one or gs1.gtin_of(digits) is None:
        raise LabelError(msg("{field} must be 14 digits with a valid check digit", field=_named(field)))
    return digits


def _named(field: Field) -> str:
    return f"{field.identifier} ({field.title}) {field.value}"
