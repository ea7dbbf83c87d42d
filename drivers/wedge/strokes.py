"""What a pressed key types, or why it types nothing that may be booked.

One key at a time, with the modifiers that are held; what joins several keys to one character (dead keys,
Alt and a number) is `typewriter`'s.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from drivers.wedge.control_keys import CONTROL_KEYS, PLAIN_KEYS
from drivers.wedge.key_codes import ENTER, FUNCTION_KEYS, KEYPAD_ENTER, NAMES, TAB, key_name
from drivers.wedge.layouts import is_dead

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drivers.wedge.layouts import Layout
    from drivers.wedge.modifiers import Modifiers

_ENDING = frozenset({ENTER, KEYPAD_ENTER, TAB})
_FUNCTION_KEY_CODES = frozenset(FUNCTION_KEYS.values())


@dataclass(frozen=True, slots=True)
class Stroke:
    """What came of a key."""

    text: str = ""
    dead: str = ""
    """The name of a dead key, which waits for the next one."""
    problem: str = ""
    """Why the scan can't be taken for what was typed."""


NOTHING = Stroke()


class Strokes:
    """The keys of one scanner: its layout and its function keys."""

    def __init__(self, layout: Layout, function_keys: Mapping[int, str]) -> None:
        self._layout = layout
        self._function_keys = function_keys

    def of(self, code: int, modifiers: Modifiers) -> Stroke:
        """What a key types that goes down while the modifiers are held."""
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
        # It ends the scan all the same, or the next one would be lost with it.
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
