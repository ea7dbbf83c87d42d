"""Recordings of what may go wrong with a scan that is typed."""

from __future__ import annotations

from drivers.base import Chunk, KeyState
from drivers.wedge.input_events import CODES, EV_KEY, PRESSED, RELEASED
from tests.drivers.wedge.typist import SYNCHRONISED
from tests.recordings.evdev_playing import Recorded, after_a_gap, key, keys, played, scan, typed

LONG_PAUSE_S = 4.0
"""Longer than a scan may take to go on."""


def faults() -> dict[str, Recorded]:
    repeats = [(EV_KEY, CODES["1"], 2), SYNCHRONISED] * 5
    held = [
        (EV_KEY, CODES["1"], PRESSED),
        SYNCHRONISED,
        *repeats,
        (EV_KEY, CODES["1"], RELEASED),
        SYNCHRONISED,
    ]
    good = played(scan("SN-2"))
    mid = played(typed("SN-"))
    return {
        "autorepeat": Recorded(
            "a key is held and repeats", played([*typed("SN-"), *held, *keys("ENTER")]), ("SN-1",)
        ),
        "unmapped-key": Recorded(
            "a key without a character in the middle of a scan",
            played([*typed("SN-"), *keys("HOME"), *scan("1")], scan("SN-2")),
            (None, "SN-2"),
        ),
        "alt-letter": Recorded(
            "Alt and a letter",
            played([*typed("SN-"), *keys("LEFTALT+A"), *scan("1")], scan("SN-2")),
            (None, "SN-2"),
        ),
        "dropped-mid-scan": Recorded(
            "the system lost events in the middle of a scan",
            after_a_gap(mid, played(scan("1"), scan("SN-2")), KeyState()),
            (None, "SN-2"),
        ),
        "dropped-between-scans": Recorded(
            "the system lost events after a scan, perhaps the beginning of the next one",
            after_a_gap(played(scan("SN-1")), played(scan("SN-2"), scan("SN-3")), KeyState()),
            ("SN-1", None, "SN-3"),
        ),
        "dropped-shift": Recorded(
            "the system lost the release of Shift and says so; then of Caps Lock, by its LED",
            after_a_gap(
                played([*typed("SN-"), *key("LEFTSHIFT", PRESSED)]),
                played(scan("1"), keys("S", "LEFTSHIFT+N", "ENTER")),
                KeyState(leds=frozenset({1})),
            ),
            (None, "Sn"),
        ),
        "dropped-without-state": Recorded(
            "the system lost the release of Shift; a recording that does not say how the keyboard stood",
            after_a_gap(
                played([*typed("SN-"), *key("LEFTSHIFT", PRESSED)]), played(scan("1"), scan("sn2")), None
            ),
            (None, "sn2"),
        ),
        "held-at-opening": Recorded(
            "a key of a scan was down when reading began; the scan after that is good",
            played(
                [*key("1", RELEASED), *scan("23")], scan("SN-2"), key_state=KeyState(frozenset({CODES["1"]}))
            ),
            (None, "SN-2"),
        ),
        "incomplete-then-good": Recorded(
            "a scan lost its end", played(typed("SN-1"), scan("SN-2"), pause_s=LONG_PAUSE_S), (None, "SN-2")
        ),
        "incomplete-at-end": Recorded(
            "the recording ends in a scan", played(scan("SN-1"), typed("SN-2")), ("SN-1", None)
        ),
        "overlong": Recorded(
            "longer than max_length",
            played(scan("SN-123456789"), scan("SN-2")),
            (None, "SN-2"),
            {"max_length": 8},
        ),
        "late-reader": Recorded(
            "two scans in one read",
            [Chunk(b"", 0.0, (*scan("SN-1"), *scan("SN-2")), KeyState())],
            ("SN-1", "SN-2"),
        ),
        "other-events": Recorded(
            "scan codes, LEDs, repeat rates and a mouse's movements between the keys",
            [
                Chunk(b"", each.t, ((4, 4, 458_756), *each.events, (17, 1, 1), (20, 0, 250), (2, 0, -3)))
                for each in good
            ],
            ("SN-2",),
        ),
    }
