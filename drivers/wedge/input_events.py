"""Input events of an event node, split into reports, each with the kernel's time.

A late reader gets many reports at once. By the time of reading, two scans with a pause between them would be
one if silence ends a scan, and a scan whose end waited would look incomplete.

The kernel marks dropped events with SYN_DROPPED; the events up to the next SYN_REPORT are the rest of a
report (``Documentation/input/event-codes.rst``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from drivers.base import InputEvent

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
"""Name of a key code without ``KEY_``; other keys have only a number."""

CODES = {name: code for code, name in NAMES.items()}
"""Key code of a name."""

FUNCTION_KEYS = {f"F{number}": CODES[f"F{number}"] for number in range(1, 25)}
KEYPAD_DIGITS = {CODES[f"KP{digit}"]: str(digit) for digit in range(10)}
KEYPAD = frozenset(code for name, code in CODES.items() if name.startswith("KP"))
ENTER, KEYPAD_ENTER, TAB = CODES["ENTER"], CODES["KPENTER"], CODES["TAB"]


def key_name(code: int) -> str:
    """A key's name in messages."""
    name = NAMES.get(code)
    return f"KEY_{name}" if name else f"key {code}"


@dataclass(frozen=True, slots=True)
class EventPacket:
    """The events of one report, its SYN_REPORT last, or as many as a read returned."""

    events: tuple[InputEvent, ...]
    t: float
    """The kernel's time of the first event, in seconds."""


def packets(events: Iterable[ReadEvent]) -> Iterator[EventPacket]:
    """Split one read into packets."""
    under_way: list[InputEvent] = []
    t = 0.0
    for event in events:
        if not under_way:
            t = event.sec + event.usec / 1_000_000
        under_way.append((event.type, event.code, event.value))
        if event.type == EV_SYN and event.code == SYN_REPORT:
            yield EventPacket(tuple(under_way), t)
            under_way = []
    if under_way:
        yield EventPacket(tuple(under_way), t)


class Gap:
    """Tracks the marks of dropped events across packets and reads."""

    def __init__(self) -> None:
        self._is_open = False

    def ends_in(self, packet: EventPacket) -> bool:
        """Whether a packet is the last unreliable one."""
        kinds = [(kind, code) for kind, code, _value in packet.events]
        self._is_open = self._is_open or (EV_SYN, SYN_DROPPED) in kinds
        if self._is_open and kinds[-1] == (EV_SYN, SYN_REPORT):
            self._is_open = False
            return True
        return False


class ReadEvent(Protocol):
    """One input event."""

    sec: int
    """The kernel's time of the event, on the monotonic clock."""
    usec: int
    type: int
    code: int
    value: int


class InputNode(Protocol):
    """An open event node; each call raises OSError if the device is gone."""

    @property
    def fd(self) -> int:
        """The descriptor, which is ready when there are events to read."""

    def read(self) -> Iterable[ReadEvent]:
        """Read once.

        Raises:
            BlockingIOError: there are no events.
        """

    def grab(self) -> None:
        """Grab the device for this descriptor (``EVIOCGRAB``).

        Raises:
            OSError: EBUSY: another process has grabbed it.
        """

    def active_keys(self) -> list[int]:
        """The keys that are down (``EVIOCGKEY``); removes older key events from the queue."""

    def leds(self) -> list[int]:
        """The LEDs that are on (``EVIOCGLED``)."""

    def close(self) -> None:
        """Close the descriptor, which releases the device."""
