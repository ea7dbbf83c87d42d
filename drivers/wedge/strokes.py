"""What a pressed key types, or why it types nothing usable.

One key at a time, with the held modifiers; `typewriter` joins several keys into one character (dead keys,
Alt and a number).
"""

from __future__ import annotations

import string
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drivers.wedge.input_events import (
    CODES,
    ENTER,
    FUNCTION_KEYS,
    KEYPAD_ENTER,
    LED_CAPSL,
    NAMES,
    PRESSED,
    TAB,
    key_name,
)
from drivers.wedge.layouts import is_dead

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drivers.base import KeyState
    from drivers.wedge.layouts import Layout

CONTROL_KEYS = {
    **{CODES[letter]: chr(ord(letter) - ord("@")) for letter in string.ascii_uppercase},
    CODES["2"]: "\x00",
    CODES["LEFTBRACE"]: "\x1b",
    CODES["BACKSLASH"]: "\x1c",
    CODES["RIGHTBRACE"]: "\x1d",
    CODES["6"]: "\x1e",
    CODES["MINUS"]: "\x1f",
}
"""Control character that a key code types with Ctrl."""

PLAIN_KEYS = {
    CODES["ENTER"]: "\r",
    CODES["KPENTER"]: "\r",
    CODES["TAB"]: "\t",
    CODES["BACKSPACE"]: "\b",
    CODES["ESC"]: "\x1b",
}
"""Keys that type a control character by themselves, in every layout."""


_ENDING = frozenset({ENTER, KEYPAD_ENTER, TAB})
_FUNCTION_KEY_CODES = frozenset(FUNCTION_KEYS.values())

_HELD = {
    **{CODES[name]: "Shift" for name in ("LEFTSHIFT", "RIGHTSHIFT")},
    **{CODES[name]: "Ctrl" for name in ("LEFTCTRL", "RIGHTCTRL")},
    **{CODES[name]: "Meta" for name in ("LEFTMETA", "RIGHTMETA")},
    CODES["LEFTALT"]: "Alt",
}
_RIGHT_ALT = CODES["RIGHTALT"]
_CAPS_LOCK = CODES["CAPSLOCK"]
# Num Lock is ignored: the keypad types digits either way.
_LOCKS = frozenset({_CAPS_LOCK, CODES["NUMLOCK"], CODES["SCROLLLOCK"]})


@dataclass(frozen=True, slots=True)
class Stroke:
    """The result of a key."""

    text: str = ""
    dead: str = ""
    """The name of a dead key, which waits for the next one."""
    problem: str = ""
    """Why the typed text can't be trusted."""


NOTHING = Stroke()


class Strokes:
    """The keys of one scanner: its layout and its function keys."""

    def __init__(self, layout: Layout, function_keys: Mapping[int, str]) -> None:
        self._layout = layout
        self._function_keys = function_keys

    def of(self, code: int, modifiers: Modifiers) -> Stroke:
        """What a key types when pressed with these modifiers."""
        held = modifiers.held
        if code in PLAIN_KEYS:
            return self._plain(code, modifiers)
        if code in _FUNCTION_KEY_CODES:
            return self._function(code, modifiers)
        if held in ({"Ctrl"}, {"Ctrl", "Shift"}):
            text = CONTROL_KEYS.get(code, "")
            return Stroke(text) if text else self._unmapped(code, modifiers)
        if not held <= {"Shift", "AltGr"}:
            return self._unmapped(code, modifiers)
        typed = self._layout.types(code, shift="Shift" in held, altgr="AltGr" in held, caps=modifiers.caps)
        if not typed:
            return self._unmapped(code, modifiers)
        return Stroke(dead=typed) if is_dead(typed) else Stroke(typed)

    def _plain(self, code: int, modifiers: Modifiers) -> Stroke:
        text = PLAIN_KEYS[code]
        if modifiers.held <= {"Shift"}:
            return Stroke(text)
        # It ends the scan anyway, or the next scan would be lost with it.
        return Stroke(text if code in _ENDING else "", problem=self._unmapped(code, modifiers).problem)

    def _function(self, code: int, modifiers: Modifiers) -> Stroke:
        text = self._function_keys.get(code, "")
        if text and not modifiers.held:
            return Stroke(text)
        chord, name = modifiers.chord(key_name(code)), NAMES[code]
        advice = "" if text else f": the setting function_keys can say what {name} stands for"
        return Stroke(problem=f"{chord} types no character{advice}")

    def _unmapped(self, code: int, modifiers: Modifiers) -> Stroke:
        name = modifiers.chord(key_name(code))
        if self._layout.is_common_part and modifiers.held <= {"Shift", "AltGr"}:
            why = "languages differ in it, so set the layout of the scanner's own"
        else:
            why = "is the scanner set to another layout?"
        return Stroke(problem=f'{name} types no character in layout "{self._layout.name}": {why}')


class Modifiers:
    """The modifier keys of one keyboard; left and right keys are equivalent."""

    def __init__(self, *, altgr: bool) -> None:
        """Start with no key held.

        Args:
            altgr: The layout has a third level; otherwise the right Alt key is a plain Alt key.
        """
        self._kinds = {**_HELD, _RIGHT_ALT: "AltGr" if altgr else "Alt"}
        self._down: frozenset[int] = frozenset()
        self.held: frozenset[str] = frozenset()
        """The held ones of ``Shift``, ``Ctrl``, ``Alt``, ``AltGr`` and ``Meta``."""
        self.caps = False
        """Caps Lock is on."""

    def is_modifier(self, code: int) -> bool:
        """Whether a key types nothing by itself."""
        return code in self._kinds or code in _LOCKS

    def key(self, code: int, value: int) -> None:
        """Take a press or release of a modifier or lock key."""
        if code == _CAPS_LOCK and value == PRESSED:
            self.caps = not self.caps
        elif code in self._kinds and value == PRESSED:
            self._hold(self._down | {code})
        else:
            self._hold(self._down - {code})

    def release(self) -> None:
        """Release all keys; Caps Lock stays as it is."""
        self._hold(frozenset())

    def take(self, state: KeyState) -> None:
        """Take the keyboard's state from the kernel."""
        self._hold(frozenset(code for code in state.keys if code in self._kinds))
        self.caps = LED_CAPSL in state.leds

    def chord(self, name: str) -> str:
        """A key with the held modifiers, for people: ``Ctrl+Shift+KEY_A``."""
        order = ("Ctrl", "Alt", "AltGr", "Meta", "Shift")
        return "+".join([*(kind for kind in order if kind in self.held), name])

    def _hold(self, down: frozenset[int]) -> None:
        self._down = down
        self.held = frozenset(self._kinds[code] for code in down)
