"""Recordings of scanners set to each layout."""

from __future__ import annotations

from tests.recordings.evdev_playing import Recorded, played, scan

LAYOUT_TEXTS = {
    "us": "SN-@#\\|\"'^&*()[]{}<>?/_yzYZ",
    "uk": "SN-\u00a3@#~\\|\"'\u00ac\u20ac[]{}yzYZ",
    "de": "SN-\u00e4\u00f6\u00fc\u00df\u00c4\u00d6\u00dc\u20ac@{[]}\\|~#'+*\u00a7\u00b0yzYZ/_",
    "fr": "SN-\u00e9\u00e8\u00e7\u00e0\u00f9\u20ac@#{[|\\]}_aqzwmAQZWM0123456789.;:!",
    "es": "SN-\u00f1\u00d1\u00e7\u00c7\u00a1\u00bf\u00ba\u00aa\u20ac@#|\\[]{}'\"yz/",
    "it": "SN-\u00e0\u00e8\u00e9\u00ec\u00f2\u00f9\u00e7\u00b0\u00a7\u00a3\u20ac@#[]{}\\|'yz",
    "ch-de": "SN-\u00e4\u00f6\u00fc\u00e9\u00e0\u00e8$\u00a3\u20ac@#|[]{}\\yzYZ'",
    "ch-fr": "SN-\u00e9\u00e0\u00e8\u00e4\u00f6\u00fc$\u00a3\u20ac@#|[]{}\\yzYZ'",
    "se": "SN-\u00e5\u00e4\u00f6\u00c5\u00c4\u00d6\u00a7\u00bd@\u00a3$\u20ac{[]}\\|'*<>",
    "no": "SN-\u00e5\u00e6\u00f8\u00c5\u00c6\u00d8\u00a7@\u00a3$\u20ac{[]}\\|'*<>",
    "dk": "SN-\u00e5\u00e6\u00f8\u00c5\u00c6\u00d8\u00bd@\u00a3$\u20ac{[]}\\|'*<>",
    "fi": "SN-\u00e5\u00e4\u00f6\u00c5\u00c4\u00d6\u00a7\u00bd@\u00a3$\u20ac{[]}\\|'*<>",
    "us-international": "SN-\u00e4\u00e5\u00e9\u00fe\u00fc\u00fa\u00ed\u00f3\u00f6\u00e1\u00df\u00f0\u00f8"
    "\u00e6\u00f1\u00b5\u00e7\u00c4\u20ac@#\\|'\"",
    "nordic": "SN-\u00e5\u00c5@\u00a3$\u20ac{[]}'*<>()=?+_/yz",
}
"""A label of the characters in which each layout differs from others."""


def layouts() -> dict[str, Recorded]:
    return {
        f"layout-{name}": Recorded(
            f"a scanner set to {name}: a label of characters that others have elsewhere, and a plain one",
            played(scan(text, name), scan("SN-0123456789", name)),
            (text, "SN-0123456789"),
            {"layout": name},
        )
        for name, text in LAYOUT_TEXTS.items()
    } | {
        "layout-nordic-differs": Recorded(
            "what Swedish and Norwegian differ in, typed for layout nordic",
            played(scan("SN-\u00f6", "se"), scan("SN-2", "se")),
            (None, "SN-2"),
            {"layout": "nordic"},
        ),
        "layout-wrong": Recorded(
            "a scanner set to de read as us: a character de has and us has not",
            played(scan("SN-\u20ac", "de"), scan("SN2", "de")),
            (None, "SN2"),
            {"layout": "us"},
        ),
    }
