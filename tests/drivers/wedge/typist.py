"""Turns text into key events, as a scanner with a layout types it: the decoder's counterpart.

For tests, and for recordings that are built from documents.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.wedge.composing import compose
from drivers.wedge.input_events import (
    CODES,
    ENTER,
    EV_KEY,
    EV_SYN,
    KEYPAD_DIGITS,
    PRESSED,
    RELEASED,
    SYN_REPORT,
    TAB,
)
from drivers.wedge.layouts import is_dead, layout
from drivers.wedge.strokes import CONTROL_KEYS, PLAIN_KEYS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from drivers.base import InputEvent

SYNCHRONISED: InputEvent = (EV_SYN, SYN_REPORT, 0)
Chord = tuple[int, ...]
"""Modifier keys, then the key to press with them."""

_SHIFT, _ALTGR = CODES["LEFTSHIFT"], CODES["RIGHTALT"]
_CTRL, _ALT = CODES["LEFTCTRL"], CODES["LEFTALT"]
_KEYPAD = {digit: code for code, digit in KEYPAD_DIGITS.items()}


def press(*chord: int) -> list[InputEvent]:
    """The events of one report with keys down, modifiers first, and one with all of them up."""
    down = [(EV_KEY, code, PRESSED) for code in chord]
    up = [(EV_KEY, code, RELEASED) for code in chord]
    return [*down, SYNCHRONISED, *up, SYNCHRONISED]


def alt_numpad(digits: str) -> list[InputEvent]:
    """The events of Alt and a number on the keypad."""
    typed = [event for digit in digits for event in press(_KEYPAD[digit])]
    return [(EV_KEY, _ALT, PRESSED), SYNCHRONISED, *typed, (EV_KEY, _ALT, RELEASED), SYNCHRONISED]


class Typist:
    """A scanner with a keyboard layout.

    Control characters are typed as Ctrl and a key; CR and TAB have their own keys.

    Raises:
        DeviceOptionError: on construction: the layout is unknown.
    """

    def __init__(self, layout_name: str, *, caps: bool = False, compose_dead_keys: bool = False) -> None:
        """Configure the scanner.

        Args:
            layout_name: The layout.
            caps: Caps Lock is on, and the scanner knows it.
            compose_dead_keys: A dead key and another key may type characters without a key.
        """
        self._layout = layout(layout_name)
        self._chords: dict[str, tuple[Chord, ...]] = {
            **{text: ((_CTRL, code),) for code, text in CONTROL_KEYS.items()},
            **{text: ((code,),) for code, text in PLAIN_KEYS.items() if code in (ENTER, TAB)},
        }
        dead: dict[str, Chord] = {}
        for code, shift, altgr, typed in self._layout.each(caps=caps):
            chord = (*[_SHIFT] * shift, *[_ALTGR] * altgr, code)
            if is_dead(typed):
                dead.setdefault(typed, chord)
            else:
                self._chords.setdefault(typed, (chord,))
        if compose_dead_keys:
            self._add_composed(dead)

    @property
    def characters(self) -> str:
        """Every character it can type, control characters first."""
        return "".join(sorted(self._chords))

    def events(self, text: str) -> list[InputEvent]:
        """The events that type a text.

        Raises:
            ValueError: the layout lacks one of its characters.
        """
        return [event for chord in self.chords(text) for event in press(*chord)]

    def chords(self, text: str) -> Iterable[Chord]:
        """The keys that type a text, one after the other.

        Raises:
            ValueError: the layout lacks one of its characters.
        """
        for character in text:
            if character not in self._chords:
                raise ValueError(f'layout "{self._layout.name}" has no {character!r}')
            yield from self._chords[character]

    def _add_composed(self, dead_keys: dict[str, Chord]) -> None:
        """Add the characters that dead keys compose."""
        singles = {text: chords for text, chords in self._chords.items() if text >= " "}
        for dead, chord in dead_keys.items():
            for text, chords in singles.items():
                if joined := compose(self._layout.name, dead, text):
                    self._chords.setdefault(joined, (chord, *chords))


def scan(text: str, layout_name: str, ending: int = ENTER) -> list[InputEvent]:
    """The events of one complete scan: a text, then a key that ends it."""
    return [*Typist(layout_name).events(text), *press(ending)]
