"""History as CSV (RFC 4180), for people with a spreadsheet; programs read JSON.

A spreadsheet takes a cell that begins with ``=`` for a formula, and a label may say anything: such a cell
gets an apostrophe in front (OWASP, "CSV Injection"). The byte order mark is how a spreadsheet knows UTF-8.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import msgspec

from station.display.state import EntryShown

if TYPE_CHECKING:
    from collections.abc import Iterable

MEDIA_TYPE = "text/csv"
COLUMNS = EntryShown.__struct_fields__

_BEGIN_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - full width ones


def head() -> bytes:
    """Byte order mark and header."""
    return b"\xef\xbb\xbf" + _lines([COLUMNS])


def rows(entries: Iterable[EntryShown]) -> bytes:
    """A line for each entry."""
    return _lines([_inert(value) for value in msgspec.structs.astuple(each)] for each in entries)


def _lines(cells: Iterable[Iterable[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(cells)
    return text.getvalue().encode()


def _inert(value: object) -> str:
    """A cell that no spreadsheet calculates."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_BEGIN_FORMULAS) else text
