"""Writes ``layouts.json`` from xkb's data: ``python -m drivers.wedge.generate_layouts``.

Needs libxkbcommon and xkb-data (Debian: libxkbcommon0, xkb-data), which the station doesn't. Scanners are
made to type into Windows, so a layout's ``winkeys`` variant is taken where xkb has one, and Finnish is the
classic layout. ``nordic`` is what Swedish, Norwegian, Danish and Finnish have in common: a key they differ in
types nothing there, so a scan that needs it is rejected instead of read in the wrong language.
"""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import msgspec

from drivers.wedge.key_codes import CODES, KEYPAD
from drivers.wedge.layouts import DATA, LayoutData, LayoutTable
from drivers.wedge.xkb import Held, XkbLayout, data_version

_XKB_NAMES = {
    "us": "us",
    "uk": "gb",
    "de": "de",
    "fr": "fr",
    "es": "es(winkeys)",
    "it": "it(winkeys)",
    "ch-de": "ch(de)",
    "ch-fr": "ch(fr)",
    "se": "se",
    "no": "no(winkeys)",
    "dk": "dk(winkeys)",
    "fi": "fi(classic)",
    "us-international": "us(intl)",
}
_DEAD_IN_WINDOWS = {
    ("fr", CODES["2"]): "dead_tilde",
    ("fr", CODES["7"]): "dead_grave",
    ("es", CODES["4"]): "dead_tilde",
}
"""Keys whose AltGr level waits for the next key in Windows, and types a character at once in xkb."""
_SHIFT_LOCK_IN_WINDOWS = ("de", "fr")
"""Layouts in which Caps Lock shifts the digits too in Windows, and only letters in xkb."""
_NORDIC = ("se", "no", "dk", "fi")
_CODES = range(1, 256)
_LEVELS = tuple(
    Held(shift=shift, altgr=altgr, caps=caps) for caps, altgr, shift in product((False, True), repeat=3)
)
_ALTGR, _CAPS = 2, 4
"""Where these levels begin among `_LEVELS`."""


def generate() -> LayoutData:
    """All tables, as the xkb-data of this machine has them.

    Raises:
        OSError: libxkbcommon is not installed.
        ValueError: xkb lacks a layout.
    """
    tables = {name: _as_scanners_type(name, _table(xkb)) for name, xkb in _XKB_NAMES.items()}
    tables["nordic"] = _common([tables[name] for name in _NORDIC])
    return LayoutData(data_version(), tables)


def written(data: LayoutData) -> str:
    """The file's text: one key a line, so that a difference can be read."""
    tables = ",\n".join(
        f" {json.dumps(name)}: {_written_table(table)}" for name, table in data.layouts.items()
    )
    return f'{{"xkb_data": {json.dumps(data.xkb_data)}, "layouts": {{\n{tables}\n}}}}\n'


def main() -> None:
    """Write the file beside this one."""
    Path(__file__).with_name(DATA).write_text(written(generate()))


def _table(xkb: str) -> LayoutTable:
    source = XkbLayout.named(xkb)
    altgr = source.has_altgr()
    keys, keypad = {}, {}
    for code in _CODES:
        levels = [_typed(source, code, held) if altgr or not held.altgr else "" for held in _LEVELS]
        if code in KEYPAD:
            keypad[code] = levels[0]
        elif any(levels):
            keys[code] = levels
    return msgspec.convert(
        {"xkb": xkb, "altgr": altgr, "keys": keys, "keypad": {k: v for k, v in keypad.items() if v}},
        LayoutTable,
    )


def _as_scanners_type(name: str, table: LayoutTable) -> LayoutTable:
    """Where Windows types otherwise than xkb: as Windows does, or nothing where that is uncertain."""
    keys = {code: list(levels) for code, levels in table.keys.items()}
    for code, levels in keys.items():
        if dead := _DEAD_IN_WINDOWS.get((name, code)):
            levels[_ALTGR] = levels[_ALTGR + _CAPS] = dead
        if name in _SHIFT_LOCK_IN_WINDOWS:
            for level in (0, 1):
                if levels[level + _CAPS] != levels[1 - level]:
                    levels[level + _CAPS] = ""
    return msgspec.convert({**msgspec.structs.asdict(table), "keys": keys}, LayoutTable)


def _typed(source: XkbLayout, code: int, held: Held) -> str:
    name, character = source.symbol(code, held)
    if name.startswith("dead_"):
        return name
    # Enter, Tab, Escape and Backspace type the same in every layout.
    return "" if character < " " or character == "\x7f" else character


def _common(tables: list[LayoutTable]) -> LayoutTable:
    keys = {
        code: [_agreed([table.keys[code][level] for table in tables]) for level in range(len(_LEVELS))]
        for code in tables[0].keys
        if all(code in table.keys for table in tables)
    }
    keypad = {
        code: typed
        for code, typed in tables[0].keypad.items()
        if all(table.keypad.get(code) == typed for table in tables)
    }
    names = " ".join(table.xkb for table in tables)
    return msgspec.convert(
        {"xkb": names, "altgr": True, "keys": {c: v for c, v in keys.items() if any(v)}, "keypad": keypad},
        LayoutTable,
    )


def _agreed(typed: list[str]) -> str:
    return typed[0] if len(set(typed)) == 1 else ""


def _written_table(table: LayoutTable) -> str:
    keys = ",\n".join(
        f"   {json.dumps(str(code))}: {json.dumps(levels, ensure_ascii=False)}"
        for code, levels in table.keys.items()
    )
    keypad = json.dumps({str(code): typed for code, typed in table.keypad.items()})
    head = f'"xkb": {json.dumps(table.xkb)}, "altgr": {json.dumps(table.altgr)}'
    return f'{{{head},\n  "keypad": {keypad},\n  "keys": {{\n{keys}}}}}'


if __name__ == "__main__":
    main()
