"""Who issued a number: the beginning of serial numbers and item codes that are unique in all the world.

A value that begins with its issuer is an issuing agency code (ISO/IEC 15459-2), the company's number at that
agency, and the company's own number. Nothing stands between them, so what is the company's own can be told
only where all companies of the agency have numbers of one form.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from station.saying import say
from station.scans.contents import LabelError

if TYPE_CHECKING:
    from station.scans.contents import Field

WITH_ISSUER: Final = ("18S", "25S", "37S", "42S")
"""Data Identifiers whose serial number has its issuer in front."""

CAGE: Final = re.compile(r"[0-9A-Z]{5}", re.ASCII)
ISSUER: Final = re.compile(r"UN[0-9]{9}|LD[0-9A-Z]{6}|D[0-9A-Z]{5}", re.ASCII)
"""Agency and company, where all numbers of the agency have one form: DUNS, DoDAAC, CAGE."""
_LEAST_ISSUER: Final = 2 + 1 + 1
"""Of 42S: the length, an agency of one character, a company of one."""


def serial_in(field: Field) -> str | None:
    """The serial number in a value that begins with its issuer; None: where it begins can't be told.

    Raises:
        LabelError: the value is too short for what its identifier says.
    """
    begins = _begins(field.identifier, field.value)
    if begins is None:
        return None
    serial = field.value[begins:]
    if not serial:
        raise LabelError(
            say(
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
    """The issuer in front of a serial number must be the one that stands on the label by itself.

    Args:
        issuers: Values of 18V.
        values: Values of 25S and 37S.

    Raises:
        LabelError: it is another.
    """
    for issuer in issuers:
        for value in values:
            if not value.startswith(issuer):
                raise LabelError(
                    say(
                        "the serial number {value} is not of the issuer {issuer} (18V)",
                        value=value,
                        issuer=issuer,
                    )
                )
