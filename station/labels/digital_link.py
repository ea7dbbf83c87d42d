"""GS1 Digital Link URIs (GS1 Digital Link Standard: URI Syntax): web addresses that hold element strings.

Any domain, with or without a path prefix; key and qualifiers in the path, attributes in the query. A key that
is only in the query and the names that version 1.0 had for identifiers (``gtin``, ``ser``) are read too. The
order of qualifiers is ignored: it has no meaning. Compressed URIs are not supported.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from station.i18n.messages import msg
from station.labels import gs1
from station.labels.contents import Contents, LabelError
from station.labels.gs1_formats import format_of

if TYPE_CHECKING:
    from station.labels.contents import Field

FORM: Final = "GS1 Digital Link"

_KEYS: Final = {
    "00": r"\d{18}",
    # Up to version 1.1 a GTIN could be shorter, so a lost digit may leave another valid GTIN.
    "01": r"\d{8}|\d{12,14}",
    "253": r"\d{13}.{0,17}",
    "255": r"\d{13,25}",
    "401": r"\d{4}.{0,26}",
    "402": r"\d{17}",
    "414": r"\d{13}",
    "415": r"\d{13}",
    "417": r"\d{13}",
    "8003": r"\d{14}.{0,16}",
    "8004": r"\d{4}.{0,26}",
    "8006": r"\d{18}",
    "8010": r"\d{4}.{0,26}",
    "8013": r"\d{4}.{0,21}",
    "8017": r"\d{18}",
    "8018": r"\d{18}",
}
"""Primary key to the pattern of its value: not every path with such a number is a Digital Link. A key that
begins with a GS1 company prefix begins with at least four digits."""

_UNCHECKED: Final = frozenset({"8004"})
"""Keys without a check digit or the like: further down a path, the number may be a web site's own."""

_NAMES: Final = {
    "sscc": "00",
    "gtin": "01",
    "lot": "10",
    "ser": "21",
    "cpv": "22",
    "grai": "8003",
    "giai": "8004",
    "itip": "8006",
}
_QUALIFIERS: Final = frozenset({"10", "21", "22", "235", "254", "7040", "8011", "8019", "8020"})
_SCHEME: Final = re.compile(r"https?://", re.IGNORECASE)
_BAD_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")


def read(text: str) -> Contents | None:
    """Read a Digital Link; None: the text is not one.

    Raises:
        LabelError: it is one, but not as GS1 allows it.
    """
    if not _SCHEME.match(text):
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    segments = parts.path.split("/")[1:]
    if segments and not segments[-1]:
        segments.pop()
    at = _key_at(segments)
    pairs = _pairs(segments[at:]) if at is not None else []
    attributes, bare = _query(parts.query)
    if at is None and not any(_is_key(ai, value) for ai, value in attributes):
        return None
    if bare:
        # For example, the rest after an unescaped ? or & in a serial number.
        raise LabelError(
            msg(
                'the Digital Link has "{text}" in its query, which is not a name with a value', text=bare[:32]
            )
        )
    return gs1.contents([_element(ai, value) for ai, value in [*pairs, *attributes]], FORM)


def _element(ai: str, value: str) -> Field:
    try:
        return gs1.element(ai, value)
    except LabelError as error:
        raise LabelError(msg("the Digital Link's {error_text}", error_text=error)) from None


def _key_at(segments: list[str]) -> int | None:
    """The index of the primary key in the path."""
    for at, name in enumerate(segments[:-1]):
        ai = _NAMES.get(name, name)
        if _is_key(ai, segments[at + 1]) and not (at and ai in _UNCHECKED):
            return at
    return None


def _is_key(ai: str, value: str) -> bool:
    return ai in _KEYS and re.fullmatch(_KEYS[ai], value, re.ASCII) is not None


def _pairs(segments: list[str]) -> list[tuple[str, str]]:
    """Key and qualifiers of a path.

    Raises:
        LabelError: something other than qualifiers with values follows the key.
    """
    names = [_NAMES.get(name, name) for name in segments[::2]]
    values = segments[1::2]
    for name in names[1:]:
        if name not in _QUALIFIERS:
            raise LabelError(
                msg(
                    'the Digital Link has "{name}" in its path, which is not a key qualifier',
                    name=name[:32],
                )
            )
    if len(names) != len(values):
        raise LabelError(
            msg('the Digital Link ends with "{name}" in its path, without a value', name=names[-1])
        )
    return [(name, _decoded(value)) for name, value in zip(names, values, strict=True)]


def _query(query: str) -> tuple[list[tuple[str, str]], str]:
    """The attributes in the query that are element strings, and its first part without a value.

    Other attributes are the web site's own.

    Raises:
        LabelError: percent-encoding is damaged.
    """
    attributes, bare = [], ""
    for part in query.split("&"):
        name, equals, value = part.partition("=")
        if part and not equals:
            bare = bare or part
        name = _decoded(name)
        ai = _NAMES.get(name, name)
        if format_of(ai) is not None:
            # In a query a plus sign means a space, which element strings must not contain.
            attributes.append((ai, _decoded(value.replace("+", " "))))
    return attributes, bare


def _decoded(value: str) -> str:
    """Decode the percent-encoding of a value.

    Raises:
        LabelError: the percent-encoding is damaged.
    """
    if _BAD_ESCAPE.search(value):
        raise LabelError(
            msg('the Digital Link has "{value}", whose percent-encoding is damaged', value=value[:90])
        )
    try:
        return unquote(value, errors="strict")
    except UnicodeDecodeError:
        raise LabelError(
            msg('the Digital Link has "{value}", whose percent-encoding is not UTF-8', value=value[:90])
        ) from None
