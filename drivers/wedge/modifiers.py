"""Which modifiers of one keyboard are held, and whether its Caps Lock is on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.wedge.key_codes import CODES, LED_CAPSL, PRESSED

if TYPE_CHECKING:
    from drivers.base import KeyState

_HELD = {
    **{CODES[name]: "Shift" for name in ("LEFTSHIFT", "RIGHTSHIFT")},
    **{CODES[name]: "Ctrl" for name in ("LEFTCTRL", "RIGHTCTRL")},
    **{CODES[name]: "Meta" for name in ("LEFTMETA", "RIGHTMETA")},
    CODES["LEFTALT"]: "Alt",
}
_RIGHT_ALT = CODES["RIGHTALT"]
_CAPS_LOCK = CODES["CAPSLOCK"]
# Num Lock is no state of ours: the keypad's digits count as digits either way.
_LOCKS = frozenset({_CAPS_LOCK, CODES["NUMLOCK"], CODES["SCROLLLOCK"]})


class Modifiers:
    """The modifier keys of one keyboard; both keys of a kind count alike."""

    def __init__(self, *, altgr: bool) -> None:
        """Start with nothing held.

        Args:
            altgr: The layout has a third level; otherwise the right Alt key is a plain one.
        """
        self._kinds = {**_HELD, _RIGHT_ALT: "AltGr" if altgr else "Alt"}
        self._down: frozenset[int] = frozenset()
        self.held: frozenset[str] = frozenset()
        """Of ``Shift``, ``Ctrl``, ``Alt``, ``AltGr`` and ``Meta`` those that are held."""
        self.caps = False
        """Caps Lock is on."""

    def is_modifier(self, code: int) -> bool:
        """Whether a key types nothing by itself."""
        return code in self._kinds or code in _LOCKS

    def key(self, code: int, value: int) -> None:
        """A modifier or lock key went down or up."""
        if code == _CAPS_LOCK and value == PRESSED:
            self.caps = not self.caps
        elif code in self._kinds and value == PRESSED:
            self._hold(self._down | {code})
        else:
            self._hold(self._down - {code})

    def release(self) -> None:
        """Nothing is held any more; Caps Lock stays as it is."""
        self._hold(frozenset())

    def take(self, state: KeyState) -> None:
        """The kernel told how the keyboard stands."""
        self._hold(frozenset(code for code in state.keys if code in self._kinds))
        self.caps = LED_CAPSL in state.leds

    def chord(self, name: str) -> str:
        """A key with what is held, as a person would say it: ``Ctrl+Shift+KEY_A``."""
        order = ("Ctrl", "Alt", "AltGr", "Meta", "Shift")
        return "+".join([*(kind for kind in order if kind in self.held), name])

    def _hold(self, down: frozenset[int]) -> None:
        self._down = down
        self.held = frozenset(self._kinds[code] for code in down)
