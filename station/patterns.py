"""Regular expressions that meet labels, which are untrusted: RE2's, in time linear in the text's length.

A pattern that could take exponential time in another engine can't here, and what RE2 can't do so (look-around
and back-references) it refuses.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

_DOCUMENTS: Final = "C[OM]-[0-9]+"
"""The default of the setting document_pattern: harmless in any engine, and RE2 takes 9 ms to be loaded."""
_KEPT: Final = 8
GROUPS: Final = ("serial", "gtin", "item")
"""The names that a house format's groups may have."""
_MOST_MEMORY_BYTES: Final = 1 << 20
"""For one pattern: RE2 refuses those whose machine is larger."""


@lru_cache(_KEPT)
def linear(pattern: str) -> Any:
    """A pattern, ready to be matched; the library has no types.

    Raises:
        ValueError: it is none; the text says what is wrong.
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
        said = error.args[0] if error.args else b""
        why = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
        raise ValueError(
            f"is no regular expression that RE2 runs in linear time (look-around, back-references): {why}"
        ) from error


def compiled(pattern: str) -> Any:
    """A house format's pattern, ready to be matched.

    Raises:
        ValueError: it is none, or says neither serial number, GTIN nor item; the text says what is wrong.
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
