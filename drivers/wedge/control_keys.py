"""Control characters typed as Ctrl and a key: by the key's place on a United States keyboard, in any layout.

So the keyboard tables of scanner makers' guides have it. With Ctrl, Shift changes nothing: some scanners
hold it too, and RS, US and NUL have their signs (``^``, ``_``, ``@``) on shifted keys.
"""

from __future__ import annotations

import string

from drivers.wedge.key_codes import CODES

CONTROL_KEYS = {
    **{CODES[letter]: chr(ord(letter) - ord("@")) for letter in string.ascii_uppercase},
    CODES["2"]: "\x00",
    CODES["LEFTBRACE"]: "\x1b",
    CODES["BACKSLASH"]: "\x1c",
    CODES["RIGHTBRACE"]: "\x1d",
    CODES["6"]: "\x1e",
    CODES["MINUS"]: "\x1f",
}
"""Key code to the control character that Ctrl makes of it."""

PLAIN_KEYS = {
    CODES["ENTER"]: "\r",
    CODES["KPENTER"]: "\r",
    CODES["TAB"]: "\t",
    CODES["BACKSPACE"]: "\b",
    CODES["ESC"]: "\x1b",
}
"""Keys that type a control character by themselves, in every layout."""
