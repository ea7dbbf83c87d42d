"""Turns key events into text; holds the state of one keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.wedge.composing import AltNumpad, compose
from drivers.wedge.input_events import KEYPAD_DIGITS, PRESSED, RELEASED, key_name
from drivers.wedge.strokes import NOTHING, Modifiers, Stroke, Strokes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drivers.base import KeyState
    from drivers.wedge.layouts import Layout


class Typewriter:
    """One keyboard: its modifiers, and the keys typed so far for the next character.

    A key types when it is pressed, never by autorepeat.
    """

    def __init__(self, layout: Layout, function_keys: Mapping[int, str], *, compose_dead_keys: bool) -> None:
        self._layout = layout
        self._strokes = Strokes(layout, function_keys)
        self._compose = compose_dead_keys
        self._modifiers = Modifiers(altgr=layout.altgr)
        self._numpad = AltNumpad()
        self._dead = ""

    @property
    def pending(self) -> str:
        """The problem with an incomplete character; empty: there is none."""
        if self._numpad.digits:
            return f"Alt+{self._numpad.digits} was never finished"
        return f"{self._dead} had no key after it" if self._dead else ""

    def drop_pending(self) -> None:
        """Discard an incomplete character; held keys stay held."""
        self._numpad.digits = ""
        self._dead = ""

    def release(self) -> None:
        """Reset to a keyboard with no key held."""
        self.drop_pending()
        self._modifiers.release()

    def take(self, state: KeyState) -> str:
        """Take the keyboard's state from the kernel.

        Returns:
            Why the next text may lack its beginning; empty: no typing key is held.
        """
        self.drop_pending()
        self._modifiers.take(state)
        for code in sorted(state.keys):
            stroke = self._strokes.of(code, Modifiers(altgr=self._layout.altgr))
            if not self._modifiers.is_modifier(code) and (stroke.dead or stroke.text >= " "):
                return f"{key_name(code)} was held when reading began: the scan may lack its beginning"
        return ""

    def key(self, code: int, value: int) -> Stroke:
        """Take a key event; autorepeat types nothing."""
        if value not in (PRESSED, RELEASED):
            return NOTHING
        if self._modifiers.is_modifier(code):
            self._modifiers.key(code, value)
            return self._commit() if self._numpad.digits and "Alt" not in self._modifiers.held else NOTHING
        return self._press(code) if value == PRESSED else NOTHING

    def _commit(self) -> Stroke:
        digits = self._numpad.digits
        try:
            return self._join(Stroke(self._numpad.commit()))
        except ValueError as error:
            return self._join(Stroke(problem=f"Alt+{digits} {error}"))

    def _press(self, code: int) -> Stroke:
        if code in KEYPAD_DIGITS and self._modifiers.held == {"Alt"}:
            self._numpad.digit(KEYPAD_DIGITS[code])
            return NOTHING
        stroke = self._strokes.of(code, self._modifiers)
        if self._numpad.digits:
            pending, self._numpad.digits = self.pending, ""
            stroke = Stroke(stroke.text, problem=pending)
        if stroke.dead and not self._compose:
            name = self._modifiers.chord(key_name(code))
            return Stroke(
                problem=f'{name} is a dead key ({stroke.dead}) in layout "{self._layout.name}"; '
                'dead_keys = "compose" joins it with the next key'
            )
        return self._join(stroke)

    def _join(self, stroke: Stroke) -> Stroke:
        """Join a stroke with the preceding dead key, if there is one."""
        dead, self._dead = self._dead, stroke.dead
        if not dead or stroke.problem:
            return stroke
        if joined := compose(self._layout.name, dead, stroke.text):
            return Stroke(joined)
        self._dead = ""
        return Stroke(stroke.text, problem=f"{dead} joins to no certain character with what came after it")
