"""Event types, key codes and their names, numbers of the kernel's ``linux/input-event-codes.h``.

A key code names a *position* on the keyboard (by what is printed there in the United States), never a
character: that is the layout's business.
"""

from __future__ import annotations

EV_SYN, EV_KEY = 0, 1
SYN_REPORT, SYN_DROPPED = 0, 3
RELEASED, PRESSED = 0, 1
"""Values of a key event; 2 is autorepeat."""
LED_CAPSL = 1

_NAMES = (
    "ESC 1 2 3 4 5 6 7 8 9 0 MINUS EQUAL BACKSPACE TAB Q W E R T Y U I O P LEFTBRACE RIGHTBRACE ENTER "
    "LEFTCTRL A S D F G H J K L SEMICOLON APOSTROPHE GRAVE LEFTSHIFT BACKSLASH Z X C V B N M COMMA DOT "
    "SLASH RIGHTSHIFT KPASTERISK LEFTALT SPACE CAPSLOCK F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 NUMLOCK SCROLLLOCK "
    "KP7 KP8 KP9 KPMINUS KP4 KP5 KP6 KPPLUS KP1 KP2 KP3 KP0 KPDOT"
)
_LATER_NAMES = (
    "102ND F11 F12 RO KATAKANA HIRAGANA HENKAN KATAKANAHIRAGANA MUHENKAN KPJPCOMMA KPENTER RIGHTCTRL KPSLASH "
    "SYSRQ RIGHTALT LINEFEED HOME UP PAGEUP LEFT RIGHT END DOWN PAGEDOWN INSERT DELETE MACRO MUTE VOLUMEDOWN "
    "VOLUMEUP POWER KPEQUAL KPPLUSMINUS PAUSE SCALE KPCOMMA HANGEUL HANJA YEN LEFTMETA RIGHTMETA COMPOSE"
)
_F13 = 183

NAMES = {
    **dict(enumerate(_NAMES.split(), start=1)),
    **dict(enumerate(_LATER_NAMES.split(), start=86)),
    **{_F13 + number: f"F{13 + number}" for number in range(12)},
    179: "KPLEFTPAREN",
    180: "KPRIGHTPAREN",
}
"""Key code to its name without ``KEY_``; other keys have a number only."""

CODES = {name: code for code, name in NAMES.items()}
"""The other way round."""

FUNCTION_KEYS = {f"F{number}": CODES[f"F{number}"] for number in range(1, 25)}
KEYPAD_DIGITS = {CODES[f"KP{digit}"]: str(digit) for digit in range(10)}
KEYPAD = frozenset(code for name, code in CODES.items() if name.startswith("KP"))
ENTER, KEYPAD_ENTER, TAB = CODES["ENTER"], CODES["KPENTER"], CODES["TAB"]


def key_name(code: int) -> str:
    """A key as a message calls it."""
    name = NAMES.get(code)
    return f"KEY_{name}" if name else f"key {code}"
