"""Regular expressions for labels, which are untrusted: RE2 matches in time linear in the text's length.

A pattern that takes exponential time in other engines doesn't here. RE2 refuses what it can't do in linear
time: look-around and back-references.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

_DOCUMENTS: Final = "C[OM]-[0-9]+"
"""The default of the setting document_pattern: safe in any engine, and loading RE2 takes 9 ms."""
_KEPT: Final = 8
GROUPS: Final = ("serial", "gtin", "item")
"""The allowed names of a house format's groups."""
_MOST_MEMORY_BYTES: Final = 1 << 20
"""For one pattern: RE2 refuses patterns that need more."""


@lru_cache(_KEPT)
def linear(pattern: str) -> Any:
    """Compile a pattern; the library has no types.

    Raises:
        ValueError: it is invalid; the text says what is wrong.
    """
    if pattern == _DOCUMENTS:
        return re.compile(pattern)
    import re2  # noqa: PLC0415 - most stations have no patterns of their own

    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MOST_MEMORY_BYTES
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        message = error.args[0] if error.args else b""
        why = message.decode(errors="replace") if isinstance(message, bytes) else str(message)
        raise ValueError(
            f"is not a regular expression for RE2 (which has no look-around and back-references): {why}"
        ) from error


def compiled(pattern: str) -> Any:
    """Compile a house format's pattern.

    Raises:
        ValueError: it is invalid, or names no serial number, GTIN or item; the text says what is wrong.
    """
    ready = linear(pattern)
    names = set(ready.groupindex)
    if unknown := sorted(names - set(GROUPS)):
        raise ValueError(f"has the named group {unknown[0]}; allowed are serial, gtin, item")
    if not names:
        raise ValueError("has none of the named groups serial, gtin, item: write (?P<serial>...)")
    if ready.fullmatch("") is not None:
        raise ValueError("matches the empty text")
    return ready
