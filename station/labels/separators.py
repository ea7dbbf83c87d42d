"""Lost separators: element strings that have run together because a scanner drops GS.

Data of variable length ends at a separator, GS. A scanner that drops control characters sends a lot followed
by a serial number as one lot. If that is more than the lot's identifier allows, a lost separator can be
distinguished from a damaged label. Otherwise it can't be detected: three in four serial numbers of ten digits
could be a shorter one followed by element strings.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from station.i18n.messages import msg
from station.labels.gs1_formats import AI_LENGTHS, format_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from station.labels.contents import Contents, Field
    from station.labels.gs1_formats import Format

MOST_CHARACTERS: Final = 128
"""Longer data is not searched: the work grows faster than its length."""
DROPS: Final = msg(
    "the scanner seems to drop the separators (GS) or to send other characters instead; "
    'run "scanstation doctor --scan"'
)
CONTROLS_DROPPED: Final = msg('the scanner seems to drop control characters; run "scanstation doctor --scan"')

_MOST_DATA: Final = 90
"""In characters; no identifier allows more."""
_NOT_OF_DATA: Final = re.compile(r"[^!\"%-?A-Z_a-z]")
"""A character outside of GS1's set 82: it may replace a separator."""
_DATED: Final = re.compile(r"(1[123567])([0-9]{6})", re.ASCII)
_DATED_CHARACTERS: Final = 8


def runs_on(form: Format, value: str) -> bool:
    """Whether a value could be a shorter one followed by element strings whose separators were lost.

    Or replaced, each by one character outside of GS1's set 82.
    """
    if len(value) > MOST_CHARACTERS:
        return False
    begins = _beginnings(value)
    return any(
        _continues(value, end, begins) and form.fault(value[:end]) is None for end in range(1, len(value))
    )


def _beginnings(text: str) -> set[int]:
    """Where element strings could begin that continue to the end, with separators lost or replaced."""
    begins: set[int] = set()
    for at in reversed(range(len(text))):
        if any(end == len(text) or _continues(text, end, begins) for end in _ends(text, at)):
            begins.add(at)
    return begins


def _continues(text: str, at: int, begins: set[int]) -> bool:
    return at in begins or (at + 1 in begins and _NOT_OF_DATA.match(text, at) is not None)


def _ends(text: str, at: int) -> Iterator[int]:
    """Where an element string that begins at a position could end."""
    ai = text[at : at + AI_LENGTHS.get(text[at : at + 2], 2)]
    form = format_of(ai)
    if form is None:
        return
    start = at + len(ai)
    lengths = range(1, _MOST_DATA + 1) if form.length is None else (form.length,)
    for end in (start + length for length in lengths):
        if end <= len(text) and form.fault(text[start:end]) is None:
            yield end


def suspicions(contents: Contents) -> list[str]:
    """Hints for people at fields of a valid label that may have run together; they decide nothing."""
    if contents.serials:
        return [hint for field in contents.fields if field.identifier == "21" and (hint := _dated(field))]
    return [hint for field in contents.fields if (hint := _hidden_serial(field))]


def _dated(field: Field) -> str | None:
    """The hint at a date at the end of a serial number, which is rarely there by chance."""
    found = _DATED.fullmatch(field.value[-_DATED_CHARACTERS:])
    form = format_of(found[1]) if found else None
    if found is None or form is None or field.value == found[0] or form.fault(found[2]) is not None:
        return None
    return f"AI 21 ends like AI {form.ai} ({form.title}) with {found[2]}: {_IF_APART}"


def _hidden_serial(field: Field) -> str | None:
    form = format_of(field.identifier)
    if form is None or form.length is not None or len(field.value) > MOST_CHARACTERS:
        return None
    begins = _beginnings(field.value)
    if not any(at in begins and field.value.startswith("21", at) for at in range(1, len(field.value))):
        return None
    return f"AI {form.ai} holds what could be AI 21 (serial number): {_IF_APART}"


_IF_APART: Final = (
    'if the label prints them apart, the scanner drops the separators (GS); run "scanstation doctor --scan"'
)
