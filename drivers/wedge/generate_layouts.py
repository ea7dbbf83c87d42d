"""Writes ``layouts.json`` from xkb's data: ``python -m drivers.wedge.generate_layouts``.

Needs libxkbcommon and xkb-data (Debian: libxkbcommon0, xkb-data), which the station doesn't. Scanners are
designed to type into Windows, so a layout's ``winkeys`` variant is used if xkb has one, and Finnish is the
classic layout. ``nordic`` is the common part of Swedish, Norwegian, Danish and Finnish: a key in which they
differ types nothing, so a scan with it is rejected instead of being read in the wrong language.
"""

from __future__ import annotations

import ctypes
import json
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from drivers.wedge.input_events import CODES, KEYPAD
from drivers.wedge.layouts import DATA, LayoutData, LayoutTable

if TYPE_CHECKING:
    from typing import Self

LIBRARY = "libxkbcommon.so.0"
DATA_VERSION_FILE = Path("/usr/share/pkgconfig/xkeyboard-config.pc")

_CODE_OFFSET = 8
_RIGHT_ALT = 100
_LEVEL_THREE_SHIFT = "ISO_Level3_Shift"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Which modifiers are on."""

    shift: bool = False
    altgr: bool = False
    caps: bool = False


class _Names(ctypes.Structure):
    """``struct xkb_rule_names``."""

    _fields_ = tuple((name, ctypes.c_char_p) for name in ("rules", "model", "layout", "variant", "options"))


class XkbLayout:
    """One layout of xkb-data on a PC keyboard of 105 keys.

    Raises:
        OSError: on construction: libxkbcommon is not installed.
        ValueError: on construction: xkb has no such layout.
    """

    def __init__(self, layout: str, variant: str = "") -> None:
        self._library = _library()
        names = _Names(b"evdev", b"pc105", layout.encode(), variant.encode(), b"")
        # None of the three is freed: the generator ends soon.
        context = self._library.xkb_context_new(0)
        self._keymap = self._library.xkb_keymap_new_from_names(context, ctypes.byref(names), 0)
        if not self._keymap:
            raise ValueError(f"xkb has no layout {layout}({variant})")
        self._state = self._library.xkb_state_new(self._keymap)

    @classmethod
    def named(cls, name: str) -> Self:
        """Load a layout by xkb's name, ``us`` or ``us(intl)``."""
        layout, _, variant = name.partition("(")
        return cls(layout, variant.rstrip(")"))

    def symbol(self, code: int, held: Held) -> tuple[str, str]:
        """The name of a key's symbol (``dead_acute``) and its character, which may be empty.

        Num Lock is on, so the keypad types digits.
        """
        pressed = held.shift * self._mask(b"Shift") | held.altgr * self._mask(b"Mod5")
        locked = held.caps * self._mask(b"Lock") | self._mask(b"Mod2")
        self._library.xkb_state_update_mask(self._state, pressed, 0, locked, 0, 0, 0)
        symbol = self._library.xkb_state_key_get_one_sym(self._state, code + _CODE_OFFSET)
        name = ctypes.create_string_buffer(64)
        self._library.xkb_keysym_get_name(symbol, name, len(name))
        return name.value.decode(), chr(self._library.xkb_keysym_to_utf32(symbol)).strip("\0")

    def has_altgr(self) -> bool:
        """Whether the right Alt key reaches a third level."""
        return self.symbol(_RIGHT_ALT, Held())[0] == _LEVEL_THREE_SHIFT

    def _mask(self, modifier: bytes) -> int:
        return 1 << int(self._library.xkb_keymap_mod_get_index(self._keymap, modifier))


def data_version() -> str:
    """The version of the installed xkb-data, or "unknown"."""
    try:
        lines = DATA_VERSION_FILE.read_text().splitlines()
    except OSError:
        return "unknown"
    return next((line.split()[1] for line in lines if line.startswith("Version:")), "unknown")


def _library() -> ctypes.CDLL:
    library = ctypes.CDLL(LIBRARY)
    for function in ("xkb_context_new", "xkb_keymap_new_from_names", "xkb_state_new"):
        getattr(library, function).restype = ctypes.c_void_p
    pointer, number = ctypes.c_void_p, ctypes.c_uint32
    library.xkb_keymap_new_from_names.argtypes = [pointer, pointer, ctypes.c_int]
    library.xkb_state_new.argtypes = [pointer]
    library.xkb_keymap_mod_get_index.argtypes = [pointer, ctypes.c_char_p]
    library.xkb_state_update_mask.argtypes = [pointer, *[number] * 6]
    library.xkb_state_key_get_one_sym.argtypes = [pointer, number]
    library.xkb_keysym_get_name.argtypes = [number, ctypes.c_char_p, ctypes.c_size_t]
    library.xkb_keysym_to_utf32.argtypes = [number]
    for function in ("xkb_state_key_get_one_sym", "xkb_keysym_to_utf32", "xkb_keymap_mod_get_index"):
        getattr(library, function).restype = number
    return library


_LEVELS = tuple(
    Held(shift=shift, altgr=altgr, caps=caps) for caps, altgr, shift in product((False, True), repeat=3)
)
_ALTGR, _CAPS = 2, 4
"""Where these levels begin in `_LEVELS`."""


def generate() -> LayoutData:
    """Generate all tables from this machine's xkb-data.

    Raises:
        OSError: libxkbcommon is not installed.
        ValueError: xkb lacks a layout.
    """
    tables = {name: _as_scanners_type(name, _table(xkb)) for name, xkb in _XKB_NAMES.items()}
    tables["nordic"] = _common([tables[name] for name in _NORDIC])
    return LayoutData(data_version(), tables)


def written(data: LayoutData) -> str:
    """The file's text: one key per line, for readable diffs."""
    tables = ",\n".join(
        f" {json.dumps(name)}: {_written_table(table)}" for name, table in data.layouts.items()
    )
    return f'{{"xkb_data": {json.dumps(data.xkb_data)}, "layouts": {{\n{tables}\n}}}}\n'


def main() -> None:
    """Write the file next to this one."""
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
    """Where Windows differs from xkb: type as Windows does, or nothing if that is uncertain."""
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
"""Keys whose AltGr level is a dead key in Windows but types a character in xkb."""
_SHIFT_LOCK_IN_WINDOWS = ("de", "fr")
"""Layouts in which Caps Lock also shifts the digits in Windows, but only letters in xkb."""
_NORDIC = ("se", "no", "dk", "fi")
_CODES = range(1, 256)
