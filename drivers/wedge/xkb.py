"""What a keyboard layout of xkb types, asked of libxkbcommon; used to generate tables, never by the station.

The functions called are those of ``xkbcommon/xkbcommon.h``. Key codes of the kernel are xkb's less 8.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

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
        # None of the three is ever freed: the generator ends soon.
        context = self._library.xkb_context_new(0)
        self._keymap = self._library.xkb_keymap_new_from_names(context, ctypes.byref(names), 0)
        if not self._keymap:
            raise ValueError(f"xkb has no layout {layout}({variant})")
        self._state = self._library.xkb_state_new(self._keymap)

    @classmethod
    def named(cls, name: str) -> Self:
        """A layout by its name as xkb writes it, ``us`` or ``us(intl)``."""
        layout, _, variant = name.partition("(")
        return cls(layout, variant.rstrip(")"))

    def symbol(self, code: int, held: Held) -> tuple[str, str]:
        """The name of what a key gives (``dead_acute``) and its character, which may be empty.

        Num Lock is on, so the keypad gives digits.
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
    """The version of xkb-data that is installed; "unknown" where it is not told."""
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
