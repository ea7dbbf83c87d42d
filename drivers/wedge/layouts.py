"""Keyboard layouts: what each key types at each level, from tables generated from xkb's data.

`generate_layouts` writes ``layouts.json``; nothing in it is written by hand. A key that types nothing rejects
the scan, so a key in which systems differ is empty.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import msgspec

from drivers.base import DeviceOptionError

if TYPE_CHECKING:
    from collections.abc import Iterator

DATA = "layouts.json"

ALIASES = {
    "gb": "uk",
    "ch": "ch-de",
    "ch(de)": "ch-de",
    "ch(fr)": "ch-fr",
    "us(intl)": "us-international",
}
"""Alternative names, from xkb."""


class LayoutTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One stored layout."""

    xkb: str
    """The layout's name in xkb; several names if it is their common part."""
    altgr: bool
    """The right Alt key reaches a third level."""
    keys: dict[int, tuple[str, str, str, str, str, str, str, str]]
    """What a key code types plain, with Shift, AltGr, both; then the same with Caps Lock on.

    Each is a character, the name of a dead key (``dead_acute``), or empty for nothing.
    """
    keypad: dict[int, str]
    """What a key code of the keypad types with Num Lock on."""


class LayoutData(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The stored file."""

    xkb_data: str
    """The version of xkb-data the tables were generated from."""
    layouts: dict[str, LayoutTable]


_data = msgspec.json.Decoder(LayoutData)


class Layout:
    """What the keys of a keyboard type."""

    def __init__(self, name: str, table: LayoutTable) -> None:
        self.name = name
        self.altgr = table.altgr
        self.is_common_part = " " in table.xkb
        """It is the common part of several layouts."""
        self._table = table

    def types(self, code: int, *, shift: bool = False, altgr: bool = False, caps: bool = False) -> str:
        """A character, the name of a dead key, or nothing."""
        if code in self._table.keypad:
            # On a real keyboard, Shift turns a keypad key into another key; scanners never send that.
            return "" if altgr else self._table.keypad[code]
        levels = self._table.keys.get(code)
        return levels[shift + 2 * altgr + 4 * caps] if levels else ""

    def each(self, *, caps: bool = False) -> Iterator[tuple[int, bool, bool, str]]:
        """Key code, Shift, AltGr and what they type, simplest levels first."""
        for level in range(4):
            for code, levels in self._table.keys.items():
                if typed := levels[level + 4 * caps]:
                    yield code, bool(level & 1), bool(level & 2), typed


def is_dead(typed: str) -> bool:
    """Whether what a key types is the name of a dead key."""
    return len(typed) > 1


@cache
def layout_data() -> LayoutData:
    """The stored tables."""
    raw = files(__package__).joinpath(DATA).read_bytes()
    return _data.decode(raw)


def layout_names() -> list[str]:
    """The names of all layouts, without aliases."""
    return list(layout_data().layouts)


@cache
def layout(name: str) -> Layout:
    """A layout by its name.

    Raises:
        DeviceOptionError: the name is unknown; the text lists all names.
    """
    tables = layout_data().layouts
    known = ALIASES.get(name, name)
    if known not in tables:
        names = ", ".join([*tables, *ALIASES])
        raise DeviceOptionError(f'layout = "{name}": is unknown; the layouts are {names}')
    return Layout(known, tables[known])
