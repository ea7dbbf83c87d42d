"""Recordings of what ends a scan, of control characters, and of what scans mean.

How scanners type them stands in the keyboard tables of the makers' guides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.recordings.evdev_playing import Recorded, keys, played, scan, typed

if TYPE_CHECKING:
    from tests.recordings.evdev_playing import Events

GS = "\x1d"
GS1_LABEL = f"010400000000000621SN-1{GS}10A7"


def terminators() -> dict[str, Recorded]:
    def ended(ending: str, terminator: str, how: str) -> Recorded:
        chunks = played(scan("SN-1", ending=ending), scan("SN-2", ending=ending))
        return Recorded(how, chunks, ("SN-1", "SN-2"), {"terminator": terminator})

    return {
        "enter": ended("ENTER", "\r", "Enter ends a scan"),
        "keypad-enter": ended("KPENTER", "\r", "the keypad's Enter ends a scan"),
        "ctrl-m": ended("LEFTCTRL+M", "\r", "CR comes as Ctrl+M"),
        "tab": ended("TAB", "\t", "Tab ends a scan"),
        "etx": ended("LEFTCTRL+C", "\x03", "ETX comes as Ctrl+C"),
        "custom": ended("LEFTSHIFT+3", "#", "a character ends a scan"),
        "crlf": Recorded(
            "CR comes as Enter, LF as Ctrl+J",
            played([*scan("SN-1"), *keys("LEFTCTRL+J")], [*scan("SN-2"), *keys("LEFTCTRL+J")]),
            ("SN-1", "SN-2"),
            {"terminator": "\r\n"},
        ),
        "silence": Recorded(
            "silence ends a scan",
            played(typed("SN-1"), typed("SN-2")),
            ("SN-1", "SN-2"),
            {"terminator": "", "gap_ms": 50},
        ),
        "preamble": Recorded(
            "STX comes as Ctrl+B in front; the second scan lost it",
            played(scan("\x02SN-1"), scan("SN-2"), scan("\x02SN-3")),
            ("SN-1", None, "SN-3"),
            {"preamble": "\x02"},
        ),
        "empty-frames": Recorded(
            "Enter twice", played([*scan("SN-1"), *keys("ENTER")], scan("SN-2")), ("SN-1", "SN-2")
        ),
    }


def control_characters() -> dict[str, Recorded]:
    def label(gs: Events, layout: str = "us") -> Events:
        before, after = GS1_LABEL.split(GS)
        return [*typed(f"]C1{before}", layout), *gs, *typed(after, layout), *keys("ENTER")]

    return {
        "ctrl-gs": Recorded("GS comes as Ctrl+]", played(label(keys("LEFTCTRL+RIGHTBRACE"))), (GS1_LABEL,)),
        "ctrl-gs-de": Recorded(
            "GS comes as Ctrl and the key of ] in the United States, whatever the layout",
            played(label(keys("LEFTCTRL+RIGHTBRACE"), "de")),
            (GS1_LABEL,),
            {"layout": "de"},
        ),
        "ctrl-shift-gs": Recorded(
            "GS comes as Ctrl+Shift+]", played(label(keys("LEFTCTRL+LEFTSHIFT+RIGHTBRACE"))), (GS1_LABEL,)
        ),
        "iso-15434": Recorded(
            "RS, GS and EOT come as Ctrl+6, Ctrl+] and Ctrl+D",
            played(scan("[)>\x1e06\x1d1PPROC-1\x1dSSN-1\x1e\x04")),
            ("[)>\x1e06\x1d1PPROC-1\x1dSSN-1\x1e\x04",),
        ),
        "function-key-gs": Recorded(
            "GS comes as F8", played(label(keys("F8"))), (GS1_LABEL,), {"function_keys": {"F8": GS}}
        ),
        "function-key-unknown": Recorded(
            "a function key nothing is known of", played(label(keys("F8")), scan("SN-2")), (None, "SN-2")
        ),
    }


def meanings() -> dict[str, Recorded]:
    return {
        "commands": Recorded(
            "command barcodes, a document and a badge",
            played(*(scan(text) for text in ("$$YES", "$$OPEN CM-1001", "CM-1002", "$$BADGE 17", "SN-1"))),
            ("$$YES", "$$OPEN CM-1001", "CM-1002", "$$BADGE 17", "SN-1"),
        ),
        "commands-fr": Recorded(
            "command barcodes on a French keyboard",
            played(*(scan(text, "fr") for text in ("$$YES", "$$OPEN CM-1001"))),
            ("$$YES", "$$OPEN CM-1001"),
            {"layout": "fr"},
        ),
        "aim": Recorded(
            "AIM identifiers in front: Code 128, GS1-128, Data Matrix",
            played(*(scan(text) for text in ("]C0SN-1", f"]C1{GS1_LABEL}", "]d1SN-3"))),
            ("SN-1", GS1_LABEL, "SN-3"),
        ),
    }
