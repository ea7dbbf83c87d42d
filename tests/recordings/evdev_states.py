"""Recordings of keyboards with a state: locks, dead keys, Alt and numbers."""

from __future__ import annotations

from drivers.base import KeyState
from drivers.wedge.input_events import PRESSED, RELEASED
from tests.drivers.wedge.typist import alt_numpad
from tests.recordings.evdev_playing import Events, Recorded, key, keys, played, scan, typed

LONG_PAUSE_S = 4.0
"""Longer than a scan may take to go on."""


def alt_numbers() -> dict[str, Recorded]:
    def numbered(*numbers: str, ending: Events) -> Events:
        return [*(event for number in numbers for event in alt_numpad(number)), *ending]

    enter = keys("ENTER")
    label = [f"{ord(character):04}" for character in "SN-\u00e4\u00e91"]
    return {
        "alt-numpad": Recorded(
            "every character as Alt and 0nnn, CR too, Num Lock pressed first; the layout does not matter",
            played([*keys("NUMLOCK"), *numbered(*label, "0013", ending=[])]),
            ("SN-\u00e4\u00e91",),
            {"layout": "fr"},
        ),
        "alt-numpad-three-digits": Recorded(
            "Alt and nnn: ASCII, GS as 029, and what code pages 437 and 850 agree in",
            played(numbered("083", "078", "45", "029", "132", "130", ending=enter)),
            ("SN-\x1d\u00e4\u00e9",),
        ),
        "alt-numpad-uncertain": Recorded(
            "numbers without a certain character",
            played(
                numbered("083", "155", ending=enter),
                numbered("083", "0129", ending=enter),
                numbered("083", "29", ending=enter),
                scan("SN-2"),
            ),
            (None, None, None, "SN-2"),
        ),
        "alt-numpad-unfinished": Recorded(
            "Alt is released only when the next scan begins",
            played(
                [*typed("SN"), *key("LEFTALT", PRESSED), *keys("KP0", "KP4")],
                [*key("LEFTALT", RELEASED), *scan("SN-2")],
                pause_s=LONG_PAUSE_S,
            ),
            (None, "SN-2"),
        ),
    }


def locks() -> dict[str, Recorded]:
    caps, num_lock = keys("CAPSLOCK"), keys("NUMLOCK")
    keypad = keys("KP1", "KP2", "KP3", "KPMINUS", "KP4", "KP5", "KP6", "KP7", "KP8", "KP9", "KP0")
    return {
        "caps-lock": Recorded(
            "the scanner turns Caps Lock on, types capitals without Shift, and turns it off",
            played(
                [*caps, *keys("S", "N", "MINUS", "1", "LEFTSHIFT+A"), *caps, *keys("ENTER")], scan("SN-2")
            ),
            ("SN-1a", "SN-2"),
        ),
        "caps-lock-led": Recorded(
            "Caps Lock was on at opening",
            played(keys("S", "N", "MINUS", "1", "ENTER"), key_state=KeyState(leds=frozenset({1}))),
            ("SN-1",),
        ),
        "caps-lock-shift": Recorded(
            "Caps Lock is on; Shift turns letters to small ones and digits to signs",
            played([*caps, *keys("LEFTSHIFT+S", "LEFTSHIFT+1", "SEMICOLON", "ENTER")]),
            ("s!\u00d1",),
            {"layout": "es"},
        ),
        "num-lock": Recorded(
            "digits on the keypad, with Num Lock as it was and turned over",
            played([*keypad, *keys("KPENTER")], [*num_lock, *keypad, *keys("KPENTER")]),
            ("123-4567890", "123-4567890"),
        ),
        "shift-held": Recorded(
            "Shift is held over several keys",
            played(
                [
                    *key("LEFTSHIFT", PRESSED),
                    *keys("S", "N"),
                    *key("LEFTSHIFT", RELEASED),
                    *keys("1", "ENTER"),
                ]
            ),
            ("SN1",),
        ),
    }


def dead_keys() -> dict[str, Recorded]:
    label = [*typed("SN-", "de"), *keys("EQUAL", "E", "ENTER")]
    compose: dict[str, object] = {"layout": "de", "dead_keys": "compose"}
    quote = [*typed("SN"), *keys("APOSTROPHE", "SPACE"), *scan("1")]
    return {
        "dead-key-rejected": Recorded(
            "a dead key, and nothing says that the scanner composes",
            played(label, scan("SN-2", "de")),
            (None, "SN-2"),
            {"layout": "de"},
        ),
        "dead-key-composed": Recorded(
            "acute and e make one character, circumflex and space another",
            played(label, [*typed("SN-", "de"), *keys("GRAVE", "SPACE", "ENTER")]),
            ("SN-\u00e9", "SN-^"),
            compose,
        ),
        "dead-key-uncertain": Recorded(
            "acute and 1 make nothing that is certain",
            played([*typed("SN-", "de"), *keys("EQUAL", "1", "ENTER")], scan("SN-2", "de")),
            (None, "SN-2"),
            compose,
        ),
        "dead-key-quote": Recorded(
            "the quote of us-international is a dead key and a space",
            played(quote),
            ("SN'1",),
            {"layout": "us-international", "dead_keys": "compose"},
        ),
    }
