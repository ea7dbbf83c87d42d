"""GS1 Digital Link URIs (GS1 Digital Link Standard: URI Syntax): a web address that holds element strings.

Any domain, with or without a path of its own; key and qualifiers in the path, attributes in the query. A key
in the query alone and the names that version 1.0 had for identifiers (``gtin``, ``ser``) are read too; the
order of qualifiers is not looked at, it changes no meaning. Compressed URIs are not read.
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
    # Up to version 1.1 a GTIN could be shorter; then a digit lost on the way may leave another GTIN.
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
"""Primary keys to what their values look like: a path that merely holds such a number is no Digital Link. A
key that begins with a GS1 company prefix begins with four digits at least."""

_UNCHECKED: Final = frozenset({"8004"})
"""Keys that hold nothing to know them by, such as a check digit: behind other folders of a path, a number
that some web site uses is none."""

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
    """A label that is a Digital Link; None: it is none.

    Raises:
        LabelError: it is one, and holds what GS1 doesn't allow.
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
    asked, bare = _query(parts.query)
    if at is None and not any(_is_key(ai, value) for ai, value in asked):
        return None
    if bare:
        # Also what an unescaped ? or & in a serial number leaves.
        raise LabelError(
            msg('the Digital Link holds "{text}" in its query, which is no name with a value', text=bare[:32])
        )
    return gs1.contents([_element(ai, value) for ai, value in [*pairs, *asked]], FORM)


def _element(ai: str, value: str) -> Field:
    try:
        return gs1.element(ai, value)
    except LabelError as error:
        raise LabelError(msg("the Digital Link's {error_text}", error_text=error)) from None


def _key_at(segments: list[str]) -> int | None:
    """Where in the path the primary key stands."""
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
        LabelError: what follows the key are no qualifiers with values.
    """
    names = [_NAMES.get(name, name) for name in segments[::2]]
    values = segments[1::2]
    for name in names[1:]:
        if name not in _QUALIFIERS:
            raise LabelError(
                msg(
                    'the Digital Link goes on with "{name}" in its path, no qualifier of a key',
                    name=name[:32],
                )
            )
    if len(names) != len(values):
        raise LabelError(
            msg('the Digital Link ends with "{name}" in its path, without a value', name=names[-1])
        )
    return [(name, _decoded(value)) for name, value in zip(names, values, strict=True)]


def _query(query: str) -> tuple[list[tuple[str, str]], str]:
    """The query's attributes that are element strings, and its first part that is no attribute.

    Others are the web site's own.

    Raises:
        LabelError: percent-encoding is damaged.
    """
    asked, bare = [], ""
    for part in query.split("&"):
        name, equals, value = part.partition("=")
        if part and not equals:
            bare = bare or part
        name = _decoded(name)
        ai = _NAMES.get(name, name)
        if format_of(ai) is not None:
            # In a query a plus sign stands for a space, which no element string holds.
            asked.append((ai, _decoded(value.replace("+", " "))))
    return asked, bare


def _decoded(value: str) -> str:
    """A value without percent-encoding.

    Raises:
        LabelError: its percent-encoding is damaged.
    """
    if _BAD_ESCAPE.search(value):
        raise LabelError(
            msg('the Digital Link holds "{value}", whose percent-encoding is damaged', value=value[:90])
        )
    try:
        return unquote(value, errors="strict")
    except UnicodeDecodeError:
        raise LabelError(
            msg('the Digital Link holds "{value}", whose percent-encoding is no UTF-8', value=value[:90])
        ) from None
